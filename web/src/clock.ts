/* The server's clock, and one tick a second for everything that counts. */
import { useEffect, useState } from 'preact/hooks';

let offset = 0;

/** What the server said its clock shows now. */
export const setServerClock = (now: number): void => {
  offset = now - Date.now();
};

export const serverNow = (): number => Date.now() + offset;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

const listen = (listener: () => void): (() => void) => {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((wake) => wake()), 500);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

/** The server's time in whole seconds (as milliseconds), renewed each second. */
export const useNow = (): number => {
  const second = (): number => Math.floor(serverNow() / 1000) * 1000;
  const [now, setNow] = useState(second);
  useEffect(() => listen(() => setNow(second)), []);
  return now;
};
