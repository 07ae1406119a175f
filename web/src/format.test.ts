import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, coordinates, dayAndTime, distance, phone, shortAge } from './format';

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

test('an age counts in seconds at every size', () => {
  const second = 1000;
  const rows: [number, string][] = [
    [-5 * second, '0 s'],
    [47.9 * second, '47 s'],
    [127 * second, '2 min 07 s'],
    [3727 * second, '1 h 02 min 07 s'],
    [(3 * 86400 + 4 * 3600) * second, '3 j 4 h'],
  ];
  for (const [ms, text] of rows) assert.equal(spaced(age(ms)), text);
});

test('a short age keeps its largest part', () => {
  assert.deepEqual([4e3, 125e3, 3700e3, 90000e3].map((ms) => spaced(shortAge(ms))), ['4 s', '2 min', '1 h', '1 j']);
});

test('a distance loses decimals as it grows', () => {
  assert.deepEqual([849.6, 6249, 24400].map((m) => spaced(distance(m))), ['850 m', '6,2 km', '24 km']);
});

test('a French number is written by pairs, another one as it came', () => {
  assert.equal(spaced(phone('+33612345678')), '06 12 34 56 78');
  assert.equal(spaced(phone('0612345678')), '06 12 34 56 78');
  assert.equal(spaced(phone('+262639123456')), '06 39 12 34 56');
  assert.equal(phone('+352 621 123 456'), '+352 621 123 456');
});

test('coordinates name their hemisphere', () => {
  assert.equal(spaced(coordinates(46.58121, -0.33512)), '46,58121° N, 0,33512° O');
});

test('a moment is a day and an hour', () => {
  assert.equal(dayAndTime(new Date(2026, 10, 23, 3, 14).getTime()), '23/11/2026 à 03:14');
});
