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

/* What changed under the eyes is read before a key means it. */
const settleMs = 1000;

const useSettled = (shown: string): (() => boolean) => {
  const last = useRef({ shown, at: -Infinity });
  if (last.current.shown !== shown) last.current = { shown, at: performance.now() };
  return () => performance.now() - last.current.at >= settleMs;
};

type Placed = Deed & { id: string };

/* A key means one thing as long as the window is open: what is done stays in its place, what comes goes behind. */
const usePlaces = (deeds: Placed[]): Placed[] => {
  const places = useRef<Placed[]>([]);
  const present = new Map(deeds.map((deed) => [deed.id, deed]));
  const kept = places.current.map(({ id, label, run }) => present.get(id) ?? { id, label, run, refused: t.gone });
  places.current = [...kept, ...deeds.filter(({ id }) => kept.every((place) => place.id !== id))];
  return places.current;
};

const ReleaseQuestion = ({ held, isSettled, onYes, onNo }: { held: Held; isSettled(): boolean; onYes(): Promise<void>; onNo(): void }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section>
      <h3 ref={heading} tabIndex={-1}>
        {t.releaseAsk(held.name)}
      </h3>
      <p>{t.releaseHelp}</p>
      <Deeds
        isSettled={isSettled}
        onDone={onNo}
        deeds={[
          { label: t.releaseNo, run: () => Promise.resolve() },
          { label: t.releaseYes, run: onYes },
        ]}
      />
    </section>
  );
};

type Props = { room: Room; dispatch(action: Action): void; onLeave(): void; onClose(): void };

export const HandoverDialog = ({ room, dispatch, onLeave, onClose }: Props) => {
  const { mine, offered } = handoverOf(room);
  const [read, setRead] = useState<string | null>(null);
  const [releasing, setReleasing] = useState<string | null>(null);
  const at = Math.max(0, offered.findIndex(({ id }) => id === read));
  const current = offered[at];
  const released = mine.find(({ id }) => id === releasing);
  const settle = (held: Held, answer: Card | Call): void =>
    dispatch(held.alert ? { type: 'card', card: answer as Card } : { type: 'call', call: answer as Call });
  const gesture = (held: Held, verb: 'accept' | 'release') => async (): Promise<void> => settle(held, await post<Card | Call>(`${held.path}/${verb}`, {}));
  const isOffered = mine.some(({ claim }) => claim.offered_at !== null);
  const isWhole = mine.every(({ claim }) => claim.offered_at !== null);
  const next = offered[(at + 1) % offered.length];
  const deeds = usePlaces([
    ...offered.map((held) => ({
      id: `accept ${held.id}`,
      label: t.accept(held.name),
      refused: held === current ? undefined : t.readFirst,
      run: gesture(held, 'accept'),
    })),
    ...(next && next !== current ? [{ id: 'next', label: t.next, run: async () => setRead(next.id) }] : []),
    ...(mine.length > 0 && !isWhole ? [{ id: 'offer', label: t.offer, help: t.offerHelp, run: () => post('/api/handover', {}) }] : []),
    ...(isOffered ? [{ id: 'withdraw', label: t.withdraw, run: () => remove('/api/handover') }] : []),
    ...mine.flatMap((held) =>
      held.alert ? [{ id: `release ${held.id}`, label: t.release(held.name), help: t.releaseHelp, run: async () => setReleasing(held.id) }] : [],
    ),
    { id: 'leave', label: t.leave, refused: mine.length > 0 ? t.stillHeld(mine.length) : undefined, run: async () => onLeave() },
  ]);
  /* Somebody took it while the question was there: it is not asked again should it come back. */
  useEffect(() => {
    if (!released) setReleasing(null);
  }, [released === undefined]);
  const isSettled = useSettled([released?.id, ...deeds.map(({ id, refused }) => `${id} ${refused}`)].join());
  if (released)
    return (
      <Dialog title={t.title} onClose={onClose} wide>
        <ReleaseQuestion held={released} isSettled={isSettled} onYes={gesture(released, 'release')} onNo={() => setReleasing(null)} />
      </Dialog>
    );
  return (
    <Dialog title={t.title} onClose={onClose} wide>
      <p class="unseen" role="status">
        {t.said(offered.length, mine.length)}
      </p>
      {current && <Offered key={current.id} held={current} at={at + 1} of={offered.length} />}
      <Mine mine={mine} />
      <Deeds deeds={deeds} isSettled={isSettled} onDone={() => undefined} />
    </Dialog>
  );
};
