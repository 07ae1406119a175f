/*
 * Keeps the page's own files, so that the button opens without a network; everything else goes its usual way. A new
 * version takes over once the page is closed: an open one never finds half of its files gone.
 */

/* Given by build.mjs: the files of this version, and its name. */
declare const FILES: string[];
/* Those that only some browsers need: kept once they were asked for. */
declare const LATER: string[];
declare const VERSION: string;

type Work = Event & { waitUntil(work: Promise<unknown>): void };
type Asked = Event & { request: Request; respondWith(answer: Promise<Response>): void };

const prefix = 'horloge-';
const name = `${prefix}${VERSION}`;

const keep = async (): Promise<void> => (await caches.open(name)).addAll(FILES.map((file) => new Request(file, { cache: 'reload' })));

const dropOthers = async (): Promise<void> => {
  const names = await caches.keys();
  await Promise.all(names.filter((one) => one.startsWith(prefix) && one !== name).map((one) => caches.delete(one)));
};

const answer = async (request: Request): Promise<Response> => {
  const kept = await (await caches.open(name)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
};

const answerLater = async (request: Request): Promise<Response> => {
  const found = await answer(request);
  if (found.ok) await (await caches.open(name)).put(request, found.clone());
  return found;
};

addEventListener('install', (event) => (event as Work).waitUntil(keep()));
addEventListener('activate', (event) => (event as Work).waitUntil(dropOthers()));
addEventListener('fetch', (event) => {
  const { request, respondWith } = event as Asked;
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET') return;
  if (FILES.includes(pathname)) respondWith.call(event, answer(request));
  if (LATER.includes(pathname)) respondWith.call(event, answerLater(request));
});

export {};
