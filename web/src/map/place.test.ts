import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearingTo, metresBetween, moved, outlineHolds, type Outline } from './place';

const poitiers = { lat: 46.5802, lon: 0.3404 };

test('a point moved by metres is those metres away, in that direction', () => {
  const there = moved(poitiers, 300, 400);
  assert.ok(Math.abs(metresBetween(poitiers, there) - 500) < 0.5);
  assert.ok(Math.abs(bearingTo(poitiers, there) - 36.87) < 0.1);
  assert.ok(Math.abs(bearingTo(poitiers, moved(poitiers, -100, 0)) - 270) < 0.1);
});

test('an outline does not hold what is in its hole', () => {
  const square = (from: number, to: number): number[][] => [[from, from], [to, from], [to, to], [from, to], [from, from]];
  const outline: Outline = {
    type: 'Feature',
    properties: { code: '0', name: '' },
    geometry: { type: 'Polygon', coordinates: [square(0, 10), square(4, 6)] },
  };
  assert.equal(outlineHolds(outline, { lat: 2, lon: 2 }), true);
  assert.equal(outlineHolds(outline, { lat: 5, lon: 5 }), false);
  assert.equal(outlineHolds(outline, { lat: 5, lon: 11 }), false);
});
