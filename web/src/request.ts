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

/* The network may lose the answer of what was done: the second try bears the same key, so it is not done twice. */
const send = async (method: string, path: string, accept: string, body?: unknown): Promise<Response> => {
  const init: RequestInit = { method, headers: { Accept: accept }, cache: 'no-store' };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'Content-Type': 'application/json', 'Idempotency-Key': newKey() };
  }
  const ask = (): Promise<Response> => fetch(path, init);
  const response = await ask().catch(ask).catch(() => undefined);
  if (!response) throw new Refusal(503, unreachable);
  return response;
};

const refusalOf = (status: number, answer: unknown): Refusal => new Refusal(status, isProblem(answer) ? answer : { ...unreachable, status });

export const request = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
  const response = await send(method, path, 'application/json', body);
  const answer = await answerOf(response);
  if (response.ok) return answer as Answer;
  throw refusalOf(response.status, answer);
};

/** What is to be saved as a file. Each asking makes one, and a line of the journal. */
export const postForFile = async (path: string, body: unknown): Promise<Blob> => {
  const response = await send('POST', path, '*/*', body);
  if (response.ok) return response.blob();
  throw refusalOf(response.status, await answerOf(response));
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
