/* What the operator hears of an alert: live, or the recording from a place on while the live sound goes on unheard. */
import { useEffect, useState } from 'preact/hooks';
import type { Recording } from '../api';
import { get } from '../request';
import { openListening, type Hearing, type Listening } from './listen';
import { frameAt, placeOf, withinRecording, type Frame } from './places';
import { openReplay, type Replay } from './replay';

export type Heard = {
  hearing: Hearing | null; /* live */
  recording: Recording | null; /* as it was last read */
  replay: { place: number; rate: number; paused: boolean } | null;
  edge: number | null; /* where the live sound is in the recording */
};

export type Ear = {
  state(): Heard;
  subscribe(listener: () => void): () => void;
  toggle(): void;
  skip(milliseconds: number): void;
  goTo(place: number): void;
  playFrom(frame: Frame): void;
  live(): void;
  turnRate(): void;
  turnPause(): void;
  frame(): Frame | null; /* what is in the ear now */
  close(): void;
};

const fast = 1.5;
const readAgainMs = 30000;
const missingMs = 3000; /* an epoch that has just begun is on disk a second later; what a cut took away begins to come in */

export const openEar = (alert: string): Ear => {
  const listeners = new Set<() => void>();
  let listening: Listening | null = null;
  let replay: Replay | null = null;
  let hearing: Hearing | null = null;
  let recording: Recording | null = null;
  let readAt = 0;
  let asked = false;
  let closed = false;

  /* Fifty frames a second make no more drawings than the screen shows. */
  const wake = (): void => {
    if (asked || closed) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      listeners.forEach((listener) => listener());
    });
  };
  const read = async (): Promise<Recording> => {
    readAt = Date.now();
    recording = await get<Recording>(`/api/alerts/${alert}/recording`);
    wake();
    return recording;
  };
  const edge = (): number | null => {
    if (hearing?.status !== 'live' || !hearing.frame) return null;
    return recording && placeOf(recording, hearing.frame);
  };
  const onHearing = (now: Hearing): void => {
    if (now.status === 'live' && hearing && hearing.status !== 'live') readAt = Math.min(readAt, Date.now() - readAgainMs + missingMs);
    hearing = now;
    const isKnown = edge() !== null;
    if (now.status === 'live' && Date.now() - readAt > (isKnown ? readAgainMs : missingMs)) void read().catch(() => undefined);
    wake();
  };
  const stopReplay = (): void => {
    replay?.close();
    replay = null;
    listening?.mute(false);
    wake();
  };
  const goTo = (place: number): void => {
    if (!recording) return;
    replay ??= openReplay({ alert, read, edge: () => edge(), onMove: wake, onDone: stopReplay });
    listening?.mute(true);
    replay.go(withinRecording(recording, place));
  };
  const withRecording = (then: (known: Recording) => void): void => {
    if (recording) then(recording);
    else void read().then((known) => !closed && then(known), wake);
  };

  return {
    state: () => ({
      hearing,
      recording,
      replay: replay && { place: replay.place(), rate: replay.rate(), paused: replay.isPaused() },
      edge: edge(),
    }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    toggle() {
      const was = listening !== null;
      stopReplay();
      listening?.close();
      listening = hearing = null;
      if (!was) listening = openListening(alert, onHearing);
      wake();
    },
    skip: (milliseconds) =>
      withRecording((known) => {
        const target = (replay?.place() ?? edge() ?? known.milliseconds) + milliseconds;
        if (replay || milliseconds < 0) goTo(target);
      }),
    goTo: (place) => withRecording(() => goTo(place)),
    playFrom: (frame) =>
      void read().then((known) => {
        const place = placeOf(known, frame);
        if (!closed && place !== null) goTo(place);
      }, wake),
    live: stopReplay,
    turnRate: () => replay?.setRate(replay.rate() === 1 ? fast : 1),
    turnPause: () => replay?.pause(!replay.isPaused()),
    frame() {
      if (replay) return recording && frameAt(recording, replay.place());
      return hearing?.status === 'live' ? hearing.frame : null;
    },
    close() {
      closed = true;
      stopReplay();
      listening?.close();
    },
  };
};

/** The ear of the alert at hand; null when it has no sound. */
export const useEar = (alert: string | null): Ear | null => {
  const [ear, setEar] = useState<Ear | null>(null);
  useEffect(() => {
    if (!alert) return;
    const opened = openEar(alert);
    setEar(opened);
    return () => {
      opened.close();
      setEar(null);
    };
  }, [alert]);
  return ear;
};

export const useHeard = (ear: Ear): Heard => {
  const [heard, setHeard] = useState(ear.state);
  useEffect(() => {
    setHeard(ear.state());
    return ear.subscribe(() => setHeard(ear.state()));
  }, [ear]);
  return heard;
};
