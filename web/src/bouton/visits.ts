/*
 * The visit announced on this telephone. What the server has not answered yet is kept and said again and again; what it
 * has is what it says, so that a page that was closed finds it again.
 */
import { store } from './store';
import type { FromPhone, Visit } from './wire';

const verdictMs = 1500;
const minuteMs = 60000;

/* Kept until it is answered. An announcement says until when: without a network the time goes by all the same. */
export type Waiting =
  | { type: 'announce'; at: number; place: string; person: string; until: number }
  | { type: 'extend'; at: number; pin: string | null; minutes: number };

export type Draft = { place: string; person: string; minutes: number };

const emptyDraft: Draft = { place: '', person: '', minutes: 60 };

type Hooks = {
  send(message: FromPhone): void;
  onChange(): void;
  /** What to say when an announcement could not leave in time. */
  tooLate: string;
};

export class Visits {
  current: Visit | null = null;
  waiting: Waiting | null = null;
  problem: string | null = null; /* why the last one was refused */
  draft: Draft = emptyDraft;

  constructor(readonly hooks: Hooks) {}

  async load(): Promise<void> {
    this.current = (await store.get('visit')) ?? null;
    this.waiting = (await store.get('visitWaiting')) ?? null;
  }

  get isThere(): boolean {
    return this.current !== null || this.waiting !== null;
  }

  announce({ place, person, minutes }: Draft): void {
    const at = Date.now();
    this.#wait({ type: 'announce', at, place, person, until: at + minutes * minuteMs });
  }

  /** The same time whatever the code: false when the server said meanwhile that it is wrong. */
  async extend(pin: string | null, minutes: number): Promise<boolean> {
    this.#wait({ type: 'extend', at: Date.now(), pin, minutes });
    await new Promise((resolve) => setTimeout(resolve, verdictMs));
    return this.problem === null;
  }

  /** What has not left does not leave any more. */
  withdraw(): void {
    this.#setWaiting(null);
  }

  flush(): void {
    const { waiting } = this;
    if (waiting?.type === 'extend') return this.hooks.send(waiting);
    if (!waiting) return;
    const { type, at, place, person, until } = waiting;
    const minutes = (until - Date.now()) / minuteMs;
    if (minutes > 0) return this.hooks.send({ type, at, place, person, minutes });
    this.problem = this.hooks.tooLate;
    this.#setWaiting(null);
  }

  /** at null: not an answer, something became of it elsewhere. */
  onVisit(at: number | null, problem: string | null, visit: Visit | null): void {
    if (at !== null && at === this.waiting?.at) {
      this.problem = problem;
      if (problem === null && this.waiting.type === 'announce') this.draft = emptyDraft;
      this.#setWaiting(null);
    }
    this.#setCurrent(visit);
  }

  onWelcome(visit: Visit | null): void {
    this.#setCurrent(visit);
    this.flush();
  }

  /** The room has closed an alert: what was missed is over with it. */
  onAlertEnded(now: number): void {
    if (this.current && this.current.due_at <= now) this.#setCurrent(null);
  }

  #wait(waiting: Waiting): void {
    this.problem = null;
    this.#setWaiting(waiting);
    this.flush();
  }

  #setWaiting(waiting: Waiting | null): void {
    this.waiting = waiting;
    /* A telephone whose storage is full still sends it. */
    void store.set('visitWaiting', waiting).catch(() => undefined);
    this.hooks.onChange();
  }

  #setCurrent(visit: Visit | null): void {
    this.current = visit;
    void store.set('visit', visit).catch(() => undefined);
    this.hooks.onChange();
  }
}
