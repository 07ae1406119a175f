/* Live sound of an alert: the socket of docs/protocol/sound.md, decoded and played behind a small cushion. */
import { gapFlag, headerBytes } from '../bouton/frames';
import { serverTime, setServerClock } from '../clock';
import { openDecoder, type Samples } from '../opus';
import type { Frame } from './places';
import { createPlayer } from './player';

export type Hearing = {
  status: 'connecting' | 'waiting' | 'live' | 'lost' | 'refused' | 'impossible';
  level: number /* 0 to 1 */;
  delay: number | null /* from the microphone to the ear, ms, by the clocks of both ends */;
  missed: number /* frames dropped for this listener, or left out to catch up though not quiet */;
  recording: 'on' | 'off' | 'failing' | 'ended' | null;
  frame: Frame | null /* in the ear now */;
};

export type Listening = { mute(on: boolean): void; close(): void };

const againAfter = 1000;

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
  let jumped = 0;
  const player = createPlayer(({ frame, at, heardAt, leftOut }) =>
    change({ frame, missed: jumped + leftOut, delay: Math.round(serverTime(heardAt) - at) }),
  );
  const heard = (samples: Samples, { epoch, sequence, at }: Heard): void => {
    if (closed) return;
    change({ status: 'live', level: levelOf(samples) });
    player.play(samples, { epoch, sequence }, at);
  };
  const decoder = openDecoder(heard, () => change({ status: 'impossible' }));

  const onText = (text: string): void => {
    const said = JSON.parse(text) as { type: string; streams?: { live: boolean }[]; recording?: Hearing['recording']; from?: number; to?: number; now?: number };
    if (said.now !== undefined) setServerClock(said.now);
    if (said.type === 'sound') {
      const live = said.streams?.some((stream) => stream.live) ?? false;
      change({ recording: said.recording ?? null, status: live ? hearing.status : 'waiting', level: live ? hearing.level : 0 });
    }
    if (said.type === 'jumped') jumped += (said.to ?? 0) - (said.from ?? 0);
  };
  const onFrame = (message: ArrayBuffer): void => {
    const frame = open(message);
    if (frame) decoder.decode(frame.packet, frame);
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
      decoder.close();
      player.close();
    },
  };
};
