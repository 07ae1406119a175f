/* The end of a shift: what one holds is offered, what another offers is read and accepted, one by one. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Call, Card, Detail } from '../api';
import { clock } from '../format';
import { messages } from '../messages';
import { get, post, remove } from '../request';
import { Age, Deeds, Dialog, Facts, Failure, useGesture, type Deed } from '../ui';
import { numberOf, ordered } from './calls';
import { nameOf } from './post';
import { sentenceOf } from './sentence';
import type { Action, Room } from './state';

const t = messages.room.handover;

type Held = { id: string; path: string; name: string; alert: Card | null; call: Call | null; claim: NonNullable<Card['claim']> };

const titleOf = (card: Card): string => `${messages.room.hand.ref(card.ref)}, ${nameOf(card)}`;

const ofAlert = (card: Card): Held[] =>
  card.claim && card.state !== 'closed' && !card.merged_into ? [{ id: card.id, path: `/api/alerts/${card.id}`, name: titleOf(card), alert: card, call: null, claim: card.claim }] : [];

const ofCall = (call: Call): Held[] =>
  call.claim ? [{ id: call.id, path: `/api/calls/${call.id}`, name: messages.format.colon(t.call, numberOf(call)), alert: null, call, claim: call.claim }] : [];

const heldIn = (room: Room): Held[] => [
  ...Object.values(room.cards)
    .sort((a, b) => a.ref - b.ref)
    .flatMap(ofAlert),
  ...ordered(room.calls).flatMap(ofCall),
];

/** What this operator holds, and what others offer. */
export const handoverOf = (room: Room): { mine: Held[]; offered: Held[] } => {
  const held = heldIn(room);
  return {
    mine: held.filter(({ claim }) => claim.account.id === room.me),
    offered: held.filter(({ claim }) => claim.account.id !== room.me && claim.offered_at !== null),
  };
};

/* What somebody else must do, and has not yet. */
const pendingOf = (detail: Detail): string[] => [
  ...detail.warnings.map((warning) => messages.alert.warnings[warning]),
  ...detail.dispatches
    .filter(({ state }) => state === 'sent' || state === 'received' || state === 'en_route')
    .map(({ unit, state }) => messages.format.colon(unit.name, messages.room.units.states[state])),
  ...detail.contacts
    .filter(({ state }) => state === 'queued' || state === 'accepted' || state === 'sent' || state === 'delivered')
    .map(({ name, state }) => messages.format.colon(name, messages.room.contacts.states[state])),
];

const lastLines = 6;

const AlertFacts = ({ card }: { card: Card }) => {
  const [detail, setDetail] = useState<Detail | null>(null);
  const { failure, run } = useGesture();
  useEffect(() => void run(async () => setDetail(await get<Detail>(`/api/alerts/${card.id}`))), [card]);
  if (!detail) return failure ? <Failure text={failure} /> : <p role="status">{messages.loading}</p>;
  const pending = pendingOf(detail);
  const notes = detail.entries.filter(({ kind }) => kind === 'alert.noted');
  return (
    <>
      <Facts
        compact
        rows={[
          [t.state, messages.alert.states[detail.state]],
          [t.raised, <Age key="raised" since={detail.raised_at} />],
          [t.pending, pending.length > 0 ? pending.join(' · ') : t.nothingPending],
          [t.notes, notes.map(({ body }) => String(body['text'] ?? '')).join(' · ')],
        ]}
      />
      <h4>{t.last}</h4>
      <ul class="stack small">
        {detail.entries.slice(-lastLines).map((entry) => {
          const { text, said } = sentenceOf(entry);
          return (
            <li key={entry.number}>
              <span class="muted">{clock(entry.at)}</span> {text}{' '}
              {said && <q class="muted">{said}</q>}
            </li>
          );
        })}
      </ul>
    </>
  );
};

const CallFacts = ({ call }: { call: Call }) => (
  <Facts
    compact
    rows={[
      [t.state, messages.room.calls.states[call.state]],
      [t.rang, <Age key="rang" since={call.rang_at} />],
      [t.line, call.line],
    ]}
  />
);

/* Its heading takes the focus: each is read before the key that accepts it. */
const Offered = ({ held, at, of }: { held: Held; at: number; of: number }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const since = held.claim.offered_at ?? held.claim.at;
  return (
    <article class="offered">
      <h3 ref={heading} tabIndex={-1} autofocus>
        {t.oneOf(at, of)} {held.name}
      </h3>
      <p>{t.from(held.claim.account.name, clock(held.claim.at), clock(since))}</p>
      {held.alert && <AlertFacts card={held.alert} />}
      {held.call && <CallFacts call={held.call} />}
    </article>
  );
};

const Mine = ({ mine }: { mine: Held[] }) => (
  <section>
    <h3>{t.mine(mine.length)}</h3>
    {mine.length === 0 ? (
      <p class="muted">{t.nothingHeld}</p>
    ) : (
      <ul class="stack">
        {mine.map(({ id, name, claim }) => (
          <li key={id}>
            <strong>{name}</strong>, {t.since} <Age since={claim.at} />
            {claim.offered_at !== null && <span class="tag">{t.waits}</span>}
          </li>
        ))}
      </ul>
    )}
  </section>
);

type Props = { room: Room; dispatch(action: Action): void; onLeave(): void; onClose(): void };

export const HandoverDialog = ({ room, dispatch, onLeave, onClose }: Props) => {
  const { mine, offered } = handoverOf(room);
  const [skipped, setSkipped] = useState(0);
  const at = offered.length > 0 ? skipped % offered.length : 0;
  const current = offered[at];
  const settle = (held: Held, answer: Card | Call): void =>
    dispatch(held.alert ? { type: 'card', card: answer as Card } : { type: 'call', call: answer as Call });
  const gesture = (held: Held, verb: 'accept' | 'release') => async (): Promise<void> => settle(held, await post<Card | Call>(`${held.path}/${verb}`, {}));
  const isOffered = mine.some(({ claim }) => claim.offered_at !== null);
  const isWhole = mine.every(({ claim }) => claim.offered_at !== null);
  const deeds: Deed[] = [
    ...(current ? [{ label: t.accept(current.name), run: gesture(current, 'accept') }] : []),
    ...(offered.length > 1 ? [{ label: t.next, run: async () => setSkipped(at + 1) }] : []),
    ...(mine.length > 0 && !isWhole ? [{ label: t.offer, help: t.offerHelp, run: () => post('/api/handover', {}) }] : []),
    ...(isOffered ? [{ label: t.withdraw, run: () => remove('/api/handover') }] : []),
    ...mine.flatMap((held) => (held.alert ? [{ label: t.release(held.name), help: t.releaseHelp, run: gesture(held, 'release') }] : [])),
    { label: t.leave, refused: mine.length > 0 ? t.stillHeld(mine.length) : undefined, run: async () => onLeave() },
  ];
  return (
    <Dialog title={t.title} onClose={onClose} wide>
      <p class="unseen" role="status">
        {t.said(offered.length, mine.length)}
      </p>
      {current && <Offered key={current.id} held={current} at={at + 1} of={offered.length} />}
      <Mine mine={mine} />
      <Deeds deeds={deeds} onDone={() => undefined} />
    </Dialog>
  );
};
