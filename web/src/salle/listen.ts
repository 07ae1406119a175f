/* Live sound of an alert: the socket of docs/protocol/sound.md, decoded and played behind a small cushion. */
import { frameMs, gapFlag, headerBytes } from '../bouton/frames';
import type { Frame } from './places';

export type Hearing = {
  status: 'connecting' | 'waiting' | 'live' | 'lost' | 'refused' | 'impossible';
  level: number /* 0 to 1 */;
  delay: number | null /* from the microphone to the ear, ms, by the clocks of both ends */;
  missed: number /* frames dropped for this listener */;
  recording: 'on' | 'off' | 'failing' | 'ended' | null;
  frame: Frame | null /* the newest that was decoded */;
};

export type Listening = { mute(on: boolean): void; close(): void };

const rate = 48000;
const cushionLeast = 0.15;
const cushionMost = 0.6;
const tooLate = 0.5; /* s beyond the cushion: caught up by leaving frames out */
const againAfter = 1000;

type Player = { mute(on: boolean): void; play(samples: Float32Array<ArrayBuffer>): number /* s until it is heard; negative: left out */; close(): void };

/* Each frame is placed right after the one before; who comes too late is placed behind a larger cushion. */
const createPlayer = (): Player => {
  const context = new AudioContext({ sampleRate: rate });
  let next = 0;
  let cushion = cushionLeast;
  void context.resume();
  const volume = context.createGain();
  volume.connect(context.destination);
  return {
    mute(on) {
      volume.gain.value = on ? 0 : 1;
    },
    play(samples) {
      const now = context.currentTime;
      if (next < now) {
        if (next > 0) cushion = Math.min(cushionMost, cushion + 0.1);
        next = now + cushion;
      } else {
        cushion = Math.max(cushionLeast, cushion - 0.0002);
      }
      if (next - now > cushion + tooLate) return -1;
      const buffer = context.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(samples, 0);
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(volume);
      source.start(next);
      next += samples.length / rate;
      return next - now;
    },
    close: () => void context.close(),
  };
};

const levelOf = (samples: Float32Array): number => {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  const decibels = 10 * Math.log10(power / samples.length + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 60) / 60));
};

type Heard = Frame & { at: number; packet: Uint8Array<ArrayBuffer> };

const open = (message: ArrayBuffer): Heard | null => {
  const view = new DataView(message);
  const isGap = (view.getUint8(1) & gapFlag) !== 0;
  if (message.byteLength <= headerBytes || isGap) return null;
  return { epoch: view.getUint32(18), sequence: view.getUint32(22), at: Number(view.getBigUint64(26)), packet: new Uint8Array(message, headerBytes) };
};

export const openListening = (alert: string, onChange: (hearing: Hearing) => void): Listening => {
  const hearing: Hearing = { status: 'connecting', level: 0, delay: null, missed: 0, recording: null, frame: null };
  let closed = false;
  let socket: WebSocket | null = null;
  let timer = 0;
  const change = (part: Partial<Hearing>): void => {
    if (!closed) onChange({ ...Object.assign(hearing, part) });
  };
  if (!('AudioDecoder' in globalThis)) {
    change({ status: 'impossible' });
    return { mute() {}, close() {} };
  }

  const player = createPlayer();
  const times = new Map<number, number>();
  const heard = (data: AudioData): void => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    const at = times.get(data.timestamp);
    times.delete(data.timestamp);
    data.close();
    if (closed) return;
    const until = player.play(samples);
    change({
      status: 'live',
      level: levelOf(samples),
      delay: at !== undefined && until >= 0 ? Math.round(Date.now() - at + until * 1000) : hearing.delay,
      missed: hearing.missed + (until < 0 ? 1 : 0),
    });
  };
  const decoder = new AudioDecoder({ output: heard, error: () => change({ status: 'impossible' }) });
  decoder.configure({ codec: 'opus', sampleRate: rate, numberOfChannels: 1 });

  const onText = (text: string): void => {
    const said = JSON.parse(text) as { type: string; streams?: { live: boolean }[]; recording?: Hearing['recording']; from?: number; to?: number };
    if (said.type === 'sound') {
      const live = said.streams?.some((stream) => stream.live) ?? false;
      change({ recording: said.recording ?? null, status: live ? hearing.status : 'waiting', level: live ? hearing.level : 0 });
    }
    if (said.type === 'jumped') change({ missed: hearing.missed + (said.to ?? 0) - (said.from ?? 0) });
  };
  const onFrame = (message: ArrayBuffer): void => {
    const frame = open(message);
    if (!frame || decoder.state !== 'configured') return;
    const timestamp = frame.sequence * frameMs * 1000;
    times.set(timestamp, frame.at);
    hearing.frame = { epoch: frame.epoch, sequence: frame.sequence };
    decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, duration: frameMs * 1000, data: frame.packet }));
  };
  const connect = (): void => {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/alerts/${alert}/sound`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => change({ status: 'waiting' });
    socket.onmessage = ({ data }) => (typeof data === 'string' ? onText(data) : onFrame(data as ArrayBuffer));
    socket.onclose = ({ code }) => {
      if (code >= 4400 && code < 4500) return change({ status: 'refused', level: 0 });
      change({ status: 'lost', level: 0 });
      if (!closed) timer = setTimeout(connect, againAfter);
    };
  };
  connect();
  return {
    mute: player.mute,
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
      if (decoder.state !== 'closed') decoder.close();
      player.close();
    },
  };
};
