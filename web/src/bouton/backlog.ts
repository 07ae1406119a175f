/* The sound of one alert, kept until the server has it on disk: what goes out live, and what is missing after a cut. Pure. */
import { backfillFlag, frameMs, gapFlag, gapPayload, voiceFlag } from './frames';

/* Ten minutes: what a phone keeps without a network. Beyond, the oldest is given up, and listed as a gap. */
export const capFrames = (10 * 60 * 1000) / frameMs;

/* What came while the alert was being acknowledged still goes live: two seconds at most. */
const graceFrames = 100;

export type Packet = { sequence: number; flags: number; bytes: Uint8Array };

/* `span` frames from `sequence` on: one of sound, or any number that nobody has. */
type Item = { sequence: number; span: number; flags: number; bytes: Uint8Array; sent: boolean; saved: boolean };

const gapItem = (sequence: number, span: number): Item => ({
  sequence,
  span,
  flags: gapFlag,
  bytes: gapPayload(span),
  sent: false,
  saved: true /* found again from what is missing around it */,
});

/** The frames of one epoch: one opening of the microphone. */
export class Track {
  items: Item[] = [];
  end = 0; /* the sequence of the next frame captured */
  live = 0; /* from here on frames go out as they come; what is older goes as backfill */
  acknowledged = 0;
  isKnown = false; /* announced on some socket already */

  constructor(
    readonly epoch: number,
    readonly began: number,
  ) {}

  add(bytes: Uint8Array, voice: boolean): void {
    this.items.push({ sequence: this.end++, span: 1, flags: voice ? voiceFlag : 0, bytes, sent: false, saved: false });
  }

  /** Nothing was captured during that many frames. */
  addGap(span: number): void {
    this.items.push(gapItem(this.end, span));
    this.end += span;
  }

  timeOf(sequence: number): number {
    return this.began + sequence * frameMs;
  }

  /** On disk up to here: no longer ours. */
  acknowledge(next: number): void {
    this.acknowledged = Math.max(this.acknowledged, Math.min(next, this.end));
    const keep = this.items.findIndex(({ sequence, span }) => sequence + span > this.acknowledged);
    this.items.splice(0, keep < 0 ? this.items.length : keep);
  }

  /** Before this there is no sound of ours left. */
  get firstSound(): number {
    return this.items.find(({ flags }) => !(flags & gapFlag))?.sequence ?? this.end;
  }

  /** A new connection: nobody knows what the former one carried to the end. */
  restart(): void {
    for (const item of this.items) item.sent = false;
    this.live = this.isKnown ? this.end : Math.max(this.acknowledged, this.end - graceFrames);
    this.isKnown = true;
  }

  takeLive(): Item[] {
    let first = this.items.length;
    while (first > 0 && this.items[first - 1]!.sequence >= this.live) first--;
    this.live = this.end;
    return take(this.items.slice(first));
  }

  takeMissed(limit: number): Item[] {
    const missed: Item[] = [];
    for (const item of this.items) {
      if (item.sequence >= this.live || missed.length >= limit) break;
      if (!item.sent) missed.push(item);
    }
    return take(missed);
  }

  /** The line is slow: what has not left yet will go later, as backfill. */
  fallBehind(): void {
    this.live = this.end;
  }

  /** Gives up the oldest frame: it becomes part of the gap at the head. */
  forgetOldest(): void {
    const at = this.items.findIndex(({ flags }) => !(flags & gapFlag));
    const item = this.items[at];
    if (!item) return;
    const before = this.items[at - 1];
    const gap = before ? gapItem(before.sequence, before.span + 1) : gapItem(item.sequence, 1);
    this.items.splice(before ? at - 1 : at, before ? 2 : 1, gap);
  }
}

const take = (items: Item[]): Item[] => {
  for (const item of items) item.sent = true;
  return items;
};

export type Outgoing = { track: Track; packets: Packet[] };
export type Saved = { epoch: number; began: number; first: number; packets: { flags: number; bytes: Uint8Array }[] };

export class Backlog {
  tracks: Track[] = [];
  #kept = 0;

  constructor(readonly cap = capFrames) {}

  get current(): Track | undefined {
    return this.tracks.at(-1);
  }

  begin(epoch: number, began: number): Track {
    const track = new Track(epoch, began);
    this.tracks.push(track);
    return track;
  }

  add(bytes: Uint8Array, voice: boolean): void {
    this.current?.add(bytes, voice);
    if (++this.#kept > this.cap) this.#forgetOldest();
  }

  #forgetOldest(): void {
    this.tracks.find(({ items }) => items.some(({ flags }) => !(flags & gapFlag)))?.forgetOldest();
    this.#kept--;
  }

  acknowledge(epoch: number, next: number): void {
    this.tracks.find((track) => track.epoch === epoch)?.acknowledge(next);
    this.#count();
  }

  #count(): void {
    this.#kept = this.tracks.reduce((sum, { items }) => sum + items.filter(({ flags }) => !(flags & gapFlag)).length, 0);
  }

  restart(): void {
    for (const track of this.tracks) track.restart();
  }

  get isWaiting(): boolean {
    return this.tracks.some(({ items }) => items.length > 0);
  }

  takeLive(): Outgoing[] {
    const track = this.current;
    return track ? outgoing(track, track.takeLive(), 0) : [];
  }

  /** The oldest first; only the last epoch has anything live. */
  takeMissed(limit: number): Outgoing[] {
    const found: Outgoing[] = [];
    for (const track of this.tracks) {
      if (track !== this.current) track.fallBehind();
      const items = track.takeMissed(limit);
      limit -= items.length;
      found.push(...outgoing(track, items, backfillFlag));
    }
    return found;
  }

  fallBehind(): void {
    this.current?.fallBehind();
  }

  /**
   * The former alert is over and a call came since: what was captured from that moment on is the new alert's, as an epoch of its own.
   */
  rebase(epoch: number, from: number): void {
    const old = this.current;
    this.tracks = [];
    if (old) {
      const first = Math.min(old.end, Math.max(0, Math.ceil((from - old.began) / frameMs)));
      const track = this.begin(epoch, old.timeOf(first));
      for (const { sequence, span, flags, bytes } of old.items) {
        if (sequence < first) continue;
        if (sequence - first > track.end) track.addGap(sequence - first - track.end);
        if (flags & gapFlag) track.addGap(span);
        else track.add(bytes, (flags & voiceFlag) !== 0);
      }
      if (old.end - first > track.end) track.addGap(old.end - first - track.end);
    }
    this.#count();
  }

  /** What the phone's storage does not have yet, as runs of frames that follow each other. */
  takeUnsaved(): Saved[] {
    const runs: Saved[] = [];
    for (const track of this.tracks) {
      let next = -1;
      for (const item of unsavedTail(track.items)) {
        if (item.sequence !== next) runs.push({ epoch: track.epoch, began: track.began, first: item.sequence, packets: [] });
        runs.at(-1)?.packets.push({ flags: item.flags, bytes: item.bytes });
        next = item.sequence + 1;
        item.saved = true;
      }
    }
    return runs;
  }

  /** What was kept before the page was closed; what is missing in between is a gap. */
  restore(runs: Saved[]): void {
    for (const { epoch, began, first, packets } of runs) {
      const track = this.tracks.find((known) => known.epoch === epoch) ?? this.begin(epoch, began);
      track.isKnown = true;
      if (first > track.end) track.addGap(first - track.end);
      for (const { flags, bytes } of packets) track.add(bytes, (flags & voiceFlag) !== 0);
      for (const item of track.items) item.saved = true;
    }
    this.#count();
  }
}

const unsavedTail = (items: Item[]): Item[] => {
  let first = items.length;
  while (first > 0 && (!items[first - 1]!.saved || items[first - 1]!.flags & gapFlag)) first--;
  return items.slice(first).filter(({ saved }) => !saved);
};

const outgoing = (track: Track, items: Item[], flag: number): Outgoing[] =>
  items.length ? [{ track, packets: items.map(({ sequence, flags, bytes }) => ({ sequence, flags: flags | flag, bytes })) }] : [];
