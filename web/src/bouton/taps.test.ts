import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounceMs, tapDetector, windowMs } from './taps';

const calls = (...times: number[]): number[] => {
  const isCall = tapDetector();
  return times.filter((at) => isCall(at));
};

test('the third tap within the window is a call, a later one is not', () => {
  assert.deepEqual(calls(0, 700, windowMs), [windowMs]);
  assert.deepEqual(calls(0, 700, windowMs + 1), []);
});

test('a tap too old leaves its place to the next ones', () => {
  assert.deepEqual(calls(0, 1400, 1600, 1700), [1700]);
});

test('one touch told twice is one tap', () => {
  assert.deepEqual(calls(0, 1, 2, bounceMs - 1), []);
  assert.deepEqual(calls(0, 5, 200, 205, 400), [400]);
});

test('fast taps all count', () => {
  assert.deepEqual(calls(0, bounceMs, 2 * bounceMs), [2 * bounceMs]);
});

test('three more taps are another call, one more is not', () => {
  assert.deepEqual(calls(0, 200, 400, 600), [400]);
  assert.deepEqual(calls(0, 200, 400, 600, 800, 1000), [400, 1000]);
});
