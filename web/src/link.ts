/* A page opened by a link of an SMS: its token, and what it shows, asked again every few seconds. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Configuration } from './api';
import { serverNow, setServerClock } from './clock';
import { get, persist, Refusal } from './request';

const everyMs = 3000;

export const token = (): string => location.pathname.split('/').filter(Boolean).at(-1) ?? '';

export type Polled<Value> = {
  value: Value | undefined;
  dead: boolean; /* revoked, ended, or never was */
  heardAt: number; /* server time of the last answer */
  set(value: Value): void;
};

const isDead = (thrown: unknown): boolean => thrown instanceof Refusal && [404, 410].includes(thrown.status);

export const usePolled = <Value>(path: string): Polled<Value> => {
  const [value, setValue] = useState<Value>();
  const [dead, setDead] = useState(false);
  const [heardAt, setHeardAt] = useState(serverNow);
  const set = useCallback((next: Value): void => {
    setValue(next);
    setHeardAt(serverNow());
  }, []);
  useEffect(() => {
    if (dead) return undefined;
    const ask = (): void => {
      if (document.visibilityState === 'visible') void get<Value>(path).then(set, (thrown: unknown) => setDead(isDead(thrown)));
    };
    ask();
    const timer = setInterval(ask, everyMs);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [path, dead]);
  return { value, dead, heardAt, set };
};

/** The server's clock and the map's settings; asked until they come. */
export const useConfiguration = (): Configuration | undefined => {
  const [configuration, setConfiguration] = useState<Configuration>();
  useEffect(() => {
    void persist(() => get<Configuration>('/api/configuration')).then((loaded) => {
      setServerClock(loaded.now);
      setConfiguration(loaded);
    });
  }, []);
  return configuration;
};
