import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card, Detail, Entry, Fix } from '../api';
import { neighbour, newlyWarned, newRoom, step, waiting, type Room } from './state';

const me = 'me';
const card = (id: string, raised_at: number, rest: Partial<Card> = {}): Card => ({
  id,
  ref: raised_at,
  state: 'raised',
  test: false,
  silent: false,
  level: 0,
  raised_at,
  device_at: null,
  triggers: 1,
  last_trigger_at: raised_at,
  reasons: ['sos'],
  official: null,
  device: { id: 'd', label: 'd', kind: 'watch', battery: null, signal: null, heard_at: null },
  sound: false,
  fix: null,
  territory: null,
  room: { id: 'r', name: 'r' },
  unit: null,
  claim: null,
  merged_into: null,
  closed: null,
  warnings: [],
  ...rest,
});
const claimedBy = (id: string): Partial<Card> => ({ state: 'claimed', claim: { account: { id, name: id }, at: 1, offered_at: null } });
const fix = (number: number): Fix => ({
  number, at: number, received_at: number, lat: 46.5, lon: 0.3, accuracy: 10, speed: null, course: null, altitude: null, source: 'gnss',
});
const entry = (number: number, kind: Entry['kind'], alert: string, rest: Partial<Entry> = {}): Entry => ({
  number, at: number, kind, alert, actor: { kind: 'system', name: null }, body: {}, ...rest,
});
const entries = (room: Room, ...list: Entry[]): Room =>
  step(room, { type: 'entries', entries: list, cursor: { epoch: 1, number: list.at(-1)?.number ?? 0 } });
const raised = (room: Room, c: Card): Room => entries(room, entry(c.raised_at, 'alert.raised', c.id, { card: c }));

test('the first alert comes up by itself', () => {
  const room = raised(newRoom(me), card('a', 1));
  assert.equal(room.selected, 'a');
});

test('a warning that comes with time alone reaches the card, and is new once', () => {
  const room = raised(newRoom(me), card('a', 1));
  const late = [card('a', 1, { warnings: ['device_lost'], level: 3 }), card('elsewhere', 2, { warnings: ['sms_unsent'] })];
  assert.deepEqual(newlyWarned(room, late).map(({ id }) => id), ['a']);
  const after = step(room, { type: 'warned', cards: late });
  assert.deepEqual(after.cards.a?.warnings, ['device_lost']);
  assert.equal(after.cards.a?.level, 0);
  assert.equal(after.cards.elsewhere, undefined);
  assert.deepEqual(newlyWarned(after, late), []);
});

test('a new alert does not take the place of the one this operator holds', () => {
  let room = raised(newRoom(me), card('a', 1));
  room = step(room, { type: 'card', card: card('a', 1, claimedBy(me)) });
  room = raised(room, card('b', 2));
  assert.equal(room.selected, 'a');
  assert.deepEqual(waiting(room).map(({ id }) => id), ['b']);
});

test('a new alert takes the place of one that somebody else holds', () => {
  let room = raised(newRoom(me), card('a', 1));
  room = step(room, { type: 'card', card: card('a', 1, claimedBy('other')) });
  assert.equal(raised(room, card('b', 2)).selected, 'b');
});

test('a test alert never takes the place of anything', () => {
  const room = raised(newRoom(me), card('a', 1, { test: true }));
  assert.equal(room.selected, null);
});

test('rows keep their places while the pointer is over the list', () => {
  let room = raised(newRoom(me), card('a', 1));
  room = step(room, { type: 'held', held: true });
  room = raised(room, card('b', 2));
  assert.deepEqual(room.order, ['a', 'b']);
  room = step(room, { type: 'held', held: false });
  assert.deepEqual(room.order, ['b', 'a']);
});

test('an alert closed by this operator stays on screen until another is chosen', () => {
  let room = raised(newRoom(me), card('a', 1));
  room = step(room, { type: 'card', card: card('a', 1, { state: 'closed' }) });
  assert.deepEqual(room.order, ['a']);
  room = raised(room, card('b', 2));
  assert.deepEqual(room.order, ['b']);
});

test('a detail read before a fix came does not take it away', () => {
  const read = { ...card('a', 1), trail: [fix(5)], entries: [], fix: fix(5) } as unknown as Detail;
  let room = step(raised(newRoom(me), card('a', 1)), { type: 'detail', detail: read, units: [] });
  room = entries(room, entry(6, 'fix', 'a', { body: { ...fix(6), at: 6 } }));
  room = step(room, { type: 'detail', detail: read, units: [] });
  assert.deepEqual(room.detail?.trail.map(({ number }) => number), [5, 6]);
  assert.equal(room.cards['a']?.fix?.at, 6);
});

test('a fix joins the trail once, and a late one is not where the person is', () => {
  const detail = { ...card('a', 1), trail: [fix(5)], entries: [] } as unknown as Detail;
  let room = raised(newRoom(me), card('a', 1, { fix: fix(5) }));
  room = step(room, { type: 'detail', detail: { ...detail, fix: fix(5) }, units: [] });
  const moves = [6, 6, 7].map((n) => entry(n, 'fix', 'a', { body: { ...fix(n), at: n === 7 ? 4 : n } }));
  room = entries(room, ...moves);
  assert.deepEqual(room.detail?.trail.map(({ number }) => number), [5, 6, 7]);
  assert.equal(room.cards['a']?.fix?.at, 6);
});

test('a list read again forgets what this room no longer sees', () => {
  let room = raised(raised(newRoom(me), card('a', 1)), card('b', 2));
  room = step(room, { type: 'loaded', list: { cursor: { epoch: 2, number: 0 }, alerts: [card('a', 1)], calls: [], unverified: [] } });
  assert.deepEqual(room.order, ['a']);
});

test('what is merged waits for nobody and comes right below the one it is under', () => {
  const list = [card('a', 1, claimedBy(me)), card('b', 2, claimedBy(me)), card('c', 3, { merged_into: { id: 'a', ref: 1 } })];
  const room = list.reduce(raised, newRoom(me));
  assert.deepEqual(room.order, ['b', 'a', 'c']);
  assert.deepEqual(waiting(room), []);
});

test('the keys that walk the list stop at its ends', () => {
  const room = raised(raised(newRoom(me), card('a', 1)), card('b', 2));
  const at = (id: string): Room => ({ ...room, selected: id });
  assert.deepEqual(room.order, ['b', 'a']);
  assert.equal(neighbour(at('b'), 1), 'a');
  assert.equal(neighbour(at('a'), 1), 'a');
  assert.equal(neighbour({ ...room, selected: null }, -1), 'b');
});
