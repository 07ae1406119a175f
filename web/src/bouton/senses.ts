/* What the telephone knows besides sound: where it is, what its battery has left; and its screen kept awake. */
import type { Position } from './wire';

const orNull = (value: number | null): number | null => (value === null || Number.isNaN(value) ? null : value);

const positionOf = ({ coords, timestamp }: GeolocationPosition): Position => ({
  at: Math.round(timestamp),
  lat: coords.latitude,
  lon: coords.longitude,
  accuracy: orNull(coords.accuracy),
  speed: orNull(coords.speed),
  course: orNull(coords.heading),
  altitude: orNull(coords.altitude),
});

/** Where the telephone is now; fails with the browser's own code. */
export const locate = (timeoutMs: number): Promise<Position> =>
  new Promise((resolve, reject) => {
    const options = { enableHighAccuracy: true, maximumAge: 0, timeout: timeoutMs };
    navigator.geolocation.getCurrentPosition((found) => resolve(positionOf(found)), reject, options);
  });

/** The person said no, now or before; anything else may come right by itself. */
export const isRefusal = (thrown: unknown): boolean => (thrown as GeolocationPositionError).code === 1;

/** Each position, until told to stop. */
export const follow = (onPosition: (position: Position) => void): (() => void) => {
  const options = { enableHighAccuracy: true, maximumAge: 0 };
  const watch = navigator.geolocation.watchPosition((found) => onPosition(positionOf(found)), () => undefined, options);
  return () => navigator.geolocation.clearWatch(watch);
};

type Battery = EventTarget & { level: number };

/** The battery's percentage each time it changes, where the browser tells it. */
export const watchBattery = async (onBattery: (percent: number) => void): Promise<void> => {
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<Battery> };
  const battery = await getBattery?.call(navigator).catch(() => undefined);
  if (!battery) return;
  const tell = (): void => onBattery(Math.round(battery.level * 100));
  battery.addEventListener('levelchange', tell);
  tell();
};

export type Permission = 'granted' | 'denied' | 'prompt' | 'unknown';

/** Without asking anybody. */
export const permission = async (name: 'microphone' | 'geolocation'): Promise<Permission> => {
  const status = await navigator.permissions?.query({ name: name as PermissionName }).catch(() => undefined);
  return status?.state ?? 'unknown';
};

let lock: WakeLockSentinel | undefined;
let wanted = false;

const takeLock = async (): Promise<void> => {
  if (!wanted || document.visibilityState !== 'visible' || (lock && !lock.released)) return;
  lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
};

/** The browser lets go of it whenever the page is hidden: taken again when it is back. */
export const keepAwake = (): Promise<void> => {
  if (!wanted) document.addEventListener('visibilitychange', () => void takeLock());
  wanted = true;
  return takeLock();
};

export const isAwake = (): boolean => lock !== undefined && !lock.released;
