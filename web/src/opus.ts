/*
 * Opus packets of 20 ms, mono: by the browser's own codec, or by libopus in WebAssembly where it has none
 * (docs/decisions/libopus-wasm.md). The latter is loaded only there.
 */
export const rate = 48000;
const bitrate = 24000;
const frameUs = 20000;

export type Samples = Float32Array<ArrayBuffer>;
type OnPacket = (packet: Uint8Array) => void;

/** One packet for each block of 20 ms, in order, soon. */
export type Encoder = { encode(samples: Samples): void; close(): void };
type MakeEncoder = (onPacket: OnPacket, onError: () => void) => Encoder;

const encoding: AudioEncoderConfig = {
  codec: 'opus',
  sampleRate: rate,
  numberOfChannels: 1,
  bitrate,
  /* Packets whose size follows the voice would tell who listens to the line that somebody speaks. */
  bitrateMode: 'constant',
  opus: { frameDuration: frameUs },
};

const ownEncoder = async (): Promise<MakeEncoder | undefined> => {
  if (!('AudioEncoder' in globalThis)) return undefined;
  const { supported } = await AudioEncoder.isConfigSupported(encoding).catch(() => ({ supported: false }));
  if (!supported) return undefined;
  return (onPacket, onError) => {
    const output = (chunk: EncodedAudioChunk): void => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      onPacket(bytes);
    };
    const encoder = new AudioEncoder({ output, error: onError });
    encoder.configure(encoding);
    let timestamp = 0;
    return {
      encode(samples) {
        const data = new AudioData({ format: 'f32-planar', sampleRate: rate, numberOfFrames: samples.length, numberOfChannels: 1, timestamp, data: samples });
        timestamp += frameUs;
        encoder.encode(data);
        data.close();
      },
      close: () => encoder.state !== 'closed' && encoder.close(),
    };
  };
};

/* One for the life of the page: it takes long to load, and nothing of one alert is heard in another. */
const wasmEncoder = async (): Promise<MakeEncoder> => {
  const { Application, createEncoder } = await import('libopus-wasm');
  const encoder = await createEncoder({ channels: 1, application: Application.Voip, bitrate, vbr: false, complexity: 5 });
  return (onPacket) => ({ encode: (samples) => onPacket(encoder.encodeFloat(samples)), close() {} });
};

let makeEncoder: MakeEncoder | undefined;

/** Whether this browser can encode; from then on newEncoder() may be called. */
export const prepareEncoder = async (): Promise<boolean> => {
  makeEncoder ??= (await ownEncoder()) ?? (await wasmEncoder().catch(() => undefined));
  return makeEncoder !== undefined;
};

export const newEncoder: MakeEncoder = (onPacket, onError) => {
  if (!makeEncoder) throw new Error('prepareEncoder() comes first');
  return makeEncoder(onPacket, onError);
};

/** What comes out keeps the mark it went in with. */
export type Decoder<Mark> = { decode(packet: Uint8Array<ArrayBuffer>, mark: Mark): void; close(): void };
type OnSamples<Mark> = (samples: Samples, mark: Mark) => void;

export const openDecoder = <Mark>(onSamples: OnSamples<Mark>, onError: () => void): Decoder<Mark> =>
  'AudioDecoder' in globalThis ? ownDecoder(onSamples, onError) : wasmDecoder(onSamples, onError);

const ownDecoder = <Mark>(onSamples: OnSamples<Mark>, onError: () => void): Decoder<Mark> => {
  const marks = new Map<number, Mark>(); /* by timestamp */
  const output = (data: AudioData): void => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    const mark = marks.get(data.timestamp);
    marks.delete(data.timestamp);
    data.close();
    if (mark !== undefined) onSamples(samples, mark);
  };
  const decoder = new AudioDecoder({ output, error: onError });
  decoder.configure({ codec: 'opus', sampleRate: rate, numberOfChannels: 1 });
  let timestamp = 0;
  return {
    decode(packet, mark) {
      if (decoder.state !== 'configured') return;
      marks.set(timestamp, mark);
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, duration: frameUs, data: packet }));
      timestamp += frameUs;
    },
    close: () => decoder.state !== 'closed' && decoder.close(),
  };
};

/* What comes before it is loaded is not heard: it is not live any more. */
const wasmDecoder = <Mark>(onSamples: OnSamples<Mark>, onError: () => void): Decoder<Mark> => {
  let decode: ((packet: Uint8Array) => Float32Array) | undefined;
  let free = (): void => undefined;
  let closed = false;
  const load = async (): Promise<void> => {
    const { createDecoder } = await import('libopus-wasm');
    const decoder = await createDecoder({ channels: 1 });
    if (closed) return decoder.free();
    decode = (packet) => decoder.decodeFloat(packet);
    free = () => decoder.free();
  };
  void load().catch(onError);
  return {
    decode(packet, mark) {
      if (decode && !closed) onSamples(decode(packet).slice(), mark);
    },
    close() {
      closed = true;
      free();
    },
  };
};
