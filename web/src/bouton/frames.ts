/* A frame of live sound, as docs/protocol/sound.md lays it out: big-endian. */

export const frameMs = 20;
export const headerBytes = 34;
export const voiceFlag = 1;
export const gapFlag = 2;
export const backfillFlag = 4;

const version = 1;

export type Frame = {
  alert: string /* UUID, text */;
  epoch: number;
  sequence: number;
  at: number /* device time, ms */;
  flags: number;
  payload: Uint8Array;
};

export const encodeFrame = ({ alert, epoch, sequence, at, flags, payload }: Frame): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, version);
  view.setUint8(1, flags);
  bytes.set(bytesOfId(alert), 2);
  view.setUint32(18, epoch);
  view.setUint32(22, sequence);
  view.setBigUint64(26, BigInt(at));
  bytes.set(payload, headerBytes);
  return bytes;
};

const bytesOfId = (id: string): number[] => (id.replaceAll('-', '').match(/../g) ?? []).map((pair) => parseInt(pair, 16));

/** The alert of a frame, as encodeFrame was given it. */
export const idOf = (frame: ArrayBuffer): string => {
  const hex = Array.from(new Uint8Array(frame, 2, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

/** What a gap carries instead of sound: how many frames are missing. */
export const gapPayload = (missing: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, missing);
  return bytes;
};
