import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recording } from '../api';
import { frameAt, levelWord, nextPart, placeOf, withinRecording } from './places';

const stream = (epoch: number, at: number, first: number, next: number) => ({ epoch, began: 0, first, next, frames: next - first, at });
const recording = (milliseconds: number, ...streams: Recording['streams']): Recording => ({
  milliseconds, frames: 0, streams, gaps: [], gaps_more: 0,
});
const two = recording(9000, stream(7, 0, 0, 100), stream(8, 5000, 0, 200));

test('a frame has its place in its own stream, and a place its frame', () => {
  assert.equal(placeOf(two, { epoch: 8, sequence: 10 }), 5200);
  assert.equal(placeOf(two, { epoch: 9, sequence: 0 }), null);
  assert.deepEqual(frameAt(two, 5219), { epoch: 8, sequence: 10 });
  assert.deepEqual(frameAt(two, 0), { epoch: 7, sequence: 0 });
});

test('between two streams it is the last frame before, and before the first one the first', () => {
  assert.deepEqual(frameAt(two, 4000), { epoch: 7, sequence: 99 });
  assert.deepEqual(frameAt(recording(900, stream(7, 0, 20, 45)), 100), { epoch: 7, sequence: 20 });
  assert.equal(frameAt(recording(0), 0), null);
});

test('a place is a whole frame of what is recorded', () => {
  assert.equal(withinRecording(two, -4), 0);
  assert.equal(withinRecording(two, 45), 40);
  assert.equal(withinRecording(two, 10000), 9000);
});

test('what follows is a part, then what is live, or the end', () => {
  const long = recording(100000);
  assert.deepEqual(nextPart(long, 0, 101000), { type: 'part', from: 0, to: 60000 });
  assert.deepEqual(nextPart(long, 60000, 101000), { type: 'part', from: 60000, to: 100000 });
  assert.deepEqual(nextPart(long, 99000, 101000), { type: 'live' });
  assert.deepEqual(nextPart(long, 99800, 103000), { type: 'wait' });
  assert.deepEqual(nextPart(long, 99800, null), { type: 'end' });
});

test('a level has a word', () => {
  assert.deepEqual([0, 0.3, 0.6, 1].map(levelWord), ['none', 'low', 'middle', 'high']);
});
