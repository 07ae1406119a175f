/* One way to ask the server: JSON in, JSON or a problem (RFC 9457) out. */
import type { Problem } from './api';
import { messages } from './messages';
import { fromProblem } from './server';

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(fromProblem(problem));
  }
}

const unreachable: Problem = { type: '/problems/unreachable', title: messages.unreachable, status: 503 };

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'title' in value && 'type' in value;

const answerOf = async (response: Response): Promise<unknown> => {
  if (response.status === 204) return undefined;
  return response.json().catch(() => undefined);
};

export const request = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
  const init: RequestInit = { method, headers: { Accept: 'application/json' }, cache: 'no-store' };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'Content-Type': 'application/json', 'Idempotency-Key': newKey() };
  }
  /* The network may lose the answer of what was done: the second try bears the same key, so it is not done twice. */
  const ask = (): Promise<Response> => fetch(path, init);
  const response = await ask().catch(ask).catch(() => undefined);
  if (!response) throw new Refusal(503, unreachable);
  const answer = await answerOf(response);
  if (response.ok) return answer as Answer;
  throw new Refusal(response.status, isProblem(answer) ? answer : { ...unreachable, status: response.status });
};

/* crypto.randomUUID needs a secure context; a demonstration over plain HTTP on a local network is not one. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-');

export const get = <Answer>(path: string): Promise<Answer> => request('GET', path);
export const post = <Answer>(path: string, body: unknown): Promise<Answer> => request('POST', path, body);
export const remove = <Answer>(path: string): Promise<Answer> => request('DELETE', path);

const retryMs = 2000;

/** Tries until it works: for what a page cannot do without, when the network comes and goes. */
export const persist = <Value>(attempt: () => Promise<Value>): Promise<Value> =>
  attempt().catch(async () => {
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    return persist(attempt);
  });

/** What to tell the person, whatever was thrown. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
