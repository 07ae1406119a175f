/* The operator's voice, to the telephone of an alert: docs/protocol/sound.md. Sent only while it is held. */
import { encodeFrame } from '../bouton/frames';
import { Microphone } from '../bouton/microphone';
import { serverTime } from '../clock';
import { messages } from '../messages';
import { newEncoder, prepareEncoder, type Encoder } from '../opus';
import { fromServer } from '../server';

export type TalkState = { status: 'opening' | 'open' | 'ended'; reason: string | null; isHeld: boolean };

export type Talk = { hold(on: boolean): void; close(): void };

const t = messages.room.talk;
const aliveMs = 10000;

export const openTalk = (alert: string, onChange: (state: TalkState) => void): Talk => {
  const state: TalkState = { status: 'opening', reason: null, isHeld: false };
  let socket: WebSocket | null = null;
  let encoder: Encoder | null = null;
  let alive = 0;
  let sequence = 0;
  const epoch = crypto.getRandomValues(new Uint32Array(1))[0] || 1;
  const change = (part: Partial<TalkState>): void => onChange({ ...Object.assign(state, part) });

  const send = (payload: Uint8Array): void => {
    const frame = encodeFrame({ alert, epoch, sequence: sequence++, at: Math.round(serverTime(Date.now())), flags: 0, payload });
    if (socket?.readyState === WebSocket.OPEN) socket.send(frame);
  };
  const microphone = new Microphone(({ samples }) => state.isHeld && encoder?.encode(samples));
  const hold = (on: boolean): void => {
    if (state.status !== 'open' || on === state.isHeld) return;
    microphone.want(on);
    change({ isHeld: on });
  };
  const end = (reason: string | null): void => {
    if (state.status === 'ended') return;
    clearInterval(alive);
    socket?.close();
    microphone.close();
    encoder?.close();
    change({ status: 'ended', reason, isHeld: false });
  };
  const connect = (): void => {
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/alerts/${alert}/talk`);
    socket.onmessage = () => change({ status: 'open' });
    socket.onclose = ({ reason }) => end(reason ? fromServer(reason) : t.lost);
    alive = setInterval(() => socket?.readyState === WebSocket.OPEN && socket.send('{"type":"alive"}'), aliveMs);
  };
  /* The microphone first: nothing is asked of the server, or written down, for a voice that could not be heard. */
  const begin = async (): Promise<void> => {
    if (!(await prepareEncoder())) return end(t.cannot);
    await microphone.open();
    if (state.status === 'ended') return microphone.close();
    encoder = newEncoder(send, () => end(t.cannot));
    connect();
  };
  void begin().catch(() => end(t.noMicrophone));
  return { hold, close: () => end(null) };
};
