/* The server's clock, and one tick a second for everything that counts. */
import { useEffect, useState } from 'preact/hooks';

let offset = 0;

/* Each was late on its way, none early: the greatest of the last ones is the truest. */
const kept = 20;
let told: number[] = [];

/** What the server said its clock shows now. */
export const setServerClock = (now: number): void => {
  told = [...told, now - Date.now()].slice(-kept);
  offset = Math.max(...told);
};

/** The server's clock when ours showed that. */
export const serverTime = (ours: number): number => ours + offset;

export const serverNow = (): number => serverTime(Date.now());

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
