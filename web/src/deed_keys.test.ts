import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deedKey, deedPlace } from './deed_keys';

test('every button of a long window has a key of its own, that leads to it', () => {
  const keys = Array.from({ length: 36 }, (_, place) => deedKey(place));
  assert.deepEqual([keys[0], keys[8], keys[9], keys[10], keys[35]], ['1', '9', '0', 'A', 'Z']);
  assert.equal(new Set(keys).size, 36);
  keys.forEach((key = '', place) => assert.deepEqual([deedPlace(key), deedPlace(key.toLowerCase())], [place, place]));
});

test('other keys lead nowhere, and who comes behind has none', () => {
  for (const key of ['', 'Enter', 'Escape', ' ', '12', 'é', 'F1']) assert.equal(deedPlace(key), -1, key);
  assert.equal(deedKey(36), undefined);
});
