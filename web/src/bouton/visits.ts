/*
 * The visit announced on this telephone. What the server has not answered yet is kept and said again and again; what it
 * has is what it says, so that a page that was closed finds it again.
 */
import { store } from './store';
import { Typed } from './typed';
import type { Extension, FromPhone, Visit, VisitAnswer } from './wire';

const minuteMs = 60000;

/* Kept until it is answered. It says until when: without a network the time goes by all the same. */
export type Announcement = { at: number; place: string; person: string; until: number };

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
  announcement: Announcement | null = null;
  problem: string | null = null; /* why the last one was refused */
  draft: Draft = emptyDraft;
  #extensions = new Typed<Extension>({ all: store.extensions, add: store.addExtension, remove: store.removeExtension });

  constructor(readonly hooks: Hooks) {}

  async load(): Promise<void> {
    this.current = (await store.get('visit')) ?? null;
    this.announcement = (await store.get('announcement')) ?? null;
    await this.#extensions.load();
  }

  get isThere(): boolean {
    return this.current !== null || this.announcement !== null;
  }

  /** The server has not answered a prolongation yet. */
  get isProlonging(): boolean {
    return this.#extensions.waiting.length > 0;
  }

  announce({ place, person, minutes }: Draft): void {
    const at = Date.now();
    this.problem = null;
    this.#setAnnouncement({ at, place, person, until: at + minutes * minuteMs });
    this.flush();
  }

  /** The same time whatever the code: false when the server said meanwhile that it is wrong. */
  extend(pin: string | null, minutes: number): Promise<boolean> {
    this.problem = null;
    return this.#extensions.type({ type: 'extend', at: Date.now(), pin, minutes }, () => {
      this.hooks.onChange();
      this.flush();
    });
  }

  /** What has not left does not leave any more. */
  withdraw(): void {
    this.#setAnnouncement(null);
  }

  flush(): void {
    this.#flushAnnouncement();
    for (const extension of this.#extensions.waiting) this.hooks.send(extension);
  }

  #flushAnnouncement(): void {
    if (!this.announcement) return;
    const { at, place, person, until } = this.announcement;
    const minutes = (until - Date.now()) / minuteMs;
    if (minutes > 0) return this.hooks.send({ type: 'announce', at, place, person, minutes });
    this.problem = this.hooks.tooLate;
    this.#setAnnouncement(null);
  }

  /** at null: not an answer, something became of it elsewhere. */
  onVisit({ at, right, problem, visit }: VisitAnswer): void {
    if (at !== null && at === this.announcement?.at) this.#onAnnounced(problem);
    else if (at !== null && this.#extensions.waiting.some((extension) => extension.at === at)) this.#onExtended(at, right, problem);
    this.#setCurrent(visit);
  }

  #onAnnounced(problem: string | null): void {
    this.problem = problem;
    if (problem === null) this.draft = emptyDraft;
    this.#setAnnouncement(null);
  }

  #onExtended(at: number, right: boolean, problem: string | null): void {
    this.problem = problem;
    this.#extensions.onAnswer(at, right);
  }

  onWelcome(visit: Visit | null): void {
    this.#setCurrent(visit);
    this.flush();
  }

  /** The room has closed an alert: what was missed is over with it. */
  onAlertEnded(now: number): void {
    if (this.current && this.current.due_at <= now) this.#setCurrent(null);
  }

  #setAnnouncement(announcement: Announcement | null): void {
    this.announcement = announcement;
    void store.set('announcement', announcement).catch(() => undefined);
    this.hooks.onChange();
  }

  #setCurrent(visit: Visit | null): void {
    this.current = visit;
    void store.set('visit', visit).catch(() => undefined);
    this.hooks.onChange();
  }
}
