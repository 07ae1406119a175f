/* The microphone: opened on arming, listened to only from the taps on, as Opus packets of 20 ms and of one size. */
import worklet from 'asset:./worklet.mjs';
import { frameMs } from './frames';
import { isVoice, levelOf } from './level';
import { permission } from './senses';
import { Timeline } from './timeline';

const sampleRate = 48000;

const encoding: AudioEncoderConfig = {
  codec: 'opus',
  sampleRate,
  numberOfChannels: 1,
  bitrate: 24000,
  /* Packets whose size follows the voice would tell who listens to the line that somebody speaks. */
  bitrateMode: 'constant',
  opus: { frameDuration: frameMs * 1000 },
};

/* No processing of the telephone's own: it would put the telephone in its « call » mode, and keep only the nearest voice. */
const wanted: MediaTrackConstraints = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true };

type Sink = { onBegin(at: number): void; onPacket(bytes: Uint8Array, voice: boolean): void; onGap(frames: number): void };

export const canEncode = async (): Promise<boolean> => {
  if (!('AudioEncoder' in globalThis) || !('AudioWorkletNode' in globalThis)) return false;
  return (await AudioEncoder.isConfigSupported(encoding).catch(() => undefined))?.supported === true;
};

export class Capture {
  #context: AudioContext | undefined;
  #node: AudioWorkletNode | undefined;
  #track: MediaStreamTrack | undefined;
  #opening: Promise<void> | undefined;
  #encoder: AudioEncoder | undefined;
  #sink: Sink | undefined;
  #onLevel: ((level: number) => void) | undefined;
  #timeline: Timeline | undefined; /* from the first block on */
  #voices: boolean[] = [];

  constructor() {
    setInterval(() => this.#tick(), 1000);
  }

  get isOpen(): boolean {
    return this.#track?.readyState === 'live';
  }

  /** Takes the microphone; fails when it is refused. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #open(): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    this.#track = stream.getAudioTracks()[0];
    if (!this.#context) await this.#prepare();
    const context = this.#context;
    if (!context || !this.#node) return;
    context.createMediaStreamSource(stream).connect(this.#node);
    void context.resume();
  }

  async #prepare(): Promise<void> {
    /*
     * No loudspeaker at all where the browser can: nothing may ever be heard from this page. Its clock is then a timer, which
     * skips what it was too late for. With its usual 10 ms, Chromium on a busy two-core machine lost up to 4 % in some runs;
     * none was seen to be lost with 100 ms. Not measured on a telephone.
     */
    const options: AudioContextOptions & { sinkId: { type: 'none' } } = { sampleRate, latencyHint: 0.1, sinkId: { type: 'none' } };
    const context = new AudioContext(options);
    await context.audioWorklet.addModule(worklet);
    this.#node = new AudioWorkletNode(context, 'cutter', { channelCount: 1, channelCountMode: 'explicit' });
    this.#node.port.onmessage = ({ data }) => this.#onBlock(data as { at: number; samples: Float32Array<ArrayBuffer> });
    this.#node.connect(context.destination);
    this.#context = context;
    this.#want();
  }

  /** A browser may let sound begin only once somebody has touched the page. */
  wake(): void {
    if (this.#context?.state !== 'running') void this.#context?.resume();
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

  /** Gives the level of each block, for the visible test; nothing is kept. */
  measure(onLevel: ((level: number) => void) | undefined): void {
    this.#onLevel = onLevel;
    this.#want();
  }

  #want(): void {
    this.#node?.port.postMessage(this.#sink !== undefined || this.#onLevel !== undefined);
  }

  #onBlock({ at, samples }: { at: number; samples: Float32Array<ArrayBuffer> }): void {
    const level = levelOf(samples);
    this.#onLevel?.(level);
    /* What a muted microphone gives is not silence that was heard: it is a gap. */
    if (!this.#sink || !this.isOpen || this.#track?.muted) return;
    const missing = (this.#timeline ??= this.#begin(at - frameMs, this.#sink)).block(at);
    if (missing > 0) this.#gap(missing);
    this.#encode(samples, isVoice(level));
  }

  #begin(at: number, sink: Sink): Timeline {
    sink.onBegin(at);
    return new Timeline(at);
  }

  #encode(samples: Float32Array<ArrayBuffer>, voice: boolean): void {
    const encoder = (this.#encoder ??= this.#newEncoder());
    const data = new AudioData({
      format: 'f32-planar',
      sampleRate,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: this.#fed++ * frameMs * 1000,
      data: samples,
    });
    this.#voices.push(voice);
    encoder.encode(data);
    data.close();
  }

  #fed = 0;

  #newEncoder(): AudioEncoder {
    const encoder = new AudioEncoder({
      output: (chunk) => {
        if (encoder !== this.#encoder) return;
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        this.#sink?.onPacket(bytes, this.#voices.shift() ?? false);
      },
      error: () => {
        if (encoder === this.#encoder) this.#failed();
      },
    });
    this.#fed = 0;
    this.#voices = [];
    encoder.configure(encoding);
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
    if (encoder && encoder.state !== 'closed') encoder.close();
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
