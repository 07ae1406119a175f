/* Who did something with the file, in words. Pure. */
import type { OwnReading } from '../api';
import { messages } from '../messages';

const t = messages.own.readings;

/** Which group of people, and where they serve. */
export const whoOf = ({ by, roles, service }: OwnReading): string => {
  if (by !== 'account') return t.by[by];
  const list = roles ? roles.split(',').map((role) => t.roles[role] ?? role) : [t.roleGone];
  return [...list, service].filter(Boolean).join(', ');
};

/** What was done; what this page has no words for is said in general. */
export const deedOf = ({ deed, what, in_alert: inAlert }: OwnReading): string => {
  const known = what === null || deed === 'refused' ? undefined : t.things[what];
  if (known) return known;
  return inAlert ? t.inAlert[deed] : t.deeds[deed];
};
