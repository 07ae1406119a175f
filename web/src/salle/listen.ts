/* Live sound of an alert: the socket of docs/protocol/sound.md, decoded and played behind a small cushion. */
import { gapFlag, headerBytes } from '../bouton/frames';
import { serverTime, setServerClock } from '../clock';
import { openDecoder, type Samples } from '../opus';
import { missedCounter } from './missed';
import type { Frame } from './places';
import { createPlayer } from './player';

export type Hearing = {
  status: 'connecting' | 'waiting' | 'live' | 'stalled' | 'muted' | 'lost' | 'refused' | 'impossible';
  level: number /* 0 to 1 */;
  delay: number | null /* from the microphone to the ear, ms, by the clocks of both ends */;
  missed: number /* frames that did not come live, or were left out to catch up though not quiet */;
  recording: 'on' | 'off' | 'failing' | 'ended' | null;
  frame: Frame | null /* in the ear now */;
};

export type Listening = { mute(on: boolean): void; close(): void };

const againAfter = 1000;
/* A telephone sends fifty frames a second in a quiet room too: none for so long is a line that carries nothing. */
const stalledMs = 2500;
const lookMs = 500;

const levelOf = (samples: Float32Array): number => {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  const decibels = 10 * Math.log10(power / samples.length + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 60) / 60));
};

type Heard = Frame & { at: number };
type Arrived = Heard & { span: number; packet: Uint8Array<ArrayBuffer> | null /* null: not captured */ };

const open = (message: ArrayBuffer): Arrived => {
  const view = new DataView(message);
  const isGap = (view.getUint8(1) & gapFlag) !== 0;
  return {
    epoch: view.getUint32(18),
    sequence: view.getUint32(22),
    at: Number(view.getBigUint64(26)),
    span: isGap ? view.getUint32(headerBytes) : 1,
    packet: isGap ? null : new Uint8Array(message, headerBytes),
  };
};

export const openListening = (alert: string, onChange: (hearing: Hearing) => void): Listening => {
  const hearing: Hearing = { status: 'connecting', level: 0, delay: null, missed: 0, recording: null, frame: null };
  let closed = false;
  let socket: WebSocket | null = null;
  let timer = 0;
  const change = (part: Partial<Hearing>): void => {
    if (!closed) onChange({ ...Object.assign(hearing, part) });
  };
  const miss = missedCounter();
  let missed = 0;
  let arrivedAt = 0;
  const player = createPlayer(({ frame, at, heardAt, leftOut }) =>
    change({ frame, missed: missed + leftOut, delay: Math.round(serverTime(heardAt) - at) }),
  );
  const heard = (samples: Samples, { epoch, sequence, at }: Heard): void => {
    if (closed) return;
    change({ status: 'live', level: levelOf(samples) });
    player.play(samples, { epoch, sequence }, at);
  };
  const decoder = openDecoder(heard, () => change({ status: 'impossible' }));

  const onText = (text: string): void => {
    const said = JSON.parse(text) as { type: string; streams?: { live: boolean }[]; recording?: Hearing['recording']; now?: number };
    if (said.now !== undefined) setServerClock(said.now);
    if (said.type === 'sound') {
      const live = said.streams?.some((stream) => stream.live) ?? false;
      change({ recording: said.recording ?? null, status: live ? hearing.status : 'waiting', level: live ? hearing.level : 0 });
    }
  };
  const onFrame = (message: ArrayBuffer): void => {
    const { span, packet, ...frame } = open(message);
    arrivedAt = performance.now();
    missed = miss(frame, span);
    if (packet) decoder.decode(packet, frame);
    else change({ status: 'muted', level: 0, delay: null });
  };
  const look = (): void => {
    const isOn = hearing.status === 'live' || hearing.status === 'muted';
    if (isOn && performance.now() - arrivedAt > stalledMs) change({ status: 'stalled', level: 0, delay: null });
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
  const looking = setInterval(look, lookMs);
  return {
    mute: player.mute,
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(looking);
      socket?.close();
      decoder.close();
      player.close();
    },
  };
};
