/* Calls to 17: which of them the room shows, and in what order. Pure. */
import type { Call, CallAlert, CallFile, Fix } from '../api';
import { momentOf } from '../fix';
import { phone } from '../format';
import { messages } from '../messages';

export type Calls = Record<string, Call>;

export const callsOf = (list: Call[]): Calls => Object.fromEntries(list.map((call) => [call.id, call]));

/** What is over leaves the list. */
export const withCall = (calls: Calls, call: Call): Calls => {
  const { [call.id]: _, ...others } = calls;
  return call.state === 'closed' ? others : { ...others, [call.id]: call };
};

const stepsOf = ({ answered_at, ended_at, closed_at }: Call): number => [answered_at, ended_at, closed_at].filter((at) => at !== null).length;

/** What a deed answered may come after what the feed said since: of a call that went on meanwhile, or that is over, it says nothing new. */
export const withAnswer = (calls: Calls, call: Call): Calls => {
  const present = calls[call.id];
  const isNews = present && stepsOf(call) >= stepsOf(present) && (call.claim?.at ?? Infinity) >= (present.claim?.at ?? 0);
  return isNews ? withCall(calls, call) : calls;
};

/** Nobody has it: it rings, or nobody came in time. */
export const isFree = (call: Call): boolean => call.state === 'ringing' || call.state === 'missed';

const rank = (call: Call): number => ['ringing', 'missed', 'talking', 'ended', 'closed'].indexOf(call.state);

/** Those that ring first, then those that were missed; within each, who waits longest. */
export const ordered = (calls: Calls): Call[] =>
  Object.values(calls).sort((a, b) => rank(a) - rank(b) || a.rang_at - b.rang_at);

export const ringing = (calls: Calls): Call[] => ordered(calls).filter(({ state }) => state === 'ringing');

/** The call of this operator that is not wrapped up: the one at the telephone before those that ended. */
export const held = (calls: Calls, me: string): Call | undefined => ordered(calls).find(({ claim }) => claim?.account.id === me);

/** What the key of calls opens: one's own first, then who waits; of each, that of the person at hand before the others. */
export const nextCall = (calls: Calls, me: string, ofPerson: Call[]): Call | undefined =>
  ofPerson.find(({ claim }) => claim?.account.id === me) ?? held(calls, me) ?? ofPerson.find(isFree) ?? ordered(calls).find(isFree) ?? ofPerson[0] ?? ordered(calls)[0];

/** "06 12 34 56 78"; what the switch wrote when it is no number; or that there is none. */
export const numberOf = ({ number }: Pick<Call, 'number'>): string => (number ? phone(number) : messages.room.calls.withheld);

/** The alert a call joins: nobody has two real ones open. */
export const openAlertOf = (file: CallFile | null): CallAlert | undefined => file?.person?.alerts.find(({ test }) => !test);

/** Where the person may be: what the telephone said first, then each device, the freshest of them first. */
export const fixesOf = (file: CallFile): { label: string; fix: Fix }[] => {
  const devices = (file.person?.devices ?? []).flatMap(({ label, fix }) => (fix ? [{ label, fix }] : []));
  devices.sort((a, b) => momentOf(b.fix) - momentOf(a.fix));
  return file.fix ? [{ label: messages.room.calls.fixOfCall, fix: file.fix }, ...devices] : devices;
};
