/* The microphone: opened on arming, listened to only while somebody wants it, as blocks of 20 ms. */
import worklet from 'asset:./worklet.mjs';
import { rate, type Samples } from '../opus';
import { frameMs } from './frames';

const blockSamples = (rate * frameMs) / 1000;

/* No processing of the telephone's own: it would put the telephone in its « call » mode, and keep only the nearest voice. */
const wanted: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: true,
};

/* What a page that is held up may leave unread, in pieces of 10 ms: five seconds. The oldest is lost beyond. */
const unreadMost = 500;

declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack; maxBufferSize: number });
  readonly readable: ReadableStream<AudioData>;
}

/** `at`: device time when the block ended, ms. */
export type Block = { at: number; samples: Samples };

type Source = { start(): void; stop(): void };
type OnBlock = (block: Block) => void;

const msOf = (samples: number): number => (samples * 1000) / rate;

/** Blocks of 20 ms out of pieces of any length; times are of ends, ms. */
const cutter = (onCut: (samples: Samples, endsAt: number) => void) => {
  let block = new Float32Array(blockSamples);
  let filled = 0;
  const full = (endsAt: number): void => {
    const whole = block;
    block = new Float32Array(blockSamples);
    filled = 0;
    /* One block that fails is one block; the reading goes on. */
    try {
      onCut(whole, endsAt);
    } catch (thrown) {
      reportError(thrown);
    }
  };
  return (samples: Float32Array, endsAt: number): void => {
    for (let from = 0; from < samples.length; ) {
      const count = Math.min(samples.length - from, blockSamples - filled);
      block.set(samples.subarray(from, from + count), filled);
      filled += count;
      from += count;
      if (filled === blockSamples) full(endsAt - msOf(samples.length - from));
    }
  };
};

/*
 * The pieces as the microphone gave them, each with its time: nothing is late because of a clock of the page's own, and
 * nothing is lost on a busy telephone. Chromium only; `onForeign` when the microphone has a rate of its own.
 */
const trackSource = (track: MediaStreamTrack, onBlock: OnBlock, onForeign: () => void): Source => {
  let reader: ReadableStreamDefaultReader<AudioData> | undefined;
  const read = async (mine: ReadableStreamDefaultReader<AudioData>): Promise<void> => {
    let behind = Infinity; /* of this clock to the microphone's, ms: the least delayed piece tells */
    const cut = cutter((samples, endsAt) => onBlock({ at: Math.round(behind + endsAt), samples }));
    for (;;) {
      const { value: piece } = await mine.read();
      if (!piece || mine !== reader) return piece?.close();
      const { timestamp, sampleRate, numberOfFrames } = piece;
      const samples = new Float32Array(numberOfFrames);
      piece.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      piece.close();
      if (sampleRate !== rate) return onForeign();
      const endsAt = timestamp / 1000 + msOf(numberOfFrames);
      behind = Math.min(behind, Date.now() - endsAt);
      cut(samples, endsAt);
    }
  };
  return {
    start() {
      reader = new MediaStreamTrackProcessor({ track, maxBufferSize: unreadMost }).readable.getReader();
      void read(reader).catch(reportError);
    },
    stop() {
      void reader?.cancel().catch(() => undefined);
      reader = undefined;
    },
  };
};

/*
 * Anywhere else: the audio thread. No loudspeaker at all where the browser can: nothing may ever be heard from this page.
 * Its clock is then a timer, which skips what it was too late for. With its usual 10 ms, Chromium on a busy two-core
 * machine lost up to 4 % in some runs; none was seen to be lost with 100 ms. Not measured on a telephone.
 */
class Worklet {
  #context: AudioContext | undefined;
  #node: AudioWorkletNode | undefined;

  async source(stream: MediaStream, onBlock: OnBlock): Promise<Source> {
    const options: AudioContextOptions & { sinkId: { type: 'none' } } = { sampleRate: rate, latencyHint: 0.1, sinkId: { type: 'none' } };
    const context = (this.#context ??= new AudioContext(options));
    this.#node ??= await this.#prepare(context);
    const node = this.#node;
    node.port.onmessage = ({ data }) => onBlock(data as Block);
    context.createMediaStreamSource(stream).connect(node);
    this.wake();
    return { start: () => node.port.postMessage(true), stop: () => node.port.postMessage(false) };
  }

  async #prepare(context: AudioContext): Promise<AudioWorkletNode> {
    await context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(context, 'cutter', { channelCount: 1, channelCountMode: 'explicit' });
    node.connect(context.destination);
    return node;
  }

  /** A browser may let sound begin only once somebody has touched the page. */
  wake(): void {
    if (this.#context && this.#context.state !== 'running') void this.#context.resume();
  }
}

export class Microphone {
  #track: MediaStreamTrack | undefined;
  #source: Source | undefined;
  #opening: Promise<void> | undefined;
  #worklet = new Worklet();
  #isWanted = false;

  constructor(readonly onBlock: OnBlock) {}

  get isOpen(): boolean {
    return this.#track?.readyState === 'live';
  }

  /** What a muted microphone gives is not silence that was heard. */
  get isHeard(): boolean {
    return this.isOpen && !this.#track?.muted;
  }

  /** Fails when it is refused. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #open(): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    const track = stream.getAudioTracks()[0];
    if (!track) return;
    this.#track = track;
    if ('MediaStreamTrackProcessor' in globalThis) this.#use(trackSource(track, this.onBlock, () => void this.#useWorklet(stream)));
    else await this.#useWorklet(stream);
  }

  async #useWorklet(stream: MediaStream): Promise<void> {
    this.#use(await this.#worklet.source(stream, this.onBlock));
  }

  #use(source: Source): void {
    this.#source?.stop();
    this.#source = source;
    if (this.#isWanted) source.start();
  }

  want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) this.#source?.start();
    else this.#source?.stop();
  }

  /** Gives it back to the machine. */
  close(): void {
    this.want(false);
    this.#track?.stop();
  }

  wake(): void {
    this.#worklet.wake();
  }
}
