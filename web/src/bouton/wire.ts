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

/* A code typed, kept until the server has it; null where none is chosen. */
export type End = { type: 'end'; at: number; pin: string | null };

export type Visit = { id: string; place: string; person: string; announced_at: number; due_at: number };

export type Extension = { type: 'extend'; at: number; pin: string | null; minutes: number };

export type FromPhone =
  | Call
  | End
  | { type: 'pins'; at: number; current: string | null; pin: string; duress: string }
  | { type: 'announce'; at: number; place: string; person: string; minutes: number }
  | Extension
  | { type: 'hello'; device: string; secret: string }
  | { type: 'position'; position: Position; battery: number | null }
  | { type: 'alive'; battery: number | null }
  | { type: 'test'; at: number }
  | { type: 'streaming'; alert: string; epoch: number; began: number };

export type Settings = { sound: boolean; silent: boolean; pins?: boolean };

export type Welcome = Settings & { type: 'welcome'; now: number; alert: string | null; streams: { epoch: number; next: number }[]; visit?: Visit | null };

/* How far a test came, and what else would have to work for a real call. */
export type Trace = {
  alert: string;
  room: string | null;
  screens: number /* operators whose page has it */;
  ready: number /* those of them whose page is visible and can sound */;
  contacts: number;
  granted: boolean;
  sms: 'none' | 'untried' | 'accepted' | 'sent' | 'delivered' | 'failed' /* the last real one */;
  sms_at: number | null;
  sms_late: number;
  record: boolean;
  listen: boolean;
};

export type Tested = { type: 'tested'; at: number } & ({ problem: string } | ({ problem: null } & Trace));

/* at null: to no message of this telephone's. right: the code was not plainly wrong. */
export type VisitAnswer = { at: number | null; right: boolean; problem: string | null; visit: Visit | null };

export type ToPhone =
  | Welcome
  | { type: 'called'; at: number; alert: string }
  | { type: 'stored'; at: number }
  | { type: 'now'; now: number }
  | { type: 'ack'; epoch: number; next: number }
  | ({ type: 'settings' } & Settings)
  | Tested
  | { type: 'shown'; alert: string }
  | { type: 'ended'; alert: string }
  | { type: 'alert'; alert: string }
  | { type: 'locate' }
  | { type: 'heard'; at: number; right: boolean }
  | { type: 'pins'; at: number; problem: string | null }
  | ({ type: 'visit' } & VisitAnswer);
