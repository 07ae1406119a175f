/* What the room shows, and how each message changes it. Pure: the store around it does the talking. */
import type { AlertList, Call, Card, Cursor, Detail, Entry, Fix, Unit, Unverified } from '../api';
import { momentOf } from '../fix';
import { callsOf, withAnswer, withCall, type Calls } from './calls';

export type Link = { status: 'connecting' | 'open' } | { status: 'lost'; since: number };

export type Room = {
  told: Record<string, number>; // of each alert, the last entry that brought its card
  me: string; /* the account's id */
  link: Link;
  consoles: number;
  cursor: Cursor | null;
  cards: Record<string, Card>;
  order: string[]; /* of the list */
  held: boolean; /* the pointer is over the list: nothing in it moves */
  selected: string | null;
  detail: Detail | null; /* of the selected alert */
  units: Unit[]; /* for the selected alert */
  lane: Unverified[];
  calls: Calls;
};

export type Action =
  | { type: 'loaded'; list: AlertList }
  | { type: 'entries'; entries: Entry[]; cursor: Cursor }
  | { type: 'beat'; cursor: Cursor; consoles: number }
  | { type: 'lane'; lane: Unverified[] }
  | { type: 'warned'; cards: Card[] }
  | { type: 'link'; link: Link }
  | { type: 'held'; held: boolean }
  | { type: 'select'; alert: string }
  | { type: 'card'; card: Card }
  | { type: 'call'; call: Call }
  | { type: 'detail'; detail: Detail; units: Unit[] };

const keptFixes = 500;

export const newRoom = (me: string): Room => ({
  told: {},
  me,
  link: { status: 'connecting' },
  consoles: 0,
  cursor: null,
  cards: {},
  order: [],
  held: false,
  selected: null,
  detail: null,
  units: [],
  lane: [],
  calls: {},
});

/** A real alert nobody has claimed. */
export const isWaiting = (card: Card): boolean => card.state === 'raised' && !card.test && !card.merged_into;

export const waiting = (room: Room): Card[] =>
  room.order.flatMap((id) => room.cards[id] ?? []).filter(isWaiting);

/* Waiting ones first, then the newest; tests below whatever is real. A closed one stays while it is at hand. */
const arranged = (room: Room): string[] => {
  const shown = Object.values(room.cards).filter((card) => card.state !== 'closed' || card.id === room.selected);
  const isUnder = ({ merged_into }: Card): boolean => merged_into !== null && shown.some(({ id }) => id === merged_into.id);
  /* What is handled under another comes right below it. */
  return shown
    .filter((card) => !isUnder(card))
    .sort((a, b) => Number(isWaiting(b)) - Number(isWaiting(a)) || Number(a.test) - Number(b.test) || b.raised_at - a.raised_at)
    .flatMap(({ id }) => [id, ...shown.filter(({ merged_into }) => merged_into?.id === id).map((under) => under.id)]);
};

/* While the pointer is over the list its rows keep their places: what is new goes below. */
const withOrder = (room: Room): Room => {
  const wanted = arranged(room);
  if (!room.held) return { ...room, order: wanted };
  const kept = room.order.filter((id) => id in room.cards);
  return { ...room, order: [...kept, ...wanted.filter((id) => !kept.includes(id))] };
};

/* An alert comes up by itself unless the one at hand still needs this operator. */
const givesWay = (room: Room): boolean => {
  const card = room.selected ? room.cards[room.selected] : undefined;
  if (!card || card.state === 'closed') return true;
  return card.claim ? card.claim.account.id !== room.me : card.test;
};

const selected = (room: Room, alert: string): Room =>
  room.selected === alert ? room : withOrder({ ...room, selected: alert, detail: null, units: [] });

const comeUp = (room: Room): Room => {
  const next = givesWay(room) && waiting(room)[0];
  return next ? selected(room, next.id) : room;
};

const withCard = (room: Room, card: Card): Room => ({
  ...room,
  cards: { ...room.cards, [card.id]: card },
  detail: room.detail?.id === card.id ? { ...room.detail, ...card } : room.detail,
});

/* A device may send late what it kept: that joins the trail, and is not where the person is now. */
const withFix = (room: Room, alert: string, fix: Fix): Room => {
  const card = room.cards[alert];
  if (!card) return room;
  const isLast = !card.fix || momentOf(card.fix) <= momentOf(fix);
  const placed = isLast ? withCard(room, { ...card, fix }) : room;
  const { detail } = placed;
  if (detail?.id !== alert || detail.trail.some(({ number }) => number === fix.number)) return placed;
  return { ...placed, detail: { ...detail, trail: [...detail.trail, fix].slice(-keptFixes) } };
};

const withLine = (room: Room, entry: Entry): Room => {
  const { detail } = room;
  if (!detail || detail.id !== entry.alert || detail.entries.some(({ number }) => number === entry.number)) return room;
  return { ...room, detail: { ...detail, entries: [...detail.entries, entry] } };
};

const withEntry = (room: Room, entry: Entry): Room => {
  if (entry.call) return { ...room, calls: withCall(room.calls, entry.call) };
  if (entry.kind === 'fix' && entry.alert) return withFix(room, entry.alert, { ...(entry.body as Fix), number: entry.number });
  if (!entry.card) return withLine(room, entry);
  const told = { ...room.told, [entry.card.id]: entry.number };
  return withLine(withCard({ ...room, told }, entry.card), entry);
};

/* A list read again replaces what was known: what it does not name is no longer this room's. */
const loaded = (room: Room, list: AlertList): Room => {
  const cards = Object.fromEntries(list.alerts.map((card) => [card.id, card]));
  const stays = room.selected && room.cards[room.selected];
  if (stays && !(stays.id in cards)) cards[stays.id] = stays;
  const known = comeUp(withOrder({ ...room, cards, cursor: list.cursor, lane: list.unverified, calls: callsOf(list.calls) }));
  const first = known.order[0];
  return known.selected || !first ? known : selected(known, first);
};

/* Warnings that come with time alone (a silent device, an SMS that does not leave) bring no entry. */
const warned = (room: Room, cards: Card[]): Room =>
  cards.reduce((before, { id, warnings }) => {
    const card = before.cards[id];
    return card ? withCard(before, { ...card, warnings }) : before;
  }, room);

/** Those of these cards that warn of something the room does not know yet. */
export const newlyWarned = (room: Room, cards: Card[]): Card[] =>
  cards.filter(({ id, warnings }) => {
    const known = room.cards[id]?.warnings;
    return known && warnings.some((warning) => !known.includes(warning));
  });

/* What the feed brought while the detail was being read is newer than it, and nothing brings it again. */
const newer = <T extends { number?: number }>(read: T[], held: T[]): T[] => {
  const last = read.at(-1)?.number ?? 0;
  return [...read, ...held.filter(({ number }) => (number ?? 0) > last)];
};

const withDetail = (room: Room, detail: Detail, units: Unit[]): Room => {
  if (room.selected !== detail.id) return room;
  const held = room.detail?.id === detail.id ? room.detail : undefined;
  /* A card the feed gave after the detail was read stays: nobody un-claims an alert by answering late. */
  const card = room.cards[detail.id];
  if (card && (room.told[detail.id] ?? 0) > (detail.entries.at(-1)?.number ?? 0)) detail = { ...detail, ...card };
  if (!held) return withOrder({ ...withCard(room, cardOf(detail)), detail, units });
  const trail = newer(detail.trail, held.trail).slice(-keptFixes);
  const fix = trail.length > detail.trail.length ? held.fix : detail.fix;
  const whole = { ...detail, fix, trail, entries: newer(detail.entries, held.entries) };
  return withOrder({ ...withCard(room, cardOf(whole)), detail: whole, units });
};

/* The part of a detail that every card has. */
const cardOf = (detail: Detail): Card => {
  const { phone, address, access, remarks, household, threat_level, reason, calls, contacts, dispatches, trail, entries, history, ...rest } = detail;
  const { connected, listeners, rooms, refusals, ...card } = rest;
  return card;
};

export const step = (room: Room, action: Action): Room => {
  switch (action.type) {
    case 'loaded':
      return loaded(room, action.list);
    case 'entries':
      return comeUp(withOrder({ ...action.entries.reduce(withEntry, room), cursor: action.cursor }));
    case 'beat':
      return { ...room, cursor: action.cursor, consoles: action.consoles };
    case 'lane':
      return { ...room, lane: action.lane };
    case 'warned':
      return warned(room, action.cards);
    case 'link':
      return { ...room, link: action.link };
    case 'held':
      return withOrder({ ...room, held: action.held });
    case 'select':
      return selected(room, action.alert);
    case 'call':
      return { ...room, calls: withAnswer(room.calls, action.call) };
    case 'card':
      return withOrder(withCard(room, action.card));
    case 'detail':
      return withDetail(room, action.detail, action.units);
  }
};

/** The alert so many rows from the one at hand, for the keys that walk the list. */
export const neighbour = (room: Room, rows: 1 | -1): string | undefined => {
  const at = room.selected ? room.order.indexOf(room.selected) : -1;
  return room.order[at < 0 ? 0 : Math.min(room.order.length - 1, Math.max(0, at + rows))];
};
