/* Places in the recording of an alert, in milliseconds of audio.ogg: docs/protocol/sound.md. Pure. */
import type { Recording } from '../api';
import { frameMs } from '../bouton/frames';

/** One frame of the sound: what a mark names, wherever the file puts it. */
export type Frame = { epoch: number; sequence: number };

export const placeOf = (recording: Recording, { epoch, sequence }: Frame): number | null => {
  const stream = recording.streams.find((one) => one.epoch === epoch);
  return stream ? stream.at + sequence * frameMs : null;
};

/** Between two streams: the end of the one before. */
export const frameAt = (recording: Recording, place: number): Frame | null => {
  const stream = recording.streams.findLast(({ at, first }) => at + first * frameMs <= place) ?? recording.streams[0];
  if (!stream) return null;
  const sequence = Math.floor((place - stream.at) / frameMs);
  return { epoch: stream.epoch, sequence: Math.max(stream.first, Math.min(stream.next - 1, sequence)) };
};

export const withinRecording = (recording: Recording, place: number): number =>
  Math.max(0, Math.min(recording.milliseconds, Math.floor(place / frameMs) * frameMs));

const partMs = 60000;
const leastMs = 400;
/* What is live takes a second to be on disk: nearer than this the live sound takes over. */
const seamMs = 2000;

export type Next = { type: 'part'; from: number; to: number } | { type: 'live' } | { type: 'end' } | { type: 'wait' };

/** What is played after `place`. edge: where the live sound is, null when there is none. */
export const nextPart = (recording: Recording, place: number, edge: number | null): Next => {
  if (edge !== null && edge - place <= seamMs) return { type: 'live' };
  const to = Math.min(place + partMs, recording.milliseconds);
  if (to - place >= leastMs) return { type: 'part', from: place, to };
  return { type: edge === null ? 'end' : 'wait' };
};

/** A level from 0 to 1, in words. */
export const levelWord = (level: number): 'none' | 'low' | 'middle' | 'high' => {
  if (level < 0.25) return 'none';
  if (level < 0.5) return 'low';
  return level < 0.75 ? 'middle' : 'high';
};
