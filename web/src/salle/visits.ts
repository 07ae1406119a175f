/* Visits the official had announced, out of the lines of their alert. Pure. */
import type { Entry } from '../api';

export type Visit = {
  id: string;
  place: string;
  person: string;
  announcedAt: number;
  dueAt: number;
  isMissed: boolean;
  endedAt: number | null /* the official says that they are back */;
};

const isVisit = ({ kind }: Entry): boolean => kind.startsWith('visit.');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The announced, the longer one, the missed one are lines of the same visit: the last says how it stands. The newest first. */
export const visitsOf = (entries: Entry[]): Visit[] => {
  const visits = new Map<string, Visit>();
  for (const { kind, at, body } of entries.filter(isVisit)) {
    const id = textOf(body['visit']);
    visits.delete(id);
    visits.set(id, {
      id,
      place: textOf(body['place']),
      person: textOf(body['person']),
      announcedAt: Number(body['announced_at'] ?? at),
      dueAt: Number(body['due_at'] ?? at),
      isMissed: kind === 'visit.missed',
      endedAt: kind === 'visit.ended' ? at : null,
    });
  }
  return [...visits.values()].reverse();
};
