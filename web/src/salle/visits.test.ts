import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../api';
import { visitsOf } from './visits';

const entry = (number: number, kind: Entry['kind'], body: Entry['body']): Entry => ({ number, at: 1000 * number, kind, alert: 'a', actor: { kind: 'device', name: 'Téléphone' }, body });
const body = (visit: string, due_at: number) => ({ visit, place: `chez ${visit}`, person: 'M. X', announced_at: 500, due_at });

test('an alert without a visit has none', () => {
  assert.deepEqual(visitsOf([entry(1, 'alert.raised', {})]), []);
});

test('the last line of a visit says how it stands', () => {
  const lines = [
    entry(1, 'alert.raised', {}),
    entry(2, 'visit.announced', body('a', 9000)),
    entry(3, 'visit.announced', body('b', 8000)),
    entry(4, 'visit.missed', body('a', 9000)),
    entry(5, 'visit.extended', body('a', 12000)),
  ];
  const visits = visitsOf(lines);
  assert.deepEqual(visits.map(({ id, dueAt, isMissed }) => [id, dueAt, isMissed]), [['a', 12000, false], ['b', 8000, false]]);
  assert.equal(visitsOf(lines.slice(0, 4))[0]?.isMissed, true);
  assert.equal(visitsOf([...lines, entry(6, 'visit.ended', body('a', 12000))])[0]?.endedAt, 6000);
});
