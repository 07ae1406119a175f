/* The live feed: keeps a WebSocket open, says when it is lost, comes back by the cursor. */
import type { Cursor, FeedFromPage, FeedToPage } from '../api';
import type { Link } from './state';

export type FeedOptions = {
  cursor(): Cursor | null;
  presence(): { visible: boolean; sound: boolean };
  onMessage(message: FeedToPage): void;
  onLink(link: Link): void;
  onEnded(): void; /* the session is over, or is not an operator's */
};

export type Feed = { sendPresence(): void; sendPainted(alert: string): void; close(): void };

/* The server beats each 2 s: two missed beats and a little, and still said within 5 s. */
const silenceMs = 4500;
const watchMs = 250;
const presenceMs = 2000;
const retryMs = [250, 500, 1000, 2000];
const sessionEnded = 4401;
const notOperator = 4403;

export const openFeed = ({ cursor, presence, onMessage, onLink, onEnded }: FeedOptions): Feed => {
  let socket: WebSocket | undefined;
  let welcomed = false;
  let heardAt = Date.now();
  let attempts = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let done = false;

  const write = (message: FeedFromPage): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  /* Before the welcome the server hears nothing but the hello. */
  const send = (message: FeedFromPage): void => {
    if (welcomed) write(message);
  };

  const hear = ({ data }: MessageEvent<string>): void => {
    const message = JSON.parse(data) as FeedToPage;
    heardAt = Date.now();
    if (message.type === 'welcome') {
      welcomed = true;
      attempts = 0;
      onLink({ status: 'open' });
    }
    onMessage(message);
  };

  /* A close handshake over a dead network never ends: the old socket is left behind, not waited for. */
  const lose = (): void => {
    const old = socket;
    socket = undefined;
    welcomed = false;
    if (old) {
      old.onclose = old.onmessage = old.onopen = null;
      old.close();
    }
    if (done) return;
    onLink({ status: 'lost', since: heardAt });
    clearTimeout(retry);
    retry = setTimeout(connect, retryMs[Math.min(attempts++, retryMs.length - 1)]);
  };

  const connect = (): void => {
    const opening = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/feed`);
    const openedAt = Date.now();
    socket = opening;
    opening.onopen = () => write({ type: 'hello', cursor: cursor(), ...presence() });
    opening.onmessage = hear;
    opening.onclose = ({ code }) => {
      if (code === sessionEnded || code === notOperator) {
        close();
        onEnded();
      } else lose();
    };
    setTimeout(() => {
      if (socket === opening && !welcomed && Date.now() - openedAt >= silenceMs) lose();
    }, silenceMs);
  };

  const watch = setInterval(() => {
    if (welcomed && Date.now() - heardAt > silenceMs) lose();
  }, watchMs);
  const present = setInterval(() => send({ type: 'presence', ...presence() }), presenceMs);
  const wake = (): void => {
    if (!welcomed) lose();
  };

  const close = (): void => {
    done = true;
    clearInterval(watch);
    clearInterval(present);
    clearTimeout(retry);
    removeEventListener('online', wake);
    lose();
  };

  addEventListener('online', wake);
  connect();
  return {
    sendPresence: () => send({ type: 'presence', ...presence() }),
    sendPainted: (alert) => send({ type: 'painted', alert }),
    close,
  };
};
