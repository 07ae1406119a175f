/* The visible test of the whole chain: an alert marked ESSAI goes the way a call goes, and the server says how far it came. */
import type { FromPhone, Tested } from './wire';

/* The server ends a test after eight seconds. */
const patienceMs = 10000;

export type Trial = {
  /** With the milliseconds it took; undefined: no answer. */
  tested: Promise<{ answer: Tested; ms: number } | undefined>;
  /** The milliseconds until a screen of a room showed it; undefined: none did. */
  shown: Promise<number | undefined>;
};

export class Trials {
  #onTested: ((answer: Tested) => void) | undefined;
  #onShown: ((isShown: boolean) => void) | undefined;

  constructor(readonly send: (message: FromPhone) => void) {}

  start(): Trial {
    const at = Date.now();
    const from = performance.now();
    const since = (): number => Math.round(performance.now() - from);
    const tested: Trial['tested'] = new Promise((resolve) => {
      this.#onTested = (answer) => answer.at === at && resolve({ answer, ms: since() });
      setTimeout(resolve, patienceMs, undefined);
    });
    const shown: Trial['shown'] = new Promise((resolve) => {
      this.#onShown = (isShown) => resolve(isShown ? since() : undefined);
      setTimeout(resolve, patienceMs, undefined);
    });
    this.send({ type: 'test', at });
    return { tested, shown };
  }

  onTested(answer: Tested): void {
    this.#onTested?.(answer);
  }

  onShown(): void {
    this.#onShown?.(true);
  }

  /* Of an alert that is not the telephone's own: it was the test's. */
  onEnded(): void {
    this.#onShown?.(false);
  }
}
