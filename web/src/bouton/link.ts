/* The connection to the server: said hello, kept alive, made again by itself. */
import type { Enrolled } from '../api';
import type { FromPhone, ToPhone, Welcome } from './wire';

export type LinkState = 'off' | 'connecting' | 'open' | 'refused';

type Hooks = {
  /** What does not wait for the welcome: a call is heard even when this telephone is not known any more. */
  greet(): FromPhone[];
  onOpen(welcome: Welcome): void;
  onMessage(message: ToPhone): void;
  onBytes(message: ArrayBuffer): void;
  onState(): void;
  /** Whether something was sent that has no answer yet. */
  isWaiting(): boolean;
};

const firstRetryMs = 500;
const lastRetryMs = 5000;
const openingMs = 10000;
const aliveMs = 20000;
/* While help is on its way, a dead line must be noticed sooner. */
const aliveInAlertMs = 4000;
const patience = 2.5;
/*
 * What is sent in an alert is answered each second. Silent for longer, the server is asked; silent all the same, another
 * line is opened beside: over TCP all that is sent waits behind what was lost. Whichever speaks first is the line.
 */
const quietMs = 1500;
const stallMs = 2500;
const besideEveryMs = 5000;
const lookMs = 250;
/* A page held up for longer has not heard yet what came meanwhile. */
const heldUpMs = 1000;
/* A server that closes sooner than this is not pressed. */
const steadyMs = 5000;
const refusedCode = 4401;

export class Link {
  state: LinkState = 'off';
  battery: number | null = null;
  /** The server's clock is ahead of this telephone's by that much, ms. */
  clockAhead = 0;
  #inAlert = false;
  #alertAt = -Infinity; /* when it began to be */
  #socket: WebSocket | undefined;
  #beside: WebSocket | undefined; /* while the line stalls */
  #besideAt = -Infinity;
  #credential: Enrolled | undefined;
  #retryMs = firstRetryMs;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #openedAt = 0;
  #heardAt = 0;
  #askedAt = 0;
  #unanswered = 0; /* times it was asked on this connection */

  constructor(readonly hooks: Hooks) {
    addEventListener('online', () => this.#now());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.#now());
    setInterval(() => this.#look(), lookMs);
  }

  start(credential: Enrolled): void {
    this.#credential = credential;
    this.#close();
    this.#connect();
  }

  /** Silence that was good enough before says nothing of a line that is listened to closely from now on: it is asked. */
  set inAlert(inAlert: boolean) {
    if (inAlert && !this.#inAlert) {
      this.#alertAt = performance.now();
      this.#ask();
    }
    this.#inAlert = inAlert;
  }

  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(message: FromPhone): void {
    if (this.state === 'open') this.#socket?.send(JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.state === 'open') this.#socket?.send(bytes);
  }

  /* Something changed for the better: no reason to wait. */
  #now(): void {
    if (!this.#credential || this.#socket) return;
    this.#retryMs = firstRetryMs;
    clearTimeout(this.#retry);
    this.#connect();
  }

  #connect(): void {
    this.#socket = this.#dial();
    this.#heardAt = performance.now();
    if (this.state !== 'refused') this.#become('connecting');
  }

  #dial(): WebSocket {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/phone/socket`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#greet(socket);
    socket.onmessage = ({ data }) => this.#onData(socket, data);
    socket.onclose = ({ code }) => this.#onClose(socket, code);
    return socket;
  }

  #onData(socket: WebSocket, data: unknown): void {
    if (socket === this.#beside) this.#move(socket);
    else if (socket === this.#socket) this.#dropBeside();
    else return;
    if (data instanceof ArrayBuffer) this.hooks.onBytes(data);
    else this.#heard(JSON.parse(String(data)) as ToPhone);
  }

  #onClose(socket: WebSocket, code: number): void {
    if (socket === this.#beside) this.#beside = undefined;
    if (socket !== this.#socket) return;
    this.#dropBeside();
    this.#lost(code);
  }

  /* --- the line beside */

  #openBeside(now: number): void {
    if (this.#beside || now - this.#besideAt < besideEveryMs) return;
    this.#besideAt = now;
    this.#beside = this.#dial();
  }

  /* What it says first is its welcome: all goes on from what the server has. */
  #move(socket: WebSocket): void {
    const stalled = this.#socket;
    this.#socket = socket;
    this.#beside = undefined;
    stalled?.close();
  }

  /* Silent for too long. The line beside, if there is one, was dialled later: it has its time to be welcomed. */
  #leave(): void {
    if (!this.#beside) {
      this.#close();
      return this.#lost(0);
    }
    this.#move(this.#beside);
    this.#heardAt = this.#besideAt;
    this.#become('connecting');
  }

  #dropBeside(): void {
    const beside = this.#beside;
    this.#beside = undefined;
    beside?.close();
  }

  #greet(socket: WebSocket): void {
    if (!this.#credential) return;
    const { device, secret } = this.#credential;
    this.#greetedAt = performance.now();
    const hello: FromPhone = { type: 'hello', device, secret };
    for (const message of [hello, ...this.hooks.greet()]) socket.send(JSON.stringify(message));
  }

  #heard(message: ToPhone): void {
    this.#heardAt = performance.now();
    /* Of several questions, only the last one's time is known. */
    if (message.type === 'now' && --this.#unanswered === 0) this.#setClock(message.now, this.#askedAt);
    if (message.type !== 'welcome') return this.hooks.onMessage(message);
    this.#openedAt = this.#heardAt;
    this.#roundTrip = Infinity;
    this.#unanswered = 0;
    this.#setClock(message.now, this.#greetedAt);
    this.#become('open');
    this.hooks.onOpen(message);
    this.#ask(); /* answered sooner than a hello, which is checked first: it tells the time better */
  }

  #greetedAt = 0;
  #roundTrip = Infinity; /* of what told the time best on this connection, ms */

  /* As RFC 5905 §8 does: the answer was given half way, and the quickest one tells best. */
  #setClock(now: number, askedAt: number): void {
    const roundTrip = performance.now() - askedAt;
    if (roundTrip >= this.#roundTrip) return;
    this.#roundTrip = roundTrip;
    this.clockAhead = Math.round(now + roundTrip / 2 - Date.now());
  }

  #lost(code: number): void {
    this.#socket = undefined;
    if (this.state === 'open' && performance.now() - this.#openedAt > steadyMs) this.#retryMs = firstRetryMs;
    this.#become(code === refusedCode ? 'refused' : 'connecting');
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, lastRetryMs);
  }

  /* A line that was cut on the way never says so: whoever stays silent too long is left. */
  #look(): void {
    if (!this.#socket) return;
    const now = performance.now();
    const isHeldUp = now - this.#lookedAt > heldUpMs;
    const everyMs = this.#inAlert ? aliveInAlertMs : aliveMs;
    const limit = this.state === 'open' ? patience * everyMs : openingMs;
    const silentMs = now - Math.max(this.#heardAt, this.#alertAt, this.#awakeAt(now));
    if (silentMs > limit) return this.#leave();
    if (this.state !== 'open') return;
    const isQuiet = this.#inAlert && silentMs > quietMs && this.hooks.isWaiting();
    if (now - this.#askedAt >= everyMs || (isQuiet && this.#unanswered === 0)) this.#ask();
    if (isQuiet && silentMs > stallMs && !isHeldUp) this.#openBeside(now);
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.#unanswered++;
    this.send({ type: 'alive', battery: this.battery });
  }

  #lookedAt = 0;
  #wokeAt = 0;

  /* A page put to sleep heard nothing meanwhile: its silence counts from when it woke. */
  #awakeAt(now: number): number {
    if (now - this.#lookedAt > aliveMs) this.#wokeAt = now;
    this.#lookedAt = now;
    return this.#wokeAt;
  }

  #close(): void {
    clearTimeout(this.#retry);
    this.#dropBeside();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #become(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.hooks.onState();
  }
}
