import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameMs } from './frames';
import { levelOf, isVoice } from './level';
import { Timeline } from './timeline';

const started = (): Timeline => new Timeline(0);

const blocks = (timeline: Timeline, from: number, to: number): number => {
  let missing = 0;
  for (let at = from + frameMs; at <= to; at += frameMs) missing += timeline.block(at);
  return missing;
};

test('sound that flows has no gap, late by less than a second neither', () => {
  const timeline = started();
  assert.equal(blocks(timeline, 0, 2000), 0);
  assert.equal(timeline.tick(2900), 0);
  assert.equal(blocks(timeline, 2900, 4000), 0);
});

test('a microphone taken away is a gap while it lasts, and all of it once it is back', () => {
  const timeline = started();
  blocks(timeline, 0, 1000);
  let missing = 0;
  for (let now = 1500; now <= 10500; now += 1000) missing += timeline.tick(now);
  assert.ok(missing > 0);
  missing += timeline.block(11000);
  assert.equal(missing, (11000 - frameMs - 1000) / frameMs);
  assert.equal(timeline.block(11020), 0);
});

test('an audio thread put to sleep is a gap as soon as it is back', () => {
  const timeline = started();
  blocks(timeline, 0, 1000);
  assert.equal(timeline.block(6000 + frameMs), 5000 / frameMs);
});

test('a page held up does not take the blocks that wait for a gap', () => {
  const timeline = started();
  blocks(timeline, 0, 1000);
  timeline.tick(1000);
  assert.equal(timeline.tick(7000), 0);
  assert.equal(blocks(timeline, 1000, 7000), 0);
});

test('a voice is told from a quiet room', () => {
  const tone = (height: number): Float32Array => Float32Array.from({ length: 960 }, (_, i) => height * Math.sin(i / 10));
  assert.ok(isVoice(levelOf(tone(0.1))));
  assert.ok(!isVoice(levelOf(tone(0.001))));
  assert.ok(!isVoice(levelOf(new Float32Array(960))));
});
