/* A call to 17 and an alert of the same person: each says the other, as soon as it is there, and how to make one of them. */
import type { Call, CallAlert, Card } from '../api';
import { messages } from '../messages';
import { Key } from '../ui';
import { isFree, nextCall } from './calls';
import type { Room } from './state';

const t = messages.room.onLine;

/** Those of the person of the alert at hand, as they are now. */
export const callsOfPerson = ({ detail, selected, calls }: Room): Call[] =>
  detail?.id === selected ? (detail?.calls ?? []).flatMap(({ id }) => calls[id] ?? []) : [];

/** Somebody hears this person now. */
export const isOnLine = (calls: Call[]): boolean => calls.some(({ state }) => state === 'talking');

const textOf = (call: Call, identified: boolean, me: string): string => {
  const who = identified ? t.person : t.number;
  if (isFree(call)) return t[call.state === 'ringing' ? 'rings' : 'missed'](who);
  const holder = call.claim?.account;
  const isNow = call.state === 'talking';
  if (!holder) return t.nobody(who);
  if (holder.id === me) return isNow ? t.withYou(who) : t.withYouOver(who);
  return isNow ? t.withOther(who, holder.name) : t.withOtherOver(who, holder.name);
};

const wayOf = (call: Call, card: Card, me: string): string => {
  if (call.alert === card.id) return t.joined;
  if (card.closed || card.test) return '';
  if (isFree(call)) return t.take;
  return !call.claim || call.claim.account.id === me ? t.join : t.joinOther(call.claim.account.name);
};

type Props = { card: Card; room: Room; onOpen(call: string): void };

/** On the alert. Its place is there before there is a call: a live region says what is put in it. */
export const OnLine = ({ card, room, onOpen }: Props) => {
  const calls = callsOfPerson(room);
  const [first] = calls;
  const next = nextCall(room.calls, room.me, calls);
  const opened = next && calls.includes(next) ? next : first;
  const isKnown = (id: string): boolean => room.detail?.calls.some((one) => one.id === id && one.identified) ?? false;
  return (
    <div class="on-line">
      <div role="status">
        {calls.map((call) => (
          <p key={call.id}>
            <strong>{textOf(call, isKnown(call.id), room.me)}</strong> {wayOf(call, card, room.me)}
          </p>
        ))}
      </div>
      {opened && (
        <button type="button" class="quiet" aria-keyshortcuts={opened === next ? '7' : undefined} onClick={() => onOpen(opened.id)}>
          {t.open} {opened === next && <Key name="7" />}
        </button>
      )}
    </div>
  );
};

const holderOf = (card: Card | undefined): string => (card?.claim ? t.alertTaken(card.claim.account.name) : t.alertFree);

/** On the call: the alert that it belongs to, or may join. */
export const OpenAlert = ({ call, opened, card }: { call: Call; opened: CallAlert | undefined; card: Card | undefined }) => (
  <div class="on-line">
    <div role="status">
      {opened && (
        <p>
          <strong>{t.alert(opened.ref, opened.ours ? holderOf(card) : t.alertElsewhere)}</strong> {call.alert === opened.id ? t.joined : t.joinHere}
        </p>
      )}
    </div>
  </div>
);
