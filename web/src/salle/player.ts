/* The loudspeaker of the room: blocks of decoded sound, played in the audio thread (player.mjs). */
import worklet from 'asset:./player.mjs';
import { rate, type Samples } from '../opus';
import type { Frame } from './places';

/** Twelve times a second: what is in the ear now. */
export type Played = {
  frame: Frame;
  at: number /* device time of that frame, ms */;
  heardAt: number /* our clock when it leaves the loudspeaker, ms */;
  leftOut: number /* blocks that were not quiet, since the beginning, to catch up */;
};

export type Player = {
  mute(on: boolean): void;
  play(samples: Samples, frame: Frame, at: number): void;
  close(): void;
};

type Report = Omit<Played, 'heardAt'> & { now: number };

/* What the device still holds of it, where the browser knows. */
const outputMs = (context: AudioContext): number => 1000 * ((context.outputLatency || context.baseLatency) ?? 0);

export const createPlayer = (onPlayed: (played: Played) => void): Player => {
  const context = new AudioContext({ sampleRate: rate });
  const volume = context.createGain();
  volume.connect(context.destination);
  let node: AudioWorkletNode | undefined; /* what comes before it is there is not heard */
  const begin = async (): Promise<void> => {
    await context.audioWorklet.addModule(worklet);
    node = new AudioWorkletNode(context, 'player', { numberOfInputs: 0, outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => {
      const { now, ...played } = data as Report;
      onPlayed({ ...played, heardAt: now + outputMs(context) });
    };
    node.connect(volume);
  };
  void begin().catch(() => undefined); /* closed meanwhile */
  void context.resume();
  return {
    mute(on) {
      volume.gain.value = on ? 0 : 1;
    },
    play: (samples, frame, at) => node?.port.postMessage({ samples, frame, at }, [samples.buffer]),
    close: () => void context.close(),
  };
};
