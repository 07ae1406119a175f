/* What the phone keeps, in IndexedDB: it survives a closed page and a telephone switched off. */
import type { Enrolled } from '../api';
import type { Saved } from './backlog';
import type { Announcement } from './visits';
import type { Call, End, Extension, Position, Visit } from './wire';

/* What is kept under a name of its own. */
export type Facts = {
  credential: Enrolled;
  armed: boolean;
  sound: boolean /* what the server said last */;
  alert: string | null;
  called: boolean /* by three taps on this telephone; else the server made it known */;
  pins: boolean /* the server has codes of this person */;
  reserve: string /* the place of what is about to be kept */;
  visit: Visit | null /* what the server said last */;
  announcement: Announcement | null;
};

/* Why a telephone keeps nothing: the browser does not let it, or no room is left. */
export type StorageProblem = 'refused' | 'full';

const reserveBytes = 64 * 1024;
/* Some browsers never answer where they keep nothing. */
const openingMs = 5000;

const tables = { facts: undefined, calls: 'at', positions: 'at', sound: ['epoch', 'first'], ends: 'at', extensions: 'at' };

type Table = keyof typeof tables;

/* What a page of before kept of a visit, under one name, until it was answered. A code is in it, perhaps the one under duress: it is said still. */
type Waiting = (Announcement & { type: 'announce' }) | Extension;

const moveWaiting = (transaction: IDBTransaction): void => {
  const facts = transaction.objectStore('facts');
  const asked: IDBRequest<Waiting | null | undefined> = facts.get('visitWaiting');
  asked.onsuccess = () => {
    const waiting = asked.result;
    if (waiting?.type === 'extend') transaction.objectStore('extensions').put(waiting);
    if (waiting?.type === 'announce') {
      const { at, place, person, until } = waiting;
      facts.put({ at, place, person, until } satisfies Announcement, 'announcement');
    }
    facts.delete('visitWaiting');
  };
};

const opened = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open('horloge', 4);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(tables))
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, keyPath ? { keyPath } : undefined);
      if (request.transaction) moveWaiting(request.transaction);
    };
    request.onsuccess = () => {
      request.result.onclose = forget;
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    setTimeout(reject, openingMs, new Error('IndexedDB is silent'));
  });

let database: Promise<IDBDatabase> | undefined;

/* What failed once, or was closed by the browser, is opened anew. */
const forget = (): void => {
  database = undefined;
};

const open = (): Promise<IDBDatabase> => {
  if (!database) {
    database = opened();
    database.catch(forget);
  }
  return database;
};

const run = async <Answer>(table: Table, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<Answer>): Promise<Answer> => {
  const transaction = (await open()).transaction(table, mode, { durability: 'strict' });
  const request = ask(transaction.objectStore(table));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
};

const all = <Row>(table: Table): Promise<Row[]> => run(table, 'readonly', (store) => store.getAll() as IDBRequest<Row[]>);
const put = (table: Table, row: unknown): Promise<unknown> => run(table, 'readwrite', (store) => store.put(row));
const remove = (table: Table, key: IDBValidKey | IDBKeyRange): Promise<unknown> => run(table, 'readwrite', (store) => store.delete(key));

export const store = {
  get: <Name extends keyof Facts>(name: Name): Promise<Facts[Name] | undefined> => run('facts', 'readonly', (rows) => rows.get(name)),
  set: <Name extends keyof Facts>(name: Name, value: Facts[Name]): Promise<unknown> => run('facts', 'readwrite', (rows) => rows.put(value, name)),

  /** Whether this telephone can keep something: a place is taken for it. */
  reserve: (): Promise<StorageProblem | undefined> =>
    store.set('reserve', 'x'.repeat(reserveBytes)).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof DOMException && thrown.name === 'QuotaExceededError' ? 'full' : 'refused'),
    ),
  release: (): Promise<unknown> => remove('facts', 'reserve'),

  calls: (): Promise<Call[]> => all('calls'),
  addCall: (call: Call): Promise<unknown> => put('calls', call),
  removeCall: (at: number): Promise<unknown> => remove('calls', at),

  ends: (): Promise<End[]> => all('ends'),
  addEnd: (end: End): Promise<unknown> => put('ends', end),
  removeEnd: (at: number): Promise<unknown> => remove('ends', at),

  extensions: (): Promise<Extension[]> => all('extensions'),
  addExtension: (extension: Extension): Promise<unknown> => put('extensions', extension),
  removeExtension: (at: number): Promise<unknown> => remove('extensions', at),

  positions: (): Promise<Position[]> => all('positions'),
  addPosition: (position: Position): Promise<unknown> => put('positions', position),
  removePosition: (at: number): Promise<unknown> => remove('positions', at),

  sound: (): Promise<Saved[]> => all('sound'),
  addSound: (run: Saved): Promise<unknown> => put('sound', run),
  /** Frames before `next` are no longer wanted. Runs follow each other: the last one that begins before may still be. */
  removeSound: async (epoch: number, next: number): Promise<void> => {
    const keys = await run('sound', 'readonly', (rows) => rows.getAllKeys(IDBKeyRange.bound([epoch, 0], [epoch, next])));
    const last = keys.at(-1);
    if (keys.length > 1 && last) await remove('sound', IDBKeyRange.bound([epoch, 0], last, false, true));
  },

  /** The alert is over. */
  forgetAlert: async (): Promise<void> => {
    await run('sound', 'readwrite', (rows) => rows.clear());
    await run('positions', 'readwrite', (rows) => rows.clear());
  },
};
