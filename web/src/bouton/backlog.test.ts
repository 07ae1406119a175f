import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog, type Outgoing } from './backlog';
import { backfillFlag, gapFlag } from './frames';

const sound = (n: number): Uint8Array => Uint8Array.of(0x08, n & 255);

const filled = (frames: number, cap?: number): Backlog => {
  const backlog = new Backlog(cap);
  backlog.begin(7, 1000);
  for (let i = 0; i < frames; i++) backlog.add(sound(i), false);
  return backlog;
};

const more = (backlog: Backlog, frames: number): void => {
  for (let i = 0; i < frames; i++) backlog.add(sound(i), false);
};

const sequences = (list: Outgoing[]): number[] => list.flatMap(({ packets }) => packets.map(({ sequence }) => sequence));
const flagsOf = (list: Outgoing[]): number[] => list.flatMap(({ packets }) => packets.map(({ flags }) => flags));

test('what came while the call was acknowledged goes live, once', () => {
  const backlog = filled(3);
  backlog.restart();
  assert.deepEqual(sequences(backlog.takeLive()), [0, 1, 2]);
  assert.deepEqual(sequences(backlog.takeLive()), []);
  assert.deepEqual(sequences(backlog.takeMissed(10)), []);
  more(backlog, 1);
  assert.deepEqual(sequences(backlog.takeLive()), [3]);
});

test('after a cut the new goes live and the missed follows in order, marked', () => {
  const backlog = filled(4);
  backlog.restart();
  backlog.takeLive();
  backlog.acknowledge(7, 2);
  more(backlog, 2);
  backlog.restart();
  more(backlog, 1);
  const live = backlog.takeLive();
  assert.deepEqual([sequences(live), flagsOf(live)], [[6], [0]]);
  const missed = backlog.takeMissed(3);
  assert.deepEqual([sequences(missed), flagsOf(missed)], [[2, 3, 4], [backfillFlag, backfillFlag, backfillFlag]]);
  assert.deepEqual(sequences(backlog.takeMissed(3)), [5]);
  assert.deepEqual(sequences(backlog.takeMissed(3)), []);
});

test('frames that a slow line keeps waiting become backfill', () => {
  const backlog = filled(1);
  backlog.restart();
  backlog.takeLive();
  more(backlog, 2);
  backlog.fallBehind();
  more(backlog, 1);
  assert.deepEqual(sequences(backlog.takeLive()), [3]);
  assert.deepEqual(sequences(backlog.takeMissed(9)), [1, 2]);
});

test('what is on disk is forgotten, never more', () => {
  const backlog = filled(5);
  backlog.acknowledge(7, 3);
  backlog.acknowledge(7, 2);
  backlog.restart();
  assert.deepEqual(sequences(backlog.takeLive()), [3, 4]);
  backlog.acknowledge(7, 99);
  assert.equal(backlog.isWaiting, false);
});

test('beyond the cap the oldest frames become one gap, whose length is said', () => {
  const backlog = filled(10, 6);
  backlog.current!.isKnown = true;
  backlog.restart();
  const missed = backlog.takeMissed(99);
  assert.deepEqual(sequences(missed), [0, 4, 5, 6, 7, 8, 9]);
  assert.equal(flagsOf(missed)[0], gapFlag | backfillFlag);
  assert.deepEqual([...missed[0]!.packets[0]!.bytes], [0, 0, 0, 4]);
});

test('a gap of the microphone takes the place of its frames', () => {
  const backlog = filled(2);
  backlog.current!.addGap(50);
  more(backlog, 1);
  backlog.restart();
  const live = backlog.takeLive();
  assert.deepEqual(sequences(live), [0, 1, 2, 52]);
  assert.deepEqual(flagsOf(live), [0, 0, gapFlag, 0]);
  assert.equal(backlog.current!.timeOf(52), 1000 + 52 * 20);
});

test('what was saved comes back after the page was closed, with its holes', () => {
  const backlog = filled(3);
  backlog.current!.addGap(5);
  more(backlog, 2);
  const runs = backlog.takeUnsaved();
  assert.deepEqual(runs.map(({ first, packets }) => [first, packets.length]), [[0, 3], [8, 2]]);
  more(backlog, 1);
  runs.push(...backlog.takeUnsaved());
  assert.deepEqual(backlog.takeUnsaved(), []);

  const again = new Backlog();
  again.restore(runs);
  again.restart();
  assert.deepEqual(sequences(again.takeLive()), []);
  assert.deepEqual(sequences(again.takeMissed(99)), [0, 1, 2, 3, 8, 9, 10]);
  assert.deepEqual(again.takeUnsaved(), []);
});

test('a former epoch only has backfill, before the present one', () => {
  const backlog = filled(2);
  backlog.begin(8, 9000);
  more(backlog, 1);
  backlog.restart();
  assert.deepEqual(backlog.takeLive().map(({ track }) => track.epoch), [8]);
  assert.deepEqual(backlog.takeMissed(9).map(({ track, packets }) => [track.epoch, packets.length]), [[7, 2]]);
});

test('a call made when the alert was over takes the sound from that call on', () => {
  const backlog = filled(10);
  backlog.rebase(9, 1000 + 6 * 20);
  const track = backlog.current!;
  assert.deepEqual([track.epoch, track.began, track.end], [9, 1120, 4]);
  backlog.restart();
  const live = backlog.takeLive();
  assert.deepEqual(sequences(live), [0, 1, 2, 3]);
  assert.equal(live[0]!.packets[0]!.bytes[1], 6);
  assert.deepEqual(backlog.takeUnsaved().map(({ epoch, first, packets }) => [epoch, first, packets.length]), [[9, 0, 4]]);
});
