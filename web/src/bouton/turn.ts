/*
 * One telephone is one button: of all its tabs and windows, one feels taps and calls. The others wait for its place, and
 * may ask for it. A browser without locks lets each do as it likes.
 */

const name = 'horloge';
/* A page that is being loaded again holds its place a moment longer. */
const graceMs = 1000;
/* A page put to sleep does not answer: its place is taken. */
const answerMs = 2000;

type Hooks = {
  /** Another page has the place; `take` asks it to leave. */
  onElsewhere(take: () => void): void;
  /** Another page asks for the place: what must not be lost is kept first. */
  onAsked(): Promise<void>;
};

/** Ends once this page has the place. Whoever loses it is loaded again, which stops all of it, and waits like the others. */
export const takeTurn = ({ onElsewhere, onAsked }: Hooks): Promise<void> =>
  new Promise((resolve) => {
    if (!navigator.locks) return resolve();
    const waiting = new AbortController();
    const channel = new BroadcastChannel(name);
    let isMine = false;
    const hold = (): Promise<never> => {
      isMine = true;
      channel.onmessage = () => void onAsked().finally(() => location.reload());
      resolve();
      return new Promise(() => undefined);
    };
    const onLost = (): void => {
      if (isMine) location.reload();
    };
    const steal = (): void => {
      if (isMine) return;
      waiting.abort();
      navigator.locks.request(name, { steal: true }, hold).catch(onLost);
    };
    const take = (): void => {
      channel.postMessage(name);
      setTimeout(steal, answerMs);
    };
    navigator.locks.request(name, { signal: waiting.signal }, hold).catch(onLost);
    setTimeout(() => isMine || onElsewhere(take), graceMs);
  });
