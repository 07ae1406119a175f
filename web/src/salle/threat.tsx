/* How threatened somebody is, and why: said when nobody gave it, for what is missing is asked about. */
import { messages } from '../messages';

const t = messages.room.threat;

/** More than the lines that the hero of a call has for it. */
export const isLong = (reason: string | null): boolean => (reason?.length ?? 0) > 160;

export const levelOf = (level: number | null): string => (level === null ? messages.notGiven : `${level}. ${messages.levels[level - 1]}`);

export const Threat = ({ level, reason }: { level: number | null; reason: string | null }) => (
  <>
    <p class="threat">{messages.format.colon(t.level, levelOf(level))}</p>
    <p class="threat">{messages.format.colon(t.reason, reason ?? messages.notGiven)}</p>
  </>
);
