/*
 * The session of this browser. Its cookie is out of the page's sight, and asking without one is an error that the browser
 * writes down: this mark says that there may be one, and lives as long. It says nothing of whom.
 */
import type { Session } from './api';
import { get, post, Refusal, remove } from './request';

const mark = 'egide_open';

const isMarked = (): boolean => document.cookie.split('; ').includes(`${mark}=1`);

const setMark = (open: boolean): void => {
  document.cookie = open ? `${mark}=1; path=/; SameSite=Strict` : `${mark}=; path=/; SameSite=Strict; max-age=0`;
};

const isOver = (thrown: unknown): boolean => thrown instanceof Refusal && thrown.status === 401;

export const openSession = async (who: { login: string; password: string; code?: string }): Promise<Session> => {
  const session = await post<Session>('/api/session', who);
  setMark(true);
  return session;
};

/** After an association, which opens one by itself. */
export const readSession = async (): Promise<Session> => {
  const session = await get<Session>('/api/session');
  setMark(true);
  return session;
};

/** Undefined: there is none, or it is over. */
export const sessionNow = async (): Promise<Session | undefined> => {
  if (!isMarked()) return undefined;
  try {
    return await get<Session>('/api/session');
  } catch (thrown) {
    if (!isOver(thrown)) throw thrown;
    setMark(false);
    return undefined;
  }
};

export const closeSession = async (everywhere = false): Promise<void> => {
  await remove(everywhere ? '/api/sessions' : '/api/session').catch((thrown: unknown) => {
    if (!isOver(thrown)) throw thrown;
  });
  setMark(false);
};
