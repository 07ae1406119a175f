/*
 * The codes typed on the telephone. Only the server knows whether one is right: the page waits the same time for its
 * word whatever the code and whatever the network, and without a word says « noted ». Kept until the server has them.
 */
import { store } from './store';
import type { End, FromPhone } from './wire';

const verdictMs = 1500;
const choosingMs = 10000;

export const isPin = (text: string): boolean => /^[0-9]{4,8}$/.test(text);

type Hooks = {
  send(message: FromPhone): void;
  /** Whether a call made before that still waits for its answer: what ends it must come behind. */
  waitsForCall(at: number): boolean;
};

export class Codes {
  #ends: End[] = [];
  #wrong = new Set<number>();
  #onChosen: ((problem: string | null) => void) | undefined;

  constructor(readonly hooks: Hooks) {}

  /** The server has not answered the last one yet. */
  get isWaiting(): boolean {
    return this.#ends.length > 0;
  }

  async load(): Promise<void> {
    this.#ends = await store.ends();
  }

  /** What does not need to be right to be heard: false when the server said in time that it is wrong. */
  async type(pin: string | null): Promise<boolean> {
    const end: End = { type: 'end', at: Date.now(), pin };
    this.#ends.push(end);
    /* A telephone whose storage is full still sends it. */
    void store.addEnd(end).catch(() => undefined);
    this.flush();
    await new Promise((resolve) => setTimeout(resolve, verdictMs));
    return !this.#wrong.delete(end.at);
  }

  /** Said again and again until each is answered. */
  flush(): void {
    for (const end of this.#ends) if (!this.hooks.waitsForCall(end.at)) this.hooks.send(end);
  }

  onHeard(at: number, right: boolean): void {
    if (!right) this.#wrong.add(at);
    this.#ends = this.#ends.filter((end) => end.at !== at);
    void store.removeEnd(at).catch(() => undefined);
  }

  /** Null when they hold from now on, else why not; undefined: no answer. */
  choose(current: string | null, pin: string, duress: string): Promise<string | null | undefined> {
    this.hooks.send({ type: 'pins', at: Date.now(), current, pin, duress });
    return new Promise((resolve) => {
      this.#onChosen = resolve;
      setTimeout(resolve, choosingMs, undefined);
    });
  }

  onChosen(problem: string | null): void {
    this.#onChosen?.(problem);
  }
}
