/* What the microphone hears from the taps on, as Opus packets of 20 ms and of one size. */
import { newEncoder, prepareEncoder, type Encoder, type Samples } from '../opus';
import { frameMs } from './frames';
import { isVoice, levelOf } from './level';
import { Microphone, type Block } from './microphone';
import { permission } from './senses';
import { Timeline } from './timeline';

type Sink = { onBegin(at: number): void; onPacket(bytes: Uint8Array, voice: boolean): void; onGap(frames: number): void };

export const canEncode = prepareEncoder;

export class Capture {
  #microphone = new Microphone((block) => this.#onBlock(block));
  #encoder: Encoder | undefined;
  #sink: Sink | undefined;
  #onLevel: ((level: number) => void) | undefined;
  #timeline: Timeline | undefined; /* from the first block on */
  #voices: boolean[] = [];

  constructor() {
    setInterval(() => this.#tick(), 1000);
  }

  get isOpen(): boolean {
    return this.#microphone.isOpen;
  }

  /** Takes the microphone; fails when it is refused. */
  async open(): Promise<void> {
    await this.#microphone.open();
  }

  wake(): void {
    this.#microphone.wake();
  }

  get isCapturing(): boolean {
    return this.#sink !== undefined;
  }

  start(sink: Sink): void {
    this.#sink = sink;
    this.#timeline = undefined;
    this.#want();
  }

  stop(): void {
    this.#sink = undefined;
    this.#closeEncoder();
    this.#want();
  }

  /** The telephone's microphone mark goes out. */
  close(): void {
    this.#microphone.close();
  }

  /** Gives the level of each block, for the visible test; nothing is kept. */
  measure(onLevel: ((level: number) => void) | undefined): void {
    this.#onLevel = onLevel;
    this.#want();
  }

  #want(): void {
    this.#microphone.want(this.#sink !== undefined || this.#onLevel !== undefined);
  }

  #onBlock({ at, samples }: Block): void {
    const level = levelOf(samples);
    this.#onLevel?.(level);
    /* What a muted microphone gives is a gap. */
    if (!this.#sink || !this.#microphone.isHeard) return;
    const missing = (this.#timeline ??= this.#begin(at - frameMs, this.#sink)).block(at);
    if (missing > 0) this.#gap(missing);
    this.#encode(samples, isVoice(level));
  }

  #begin(at: number, sink: Sink): Timeline {
    sink.onBegin(at);
    return new Timeline(at);
  }

  #encode(samples: Samples, voice: boolean): void {
    const encoder = (this.#encoder ??= this.#newEncoder());
    this.#voices.push(voice);
    encoder.encode(samples);
  }

  #newEncoder(): Encoder {
    this.#voices = [];
    const encoder: Encoder = newEncoder(
      (bytes) => encoder === this.#encoder && this.#sink?.onPacket(bytes, this.#voices.shift() ?? false),
      () => encoder === this.#encoder && this.#failed(),
    );
    return encoder;
  }

  /* Blocks given to an encoder that failed are lost: said as such, and another one takes over. */
  #failed(): void {
    const lost = this.#voices.length;
    this.#closeEncoder();
    if (lost > 0) this.#sink?.onGap(lost);
  }

  #closeEncoder(): void {
    const encoder = this.#encoder;
    this.#encoder = undefined;
    this.#voices = [];
    encoder?.close();
  }

  /* Packets still inside the encoder come before the gap. */
  #gap(frames: number): void {
    const lost = this.#voices.length;
    this.#closeEncoder();
    this.#sink?.onGap(frames + lost);
  }

  /* The microphone was taken by a telephone call, or the browser closed it: said while it lasts, and asked for again. */
  #tick(): void {
    if (!this.#sink) return;
    const missing = this.#timeline?.tick(Date.now()) ?? 0;
    if (missing > 0) this.#gap(missing);
    if (!this.isOpen) void this.#reopen();
    this.wake();
  }

  /* Never a question on the screen. */
  async #reopen(): Promise<void> {
    if ((await permission('microphone')) === 'granted') await this.open().catch(() => undefined);
  }
}
