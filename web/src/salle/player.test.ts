import assert from 'node:assert/strict';
import { test } from 'node:test';

/* The audio thread, driven by hand: what comes in, what comes out, and how long it is until it does. */
type Worklet = { port: { onmessage(event: { data: unknown }): void; postMessage(report: { at: number; leftOut: number }): void }; process(_: [], out: [[Float32Array]]): boolean };
let made: new () => Worklet;
Object.assign(globalThis, {
  AudioWorkletProcessor: class {
    port = {};
  },
  registerProcessor: (_: string, processor: typeof made) => (made = processor),
});
await import('./player.mjs');

const blockMs = 20;

class Room {
  player = new made();
  reports: { at: number; leftOut: number }[] = [];
  heard: number[] = [];
  ms = 0;
  end = 0;
  said = 0;

  constructor() {
    this.player.port.postMessage = (report) => this.reports.push(report);
  }

  /* Each block is of one value, so that it is known again. */
  say(count: number, value = 0.5): void {
    for (let i = 0; i < count; i++) this.player.port.onmessage({ data: { samples: new Float32Array(960).fill(value), frame: { epoch: 1, sequence: this.said }, at: this.said++ * blockMs } });
  }

  hear(milliseconds: number): number[] {
    const from = this.heard.length;
    for (this.end += milliseconds; this.ms < this.end; this.ms += 128 / 48) {
      const out = new Float32Array(128);
      this.player.process([], [[out]]);
      this.heard.push(Math.max(...out));
    }
    return this.heard.slice(from);
  }

  /* So long with a line that brings each block in its time. */
  steady(milliseconds: number, value?: number): void {
    for (let i = 0; i < milliseconds / blockMs; i++) {
      this.say(1, value);
      this.hear(blockMs);
    }
  }

  /* How far what is in the ear is behind what was said last, ms. */
  get delay(): number {
    return this.said * blockMs - this.reports.at(-1)!.at;
  }
}

const isLoud = (level: number): boolean => level > 0.4;

test('nothing_is_heard_until_the_cushion_is_there_then_all_of_it', () => {
  const room = new Room();
  room.say(7);
  assert.ok(room.hear(100).every((level) => level === 0));
  room.say(1);
  assert.ok(room.hear(150).slice(5).every(isLoud));
});

test('a_stall_is_faded_out_and_costs_a_larger_cushion_that_calm_takes_back', () => {
  const room = new Room();
  room.steady(2000);
  assert.ok(room.delay <= 240, `${room.delay}`);
  const dead = room.hear(500);
  assert.equal(dead.at(-1), 0);
  assert.ok(dead.filter((level) => level > 0 && level < 0.4).length > 5, 'not dead at once');
  room.say(25);
  room.steady(1000);
  assert.ok(room.delay > 240, `${room.delay}`);
  room.steady(60000, 0.001);
  assert.ok(room.delay <= 240, `${room.delay}`);
});

test('the_cushion_has_a_limit', () => {
  const room = new Room();
  for (let i = 0; i < 20; i++) {
    room.steady(1500);
    room.hear(700);
    room.say(35);
  }
  room.steady(8000, 0.001);
  assert.ok(room.delay <= 700, `${room.delay}`);
});

test('what_is_behind_is_caught_up_in_the_pauses_and_without_one_when_it_is_far_behind', () => {
  const room = new Room();
  room.steady(1000);
  room.say(10); /* 200 ms at once, and a voice that goes on */
  room.steady(3000);
  assert.equal(room.reports.at(-1)!.leftOut, 0);
  room.steady(1500, 0.001);
  assert.ok(room.delay <= 260, `${room.delay}`);
  room.say(100);
  room.steady(20000);
  assert.ok(room.delay <= 520, `${room.delay}`);
  assert.ok(room.reports.at(-1)!.leftOut > 75);
});
