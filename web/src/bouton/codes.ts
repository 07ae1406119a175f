/* The codes that ask for the end, and choosing them. Without a word of the server's the page says « noted ». */
import { store } from './store';
import { Typed } from './typed';
import type { End, FromPhone } from './wire';

const choosingMs = 10000;

export const isPin = (text: string): boolean => /^[0-9]{4,8}$/.test(text);

type Hooks = {
  send(message: FromPhone): void;
  /** Whether a call made before that still waits for its answer: what ends it must come behind. */
  waitsForCall(at: number): boolean;
};

export class Codes {
  #ends = new Typed<End>({ all: store.ends, add: store.addEnd, remove: store.removeEnd });
  #onChosen: ((problem: string | null) => void) | undefined;

  constructor(readonly hooks: Hooks) {}

  /** The server has not answered the last one yet. */
  get isWaiting(): boolean {
    return this.#ends.waiting.length > 0;
  }

  load(): Promise<void> {
    return this.#ends.load();
  }

  /** What does not need to be right to be heard: false when the server said in time that it is wrong. */
  type(pin: string | null): Promise<boolean> {
    return this.#ends.type({ type: 'end', at: Date.now(), pin }, () => this.flush());
  }

  /** Said again and again until each is answered. */
  flush(): void {
    for (const end of this.#ends.waiting) if (!this.hooks.waitsForCall(end.at)) this.hooks.send(end);
  }

  onHeard(at: number, right: boolean): void {
    this.#ends.onAnswer(at, right);
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
