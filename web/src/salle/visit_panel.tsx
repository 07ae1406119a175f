/* Where the official had said that they would be, with whom, and how late they are. */
import type { Entry } from '../api';
import { useNow } from '../clock';
import { age, clock } from '../format';
import { messages } from '../messages';
import { Facts } from '../ui';
import { Panel } from './panels';
import { type Visit, visitsOf } from './visits';

const t = messages.room.visit;

const minutesOf = (ms: number): string => messages.button.visit.minutes(Math.max(1, Math.round(ms / 60000)));

const hourAndMinute = (ms: number): string => clock(ms).slice(0, 5);

const Standing = ({ visit }: { visit: Visit }) => {
  const now = useNow();
  if (visit.endedAt !== null) return <p class="visit-standing">{t.ended(hourAndMinute(visit.endedAt))}</p>;
  if (now < visit.dueAt) return <p class="visit-standing">{t.running(age(visit.dueAt - now))}</p>;
  return <p class="visit-standing late">{t.late(age(now - visit.dueAt))}</p>;
};

const VisitFacts = ({ visit }: { visit: Visit }) => (
  <>
    <p class="visit-place">{visit.place}</p>
    <Standing visit={visit} />
    <Facts
      rows={[
        [t.person, visit.person],
        [t.announced, t.announcedFor(hourAndMinute(visit.announcedAt), minutesOf(visit.dueAt - visit.announcedAt))],
        [t.due, hourAndMinute(visit.dueAt)],
      ]}
    />
  </>
);

export const VisitPanels = ({ entries }: { entries: Entry[] }) => (
  <>
    {visitsOf(entries).map((visit) => (
      <Panel key={visit.id} title={t.heading}>
        <VisitFacts visit={visit} />
      </Panel>
    ))}
  </>
);
