/* The phone's socket in words: docs/protocol/phone.md. */

export type Position = {
  at: number;
  lat: number;
  lon: number;
  accuracy: number | null;
  speed: number | null;
  course: number | null;
  altitude: number | null;
};

export type Call = { type: 'call'; at: number; position: Position | null; battery: number | null };

export type FromPhone =
  | Call
  | { type: 'hello'; device: string; secret: string }
  | { type: 'position'; position: Position; battery: number | null }
  | { type: 'alive'; battery: number | null }
  | { type: 'streaming'; alert: string; epoch: number; began: number };

export type Welcome = { type: 'welcome'; now: number; sound: boolean; silent: boolean; alert: string | null; streams: { epoch: number; next: number }[] };

export type ToPhone =
  | Welcome
  | { type: 'called'; at: number; alert: string }
  | { type: 'stored'; at: number }
  | { type: 'now'; now: number }
  | { type: 'ack'; epoch: number; next: number }
  | { type: 'alert'; alert: string }
  | { type: 'locate' }
  | { type: 'ended'; alert: string };
