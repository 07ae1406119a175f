/* The button itself: three taps become a call, and nothing of it is lost. What is on screen knows nothing of this (I6). */
import type { Enrolled } from '../api';
import { Backlog, type Outgoing } from './backlog';
import { canEncode, Capture } from './capture';
import { Codes } from './codes';
import { encodeFrame } from './frames';
import { Link } from './link';
import { follow, isRefusal, keepAwake, locate, permission, watchBattery } from './senses';
import { store } from './store';
import { messages } from '../messages';
import { fromServer } from '../server';
import { Trials } from './trial';
import { Visits } from './visits';
import { Voice } from './voice';
import type { Call, Position, Settings, ToPhone, Welcome } from './wire';

const repeatMs = 3000;
/* The server keeps 4 KiB until it has checked who says hello. */
const callsBehindHello = 8;
const pumpMs = 100;
const saveMs = 1000;
/* A call carries where the telephone was at most so long ago; the alert then brings better. */
const placeEveryMs = 5 * 60 * 1000;
const placeTimeoutMs = 20000;
const armingMs = 5000;
/* Each position of an alert is a line of its journal. */
const positionEveryMs = 5000;
const maxPositions = 600;
const positionsAtOnce = 5;
/* Three seconds of sound waiting in the socket: the line is slower than the voice. */
const slowLineBytes = 16 * 1024;
/* Eight times real time; the server takes twenty. */
const missedAtOnce = 40;
/* The server says once a second what it has; silent that long, something was refused on the way. Then more and more rarely: its disk may be full. */
const stallMs = 10000;
const longestStallMs = 160000;

const newEpoch = (): number => crypto.getRandomValues(new Uint32Array(1))[0] || 1;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/* A telephone whose storage is full or refused still calls. */
const kept = (write: Promise<unknown>): void => void write.catch(() => undefined);

export class Button {
  credential: Enrolled | undefined;
  isArmed = false;
  sound: boolean | undefined; /* the server listens or records; undefined: it has never said */
  isLasting: boolean | undefined; /* the browser has promised not to clear what is kept; undefined: it has never said */
  hasPins: boolean | undefined; /* the server has codes of this person; undefined: it has never said */
  readonly link: Link;
  readonly codes = new Codes({
    send: (message) => this.link.send(message),
    waitsForCall: (end) => this.#calls.some(({ at }) => at < end),
  });
  readonly trials = new Trials((message) => this.link.send(message));
  readonly visits = new Visits({
    send: (message) => this.link.send(message),
    onChange: () => this.#tell(),
    tooLate: messages.button.visit.tooLate,
  });
  readonly capture = new Capture();
  #voice = new Voice();
  #isSilent = true; /* until the server says otherwise */
  #calls: Call[] = [];
  #answeredAt = 0;
  #alert: string | null = null;
  #isCalled = false; /* the alert was called for here; else the server made it known */
  /* The one before, and whether it was called for here: the room may reopen it. */
  #ended: string | null = null;
  #wasCalled = false;
  #positions: Position[] = [];
  #sentPositions = new Set<number>();
  #lastPosition: Position | null = null;
  #stopFollowing: (() => void) | undefined;
  #mayLocate = false; /* asking for a position shows no question */
  #mayEncode = false;
  #backlog = new Backlog();
  #removed = new Map<number, number>(); /* by epoch, what storage was told to remove */
  #isStreaming = false; /* this connection carries the alert's sound */
  #announced = new Set<number>(); /* on this connection */
  #progressAt = 0;
  #stallMs = stallMs;
  #listeners = new Set<() => void>();

  constructor() {
    this.link = new Link({
      greet: () => this.#calls.slice(-callsBehindHello),
      onOpen: (welcome) => this.#onOpen(welcome),
      onMessage: (message) => this.#onMessage(message),
      onBytes: (message) => this.#voice.hear(message, this.#alert, this.#isSilent),
      onState: () => this.#tell(),
      isWaiting: () => this.#calls.length > 0 || this.#sentPositions.size > 0 || this.#backlog.isWaiting,
    });
    setInterval(() => this.#repeat(), repeatMs);
    setInterval(() => this.#pump(true), pumpMs);
    setInterval(() => void this.#save(), saveMs);
    setInterval(() => void this.#refreshPlace(), placeEveryMs);
  }

  /** For the screens that show a state; the clock is none of them. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  get isInAlert(): boolean {
    return this.#calls.length > 0 || this.#alert !== null;
  }

  /** Whether it knows of an alert because it called: nothing on it tells of another (I6). */
  get hasCalled(): boolean {
    return this.#calls.length > 0 || this.#isCalled;
  }

  /** Takes up where the page was left. */
  async load(): Promise<void> {
    this.isLasting = await navigator.storage?.persisted?.().catch(() => undefined);
    this.credential = await store.get('credential');
    this.sound = await store.get('sound');
    this.hasPins = await store.get('pins');
    this.#alert = (await store.get('alert')) ?? null;
    /* A page from before this was kept only knew of alerts it had called for, or nearly. */
    this.#isCalled = (await store.get('called')) ?? this.#alert !== null;
    this.#calls = await store.calls();
    await this.codes.load();
    await this.visits.load();
    this.#positions = await store.positions();
    this.#mayEncode = await canEncode();
    if (this.isInAlert) this.#backlog.restore(await store.sound());
    else kept(store.forgetAlert());
    void watchBattery((percent) => (this.link.battery = percent));
    if (!this.credential) return;
    this.link.start(this.credential);
    if (this.isInAlert || ((await store.get('armed')) && (await this.#isAllowed()))) void this.arm(false);
  }

  /* What was granted once may have been taken back in the telephone's settings: then arming asks again. */
  async #isAllowed(): Promise<boolean> {
    const place = await permission('geolocation');
    const microphone = this.sound ? await permission('microphone') : 'granted';
    return place !== 'prompt' && microphone === 'granted';
  }

  /** Fails when it cannot be kept: a button that is forgotten with the page is none. */
  async enrol(credential: Enrolled): Promise<void> {
    await store.release();
    await store.set('credential', credential);
    this.credential = credential;
    this.link.start(credential);
    this.#tell();
    void this.#askToLast();
  }

  /* Some browsers ask the person, who may take their time. */
  async #askToLast(): Promise<void> {
    this.isLasting = await navigator.storage?.persist?.().catch(() => undefined);
    this.#tell();
  }

  /** From here on three taps are a call. The microphone is opened now, so that its mark is on screen before any call. */
  async arm(byHand: boolean): Promise<void> {
    this.isArmed = true;
    kept(store.set('armed', true));
    void keepAwake();
    if (byHand || (await permission('microphone')) === 'granted') await this.#openMicrophone();
    this.#mayLocate = (await permission('geolocation')) === 'granted';
    if (this.isInAlert) this.#begin();
    /* A position can take long under a roof: arming does not wait for it. */
    if (byHand || this.#mayLocate) await Promise.race([this.#refreshPlace(byHand), pause(armingMs)]);
  }

  async #openMicrophone(): Promise<void> {
    if (this.sound && this.#mayEncode) await this.capture.open().catch(() => undefined);
  }

  async #refreshPlace(byHand = false): Promise<void> {
    if (!byHand && (!this.#mayLocate || this.isInAlert)) return;
    const position = await locate(placeTimeoutMs).catch((thrown: unknown) => (isRefusal(thrown) ? undefined : null));
    if (position === undefined) return;
    this.#mayLocate = true;
    if (position) this.#lastPosition = position;
    if (this.isInAlert) this.#begin();
  }

  /** Three taps. Sent at once, kept until the server has it. Another one calls again; none takes anything back. */
  call(): void {
    const call: Call = { type: 'call', at: Date.now(), position: this.#lastPosition, battery: this.link.battery };
    this.#calls.push(call);
    kept(store.addCall(call));
    this.link.send(call);
    this.#begin();
  }

  #repeat(): void {
    for (const call of this.#calls) this.link.send(call);
    this.codes.flush();
    this.visits.flush();
  }

  /* Sound and position run as long as the alert does. */
  #begin(): void {
    this.link.inAlert = true;
    if (this.#mayLocate) this.#stopFollowing ??= follow((position) => this.#onPosition(position));
    if (!this.sound || !this.#mayEncode || this.capture.isCapturing) return;
    this.capture.start({
      onBegin: (at) => this.#backlog.begin(newEpoch(), at + this.link.clockAhead),
      onPacket: (bytes, voice) => this.#onPacket(bytes, voice),
      onGap: (frames) => this.#backlog.current?.addGap(frames),
    });
  }

  #onPacket(bytes: Uint8Array, voice: boolean): void {
    this.#backlog.add(bytes, voice);
    this.#pump(false);
  }

  #end(): void {
    this.link.inAlert = false;
    this.#stopFollowing?.();
    this.#stopFollowing = undefined;
    this.capture.stop();
    this.#forget();
  }

  #forget(): void {
    this.#setAlert(null);
    this.#isStreaming = false;
    this.#backlog = new Backlog();
    this.#removed.clear();
    this.#positions = [];
    this.#lastPosition = null;
    kept(store.forgetAlert());
  }

  #setAlert(alert: string | null): void {
    this.#voice.stop();
    this.#alert = alert;
    this.#setCalled(false);
    kept(store.set('alert', alert));
    this.#tell();
  }

  #setCalled(isCalled: boolean): void {
    this.#isCalled = isCalled;
    kept(store.set('called', isCalled));
  }

  #onOpen({ alert, streams, visit, ...settings }: Welcome): void {
    this.#onSettings(settings);
    this.#sentPositions.clear();
    this.#isStreaming = false;
    /* An alert of the same person that this telephone did not call for (their watch did) is not its to follow. */
    if (this.#alert !== null && alert !== this.#alert) this.#onEnded();
    for (const { epoch, next } of streams) this.#acknowledge(epoch, next);
    this.visits.onWelcome(visit ?? null);
    this.#repeat();
    const goesOn = this.#alert ?? (alert === this.#ended ? alert : null);
    if (goesOn !== null) this.#onAlert(goesOn);
    this.#tell();
  }

  #onSettings({ sound, silent, pins }: Settings): void {
    this.#isSilent = silent !== false;
    this.#setSound(sound);
    if (pins !== undefined) this.#setPins(pins);
  }

  /* Sound that is wanted once more is announced once more. */
  #onChanged(settings: Settings): void {
    this.#isStreaming &&= this.sound === settings.sound;
    this.#onSettings(settings);
    if (this.#alert !== null) this.#onAlert(this.#alert);
  }

  #setPins(pins: boolean): void {
    this.hasPins = pins;
    kept(store.set('pins', pins));
    this.#tell();
  }

  #setSound(sound: boolean): void {
    this.sound = sound;
    kept(store.set('sound', sound));
    if (!sound) this.capture.stop();
    /* Not in an alert: the telephone's microphone mark would go out (I6). */
    if (!sound && !this.isInAlert) this.capture.close();
    if (this.isArmed && sound) void this.#resumeSound();
  }

  /* The server has begun to want sound, or the page was opened without a network. */
  async #resumeSound(): Promise<void> {
    if ((await permission('microphone')) === 'granted') await this.#openMicrophone();
    if (this.isInAlert) this.#begin();
  }

  #onMessage(message: ToPhone): void {
    if (message.type === 'called') this.#onCalled(message.at, message.alert);
    else if (message.type === 'stored') this.#onStored(message.at);
    else if (message.type === 'ack') this.#acknowledge(message.epoch, message.next);
    else if (message.type === 'alert') this.#onAlert(message.alert);
    else if (message.type === 'locate') void this.#answerLocate();
    else if (message.type === 'heard') this.#onHeard(message.at, message.right);
    else if (message.type === 'pins') this.#onPins(message.problem);
    else if (message.type === 'settings') this.#onChanged(message);
    else if (message.type === 'tested') this.trials.onTested(message);
    else if (message.type === 'shown') this.trials.onShown();
    else if (message.type === 'visit') this.visits.onVisit({ ...message, problem: message.problem && fromServer(message.problem) });
    else if (message.type === 'ended' && message.alert === this.#alert) this.#onEnded();
    else if (message.type === 'ended') this.trials.onEnded();
  }

  #onHeard(at: number, right: boolean): void {
    this.codes.onHeard(at, right);
    this.#tell();
  }

  #onPins(problem: string | null): void {
    if (problem === null) this.#setPins(true);
    this.codes.onChosen(problem && fromServer(problem));
  }

  #onCalled(at: number, alert: string): void {
    /* The late answer to an older call does not lead back to an alert that is over. */
    if (at >= this.#answeredAt) {
      this.#onAlert(alert);
      this.#setCalled(true);
    }
    this.#answeredAt = Math.max(at, this.#answeredAt);
    this.#calls = this.#calls.filter((call) => call.at !== at);
    kept(store.removeCall(at));
    this.codes.flush();
  }

  /* The alert all goes to from now on. Another one than before: what was kept since the call is of the new one. */
  #onAlert(alert: string): void {
    if (this.#alert !== null && this.#alert !== alert) this.#startAgain();
    if (this.#alert !== alert) {
      this.#setAlert(alert);
      if (alert === this.#ended && this.#wasCalled) this.#setCalled(true);
    }
    if (this.isArmed) this.#begin();
    if (!this.#isStreaming) this.#restart();
    this.#flushPositions();
  }

  #restart(): void {
    this.#isStreaming = true;
    this.#announced.clear();
    this.#backlog.restart();
    this.#progressAt = performance.now();
  }

  /* The room has closed the alert. A call it has not heard yet is another alert. */
  #onEnded(): void {
    this.visits.onAlertEnded(Date.now() + this.link.clockAhead);
    this.#ended = this.#alert;
    this.#wasCalled = this.#isCalled;
    if (this.#calls.length === 0) return this.#end();
    this.#startAgain();
    this.#setAlert(null);
  }

  #startAgain(): void {
    const from = Math.min(...this.#calls.map(({ at }) => at));
    this.#isStreaming = false;
    this.#backlog.rebase(newEpoch(), from + this.link.clockAhead);
    this.#removed.clear();
    this.#positions = this.#positions.filter(({ at }) => at >= from);
    kept(store.forgetAlert());
  }

  /* --- position */

  #onPosition(position: Position): void {
    const last = this.#lastPosition;
    if (last && position.at - last.at < positionEveryMs) return;
    this.#lastPosition = position;
    this.#positions.push(position);
    kept(store.addPosition(position));
    if (this.#positions.length > maxPositions) this.#dropPosition(this.#positions[0]!.at);
    this.#flushPositions();
  }

  /* The room asks where the telephone is: no question is put, nothing shows it. */
  async #answerLocate(): Promise<void> {
    if (!this.#mayLocate || this.#alert === null) return;
    const position = await locate(placeTimeoutMs).catch(() => null);
    if (position) this.#onPosition(position);
  }

  #dropPosition(at: number): void {
    this.#positions = this.#positions.filter((position) => position.at !== at);
    this.#sentPositions.delete(at);
    kept(store.removePosition(at));
  }

  #onStored(at: number): void {
    this.#dropPosition(at);
    this.#flushPositions();
  }

  /* Where the person is now comes before where they were. */
  #flushPositions(): void {
    while (this.link.state === 'open' && this.#alert !== null && this.#sentPositions.size < positionsAtOnce) {
      const waiting = this.#positions.filter(({ at }) => !this.#sentPositions.has(at));
      const position = waiting.at(-1) === this.#positions.at(-1) ? waiting.at(-1) : waiting[0];
      if (!position) return;
      this.#sentPositions.add(position.at);
      this.link.send({ type: 'position', position, battery: this.link.battery });
    }
  }

  /* --- sound */

  #acknowledge(epoch: number, next: number): void {
    this.#backlog.acknowledge(epoch, next);
    this.#progressAt = performance.now();
    this.#stallMs = stallMs;
  }

  #pump(withMissed: boolean): void {
    if (this.link.state !== 'open' || this.#alert === null || !this.#isStreaming || !this.sound) return;
    if (this.link.buffered > slowLineBytes) return this.#backlog.fallBehind();
    this.#sendFrames(this.#alert, this.#backlog.takeLive());
    if (!withMissed) return;
    if (this.link.buffered < slowLineBytes / 2) this.#sendFrames(this.#alert, this.#backlog.takeMissed(missedAtOnce));
    if (this.#backlog.isWaiting && performance.now() - this.#progressAt > this.#stallMs) this.#onStall();
  }

  #onStall(): void {
    this.#restart();
    this.#stallMs = Math.min(2 * this.#stallMs, longestStallMs);
  }

  #sendFrames(alert: string, outgoing: Outgoing[]): void {
    for (const { track, packets } of outgoing) {
      const { epoch, began } = track;
      if (!this.#announced.has(epoch)) this.link.send({ type: 'streaming', alert, epoch, began });
      this.#announced.add(epoch);
      for (const { sequence, flags, bytes } of packets) {
        this.link.sendBytes(encodeFrame({ alert, epoch, sequence, at: track.timeOf(sequence), flags, payload: bytes }));
      }
    }
  }

  /** Another page of this telephone goes on: what has been captured until now is its to send. */
  async leave(): Promise<void> {
    this.capture.stop();
    await this.#save();
  }

  async #save(): Promise<void> {
    const writes: Promise<unknown>[] = this.#backlog.takeUnsaved().map((run) => store.addSound(run));
    for (const { epoch, firstSound } of this.#backlog.tracks) {
      if (this.#removed.get(epoch) === firstSound) continue;
      this.#removed.set(epoch, firstSound);
      writes.push(store.removeSound(epoch, firstSound));
    }
    await Promise.allSettled(writes);
  }
}
