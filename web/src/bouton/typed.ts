/*
 * Codes typed on the telephone. Only the server knows whether one is right: the page waits the same time for its word
 * whatever the code and whatever the network. Kept, and said again and again, until each is answered: the one given
 * under duress is, whatever is typed after it.
 */
const verdictMs = 1500;

type Message = { at: number };

type Kept<M extends Message> = {
  all(): Promise<M[]>;
  add(message: M): Promise<unknown>;
  remove(at: number): Promise<unknown>;
};

export class Typed<M extends Message> {
  #waiting: M[] = [];
  #wrong = new Set<number>();

  constructor(readonly kept: Kept<M>) {}

  async load(): Promise<void> {
    this.#waiting = await this.kept.all();
  }

  /** Those the server has not answered yet. */
  get waiting(): readonly M[] {
    return this.#waiting;
  }

  /** From now on it waits for its answer; `say` sends it at once. False when the server said in time that its code is wrong. */
  async type(message: M, say: () => void): Promise<boolean> {
    this.#waiting.push(message);
    /* A telephone whose storage is full still sends it. */
    void this.kept.add(message).catch(() => undefined);
    say();
    await new Promise((resolve) => setTimeout(resolve, verdictMs));
    return !this.#wrong.delete(message.at);
  }

  onAnswer(at: number, right: boolean): void {
    if (!right) this.#wrong.add(at);
    this.#waiting = this.#waiting.filter((message) => message.at !== at);
    void this.kept.remove(at).catch(() => undefined);
  }
}
