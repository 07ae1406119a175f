/* A legal hold, to those who may know of it: since when, by which role, why, until when. */
import type { Hold } from './api';
import { calendarDay, dayAndTime } from './format';
import { messages } from './messages';
import { Facts } from './ui';

const t = messages.hold;

const rolesOf = (roles: string): string => roles.split(',').map((role) => t.roles[role] ?? role).join(', ');

export const HoldFacts = ({ hold }: { hold: Hold }) => (
  <>
    <p>{t.of[hold.of]}</p>
    <Facts
      rows={[
        [t.since, dayAndTime(hold.at)],
        [t.by, rolesOf(hold.by)],
        [t.reason, hold.reason],
        [t.until, hold.until === null ? t.untilLifted : t.untilDay(calendarDay(hold.until))],
        [t.lift, hold.lift_asked_at !== null && t.liftAsked(dayAndTime(hold.lift_asked_at))],
      ]}
    />
  </>
);
