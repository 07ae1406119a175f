import assert from 'node:assert/strict';
import { test } from 'node:test';

/* What a page remembers of somebody who chose English. */
Object.defineProperty(globalThis, 'localStorage', { value: { getItem: () => 'en' }, configurable: true });
const { age, coordinates, dayAndTime, distance, shortAge } = await import('./format');
const { messages } = await import('./messages');

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

test('the choice remembered is the language of the texts', () => {
  assert.equal(messages.close, 'Close window');
});

test('numbers and moments are written as in English', () => {
  assert.deepEqual([849.6, 6249, 24400].map((m) => spaced(distance(m))), ['850 m', '6.2 km', '24 km']);
  assert.equal(spaced(age((3 * 86400 + 4 * 3600) * 1000)), '3 d 4 h');
  assert.equal(spaced(shortAge(90000e3)), '1 d');
  assert.equal(spaced(coordinates(46.58121, -0.33512)), '46.58121° N, 0.33512° W');
  assert.equal(dayAndTime(new Date(2026, 10, 23, 3, 14).getTime()), '23/11/2026 at 03:14');
});
