/* Alerts of one event, handled as one: what each device says stays its own, and is seen and heard under the first. */
import { useEffect, useState } from 'preact/hooks';
import type { Card, Detail, Entry } from '../api';
import { momentOf } from '../fix';
import { usePlace } from '../map/position';
import { messages } from '../messages';
import { get } from '../request';
import { fromServer } from '../server';
import { Age, Choices, Deeds, Dialog, Facts, Form, TextField, type Choice, type Deed } from '../ui';
import type { Server } from './acts';
import { nameOf } from './post';
import type { Room } from './state';

const t = messages.room.together;

const titleOf = (card: Card): string => messages.format.colon(messages.room.hand.ref(card.ref), nameOf(card));

export type Family = { parent: Card | null; children: Card[] };

const noChildren: Card[] = [];

export const familyOf = (room: Room, card: Card | undefined): Family => {
  if (!card) return { parent: null, children: noChildren };
  const children = Object.values(room.cards).filter(({ merged_into }) => merged_into?.id === card.id);
  return { parent: card.merged_into ? (room.cards[card.merged_into.id] ?? null) : null, children };
};

/* The lines of all of them in the order of the journal; read again when one of them gets another. */
export const useLines = (detail: Detail | null, children: Card[], told: Record<string, number>): Entry[] => {
  const [others, setOthers] = useState<Record<string, Entry[]>>({});
  const ids = children.map(({ id }) => id);
  useEffect(() => {
    for (const id of ids)
      void get<Detail>(`/api/alerts/${id}`).then(
        ({ entries }) => setOthers((before) => ({ ...before, [id]: entries })),
        () => undefined,
      );
  }, [ids.map((id) => `${id} ${told[id] ?? 0}`).join()]);
  if (!detail || ids.length === 0) return detail?.entries ?? [];
  return [...detail.entries, ...ids.flatMap((id) => others[id] ?? [])].sort((a, b) => a.number - b.number);
};

const Where = ({ card }: { card: Card }) => {
  const place = usePlace(card.fix);
  if (!card.fix) return <>{t.noPosition}</>;
  return (
    <>
      {place} <span class="muted">(<Age since={momentOf(card.fix)} />)</span>
    </>
  );
};

const callsOf = (card: Card): number => (card.state === 'closed' ? 0 : (card.merged_into?.calls ?? 0));

/* What its own page says in big letters: whoever has the first one looks at that one's page. */
const troubleOf = (card: Card): string[] => [
  ...(callsOf(card) > 0 ? [t.again(callsOf(card))] : []),
  ...(card.silent ? [t.silent] : []),
  ...card.warnings.map((warning) => messages.alert.warnings[warning]),
];

const Trouble = ({ said }: { said: string[] }) => (
  <ul class="together-trouble">
    {said.map((text) => (
      <li key={text}>{text}</li>
    ))}
  </ul>
);

/** Under the hero: that it is not alone, and where the other devices are. */
export const Together = ({ card, family, heard }: { card: Card; family: Family; heard: string | null }) => {
  if (card.merged_into)
    return (
      <p class="together">
        <strong>{t.under(card.merged_into.ref)}</strong> {t.underText}
      </p>
    );
  if (family.children.length === 0) return null;
  return (
    <section class="together" aria-label={t.heading}>
      {family.children.map((child) => (
        <Facts
          key={child.id}
          compact
          rows={[
            [titleOf(child), child.device.label ?? ''],
            [t.trouble, troubleOf(child).length > 0 && <Trouble key="trouble" said={troubleOf(child)} />],
            [t.reasons, child.reasons.map((reason) => messages.alert.reasons[reason]).join(', ')],
            [t.position, <Where key="where" card={child} />],
            [t.sound, child.sound && (heard === child.id ? t.heardNow : t.heardByKey)],
          ]}
        />
      ))}
    </section>
  );
};

/** Those under it that called since, and that closing it closes too. */
export const calledAgain = ({ children }: Family): Card[] =>
  children.filter((card) => !card.test && callsOf(card) > 0);

const isCandidate = (card: Card, other: Card): boolean =>
  other.id !== card.id && other.state !== 'closed' && other.claim !== null && !other.merged_into && other.test === card.test;

const MergeForm = ({ card, room, server, onClose }: { card: Card; room: Room; server: Server; onClose(): void }) => {
  const ours = (other: Card): boolean => other.official?.id === card.official?.id && card.official !== null;
  const others = Object.values(room.cards)
    .filter((other) => isCandidate(card, other))
    .sort((a, b) => Number(ours(b)) - Number(ours(a)) || a.ref - b.ref);
  const choices: Choice[] = others.map((other) => ({
    value: other.id,
    label: titleOf(other),
    detail: [ours(other) ? t.same : t.notSame, other.claim?.account.name].filter(Boolean).join(', '),
  }));
  const [into, setInto] = useState<string | null>(choices[0]?.value ?? null);
  const [reason, setReason] = useState('');
  const chosen = others.find(({ id }) => id === into);
  const needsReason = chosen !== undefined && !ours(chosen);
  const said = reason.trim();
  if (choices.length === 0) return <p>{t.none}</p>;
  return (
    <Form
      save={t.merge}
      onSave={() => server.card('merge', `/api/alerts/${card.id}/merge`, said ? { into, reason: said } : { into })}
      onDone={onClose}
      check={() => (!into ? t.legend : needsReason && !said ? t.reasonNeeded : null)}
    >
      <p>{t.explain}</p>
      <Choices legend={t.legend} choices={choices} value={into} onChoose={setInto} focus />
      <TextField label={needsReason ? t.reasonNeeded : t.reason} value={reason} onInput={setReason} rows={2} />
    </Form>
  );
};

type Props = { card: Card; detail: Detail | null; room: Room; server: Server; onHear(alert: string): void; onOpen(alert: string): void; onClose(): void };

export const TogetherDialog = ({ card, detail, room, server, onHear, onOpen, onClose }: Props) => {
  const { children } = familyOf(room, card);
  const refusals = detail?.refusals ?? {};
  const apart = (child: Card): Deed => ({
    label: t.unmerge(titleOf(child)),
    help: t.unmergeHelp,
    refused: child.id === card.id ? refusals['unmerge'] : undefined,
    run: () => server.card('unmerge', `/api/alerts/${child.id}/unmerge`, {}),
  });
  const into = card.merged_into;
  const deeds: Deed[] = into
    ? [{ label: t.open(messages.room.hand.ref(into.ref)), run: async () => onOpen(into.id) }, apart(card)]
    : [
        ...[card, ...children].filter(({ sound }) => sound).map((one): Deed => ({ label: t.hear(titleOf(one)), run: async () => onHear(one.id) })),
        ...children.flatMap((child): Deed[] => [{ label: t.open(titleOf(child)), run: async () => onOpen(child.id) }, apart(child)]),
      ];
  const isAlone = !into && children.length === 0;
  return (
    <Dialog title={t.heading} onClose={onClose} wide>
      {isAlone && refusals['merge'] && <p>{fromServer(refusals['merge'])}</p>}
      {isAlone && !refusals['merge'] && <MergeForm card={card} room={room} server={server} onClose={onClose} />}
      {!isAlone && <Deeds deeds={deeds} onDone={onClose} />}
    </Dialog>
  );
};
