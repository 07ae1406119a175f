/* Plays the recording from a place on, part after part, until the live sound takes over or the end is there. */
import type { Recording } from '../api';
import { nextPart } from './places';

type Options = {
  alert: string;
  read(): Promise<Recording>; /* what is recorded now */
  edge(): number | null; /* where the live sound is; null: there is none */
  onMove(): void;
  onDone(why: 'live' | 'end'): void;
};

export type Replay = {
  place(): number;
  rate(): number;
  isPaused(): boolean;
  go(place: number): void;
  setRate(rate: number): void;
  pause(on: boolean): void;
  close(): void;
};

const againMs = 700;

export const openReplay = ({ alert, read, edge, onMove, onDone }: Options): Replay => {
  const audio = new Audio();
  audio.preservesPitch = true;
  let part = { from: 0, to: 0 };
  let turn = 0; /* of the last go(): what an earlier one still waits for is of no use */
  let timer = 0;
  let paused = false;

  const place = (): number => Math.min(part.to, part.from + Math.round(audio.currentTime * 1000));
  const later = (at: number): void => {
    timer = setTimeout(() => void play(at, turn), againMs);
  };
  const play = async (at: number, mine: number): Promise<void> => {
    const recording = await read().catch(() => null);
    if (mine !== turn) return;
    const next = recording ? nextPart(recording, at, edge()) : ({ type: 'wait' } as const);
    if (next.type === 'wait') return later(at);
    if (next.type !== 'part') return onDone(next.type);
    part = { from: next.from, to: next.to };
    audio.src = `/api/alerts/${alert}/audio.ogg?from=${next.from}&to=${next.to}`;
    onMove();
    if (!paused) await audio.play().catch(() => undefined);
  };
  audio.onended = () => void play(part.to, turn);
  /* A part may have changed under the player while it was read, when what was missing came in. */
  audio.onerror = () => later(place());
  audio.ontimeupdate = onMove;

  return {
    place,
    rate: () => audio.playbackRate,
    isPaused: () => paused,
    go(at) {
      clearTimeout(timer);
      turn++;
      audio.pause();
      part = { from: at, to: at };
      onMove();
      void play(at, turn);
    },
    setRate(rate) {
      /* The default is what each new part begins with. */
      audio.defaultPlaybackRate = audio.playbackRate = rate;
      onMove();
    },
    pause(on) {
      paused = on;
      if (on) audio.pause();
      else void audio.play().catch(() => undefined);
      onMove();
    },
    close() {
      turn++;
      clearTimeout(timer);
      audio.onended = audio.onerror = audio.ontimeupdate = null;
      audio.pause();
      audio.removeAttribute('src');
      audio.load();
    },
  };
};
