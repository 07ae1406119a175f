/* Compares what the microphone gave with the time that went by: what is missing is a gap, never a silence. Pure. */
import { frameMs } from './frames';

/* Less than this is the audio thread being late, not a microphone taken away. */
const slackMs = 1000;

export class Timeline {
  #next: number; /* when the next block begins, if nothing is missing */
  #ticked: number;
  #stopped = false;

  constructor(began: number) {
    this.#next = began;
    this.#ticked = began;
  }

  /** A block ended at that time: how many frames are missing before it. */
  block(at: number): number {
    const missing = this.#missing(at - frameMs, this.#stopped ? frameMs : slackMs);
    this.#stopped = false;
    this.#next += (missing + 1) * frameMs;
    return missing;
  }

  /** Each second: how many frames have not come. A page that was itself held up has blocks waiting: it says nothing yet. */
  tick(now: number): number {
    const held = now - this.#ticked > 2 * slackMs;
    this.#ticked = now;
    if (held) return 0;
    const missing = this.#missing(now - slackMs, slackMs);
    this.#next += missing * frameMs;
    if (missing > 0) this.#stopped = true;
    return missing;
  }

  #missing(at: number, slack: number): number {
    const late = at - this.#next;
    return late > slack ? Math.floor(late / frameMs) : 0;
  }
}
