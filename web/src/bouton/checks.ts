/* The visible test: each thing an alert needs, tried for real, and what fails in plain words. */
import { dayAndTime, decimal } from '../format';
import { messages } from '../messages';
import { fromServer } from '../server';
import type { Button } from './button';
import { canEncode } from './capture';
import { isAwake, isRefusal, keepAwake, locate } from './senses';
import { store } from './store';
import type { Trial } from './trial';
import type { Position, Trace } from './wire';

const t = messages.button.status;

/* In the order they are shown. */
export const checkNames = ['microphone', 'place', 'network', 'link', 'screen', 'offline', 'storage', 'chain', 'room', 'people', 'sms', 'sound'] as const;
export type CheckName = (typeof checkNames)[number];

/* good undefined: it can neither be said that it works nor that it does not. */
export type Check = { good: boolean | undefined; text: string };
export type Found = Partial<Record<CheckName, Check>>;

const listenMs = 3000;
const locateMs = 15000;
/* Even a silent room makes more than this; a microphone that is cut makes nothing. */
const deafDb = -85;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const checkMicrophone = async (button: Button): Promise<Check> => {
  if (!button.sound) return { good: true, text: t.microphone.unwanted };
  if (!(await canEncode())) return { good: false, text: t.microphone.cannot };
  await button.capture.open().catch(() => undefined);
  if (!button.capture.isOpen) return { good: false, text: t.microphone.refused };
  button.capture.wake();
  let loudest = -Infinity;
  button.capture.measure((level) => (loudest = Math.max(loudest, level)));
  await pause(listenMs);
  button.capture.measure(undefined);
  return loudest > deafDb ? { good: true, text: t.microphone.good(Math.round(loudest)) } : { good: false, text: t.microphone.deaf };
};

/* The room shall see where the test comes from, as it would of a call. */
const checkPlace = async ({ link }: Button): Promise<Check> => {
  try {
    const position: Position = await locate(locateMs);
    link.send({ type: 'position', position, battery: link.battery });
    return { good: true, text: position.accuracy === null ? t.place.goodUnknown : t.place.good(Math.round(position.accuracy)) };
  } catch (thrown) {
    return { good: false, text: isRefusal(thrown) ? t.place.refused : t.place.none };
  }
};

const checkNetwork = async (): Promise<Check> => {
  const from = performance.now();
  const response = await fetch('/api/configuration', { cache: 'no-store' }).catch(() => undefined);
  /* Read to its end: an answer that is left half read keeps its connection. */
  const isWhole = await response?.text().then(() => true, () => false);
  if (response?.ok && isWhole) return { good: true, text: t.network.good(Math.round(performance.now() - from)) };
  return { good: false, text: navigator.onLine ? t.network.silent : t.network.offline };
};

const checkLink = ({ link: { state } }: Button): Check => {
  if (state === 'open') return { good: true, text: t.link.good };
  return { good: false, text: state === 'refused' ? t.link.refused : t.link.connecting };
};

const checkScreen = async (): Promise<Check> => {
  await keepAwake();
  return isAwake() ? { good: true, text: t.screen.good } : { good: false, text: t.screen.bad };
};

const checkOffline = async (): Promise<Check> => {
  const registration = await navigator.serviceWorker?.getRegistration('/bouton');
  return registration?.active ? { good: true, text: t.offline.good } : { good: false, text: t.offline.bad };
};

const checkStorage = async ({ isLasting }: Button): Promise<Check> => {
  const problem = await store.reserve();
  if (problem) return { good: false, text: t.storage[problem] };
  await store.release();
  return isLasting === false ? { good: undefined, text: messages.button.notLasting } : { good: true, text: t.storage.good };
};

/* --- the whole chain */

const roomOf = async ({ room, screens, ready }: Trace, shown: Trial['shown']): Promise<Check> => {
  if (room === null) return { good: false, text: t.room.none };
  const ms = await shown;
  const seconds = decimal((ms ?? 0) / 1000, 1);
  if (screens === 0) return { good: false, text: ms === undefined ? t.room.nobody(room) : t.room.elsewhere(room, seconds) };
  return ms === undefined ? { good: false, text: t.room.unseen(room, screens, ready) } : { good: true, text: t.room.shown(room, screens, seconds) };
};

const peopleOf = ({ contacts }: Trace): Check => (contacts > 0 ? { good: true, text: t.people.some(contacts) } : { good: false, text: t.people.none });

const smsOf = ({ sms, sms_at, sms_late }: Trace): Check => {
  if (sms === 'none') return { good: false, text: t.sms.none };
  if (sms_late > 0) return { good: false, text: t.sms.late(sms_late) };
  if (sms === 'untried') return { good: undefined, text: t.sms.untried };
  /* The gateway alone says little: its operator has not answered. */
  const good = sms === 'accepted' ? undefined : sms !== 'failed';
  return { good, text: t.sms[sms](dayAndTime(sms_at ?? 0)) };
};

/* What the administration does with sound is its choice: nothing to correct. */
const soundOf = ({ record, listen }: Trace): Check => {
  if (record && listen) return { good: true, text: t.sound.both };
  return { good: undefined, text: record ? t.sound.recordOnly : listen ? t.sound.listenOnly : t.sound.neither };
};

const chainOf = (button: Button, tested: Awaited<Trial['tested']>): Check => {
  if (!tested) return { good: false, text: button.link.state === 'open' ? t.chain.silent : t.chain.cut };
  const { answer, ms } = tested;
  if (answer.problem !== null) return { good: undefined, text: fromServer(answer.problem) };
  return answer.granted ? { good: true, text: t.chain.good(ms) } : { good: false, text: t.chain.suspended };
};

type Tell = (name: CheckName, check: Check) => void;

const followChain = async (button: Button, tell: Tell): Promise<void> => {
  if (button.link.state !== 'open') return tell('chain', { good: false, text: t.chain.cut });
  const trial = button.trials.start();
  const tested = await trial.tested;
  tell('chain', chainOf(button, tested));
  if (!tested || tested.answer.problem !== null) return;
  const { answer } = tested;
  tell('people', peopleOf(answer));
  tell('sms', smsOf(answer));
  tell('sound', soundOf(answer));
  tell('room', await roomOf(answer, trial.shown));
};

/** Tells each as soon as it is known; ends when all are. */
export const runChecks = async (button: Button, tell: Tell): Promise<void> => {
  const note = async (name: CheckName, check: Promise<Check>): Promise<void> => tell(name, await check);
  await Promise.all([
    note('microphone', checkMicrophone(button)),
    note('place', checkPlace(button)),
    note('network', checkNetwork()),
    note('screen', checkScreen()),
    note('offline', checkOffline()),
    note('storage', checkStorage(button)),
  ]);
  /* What it says is of the moment the test begins. */
  tell('link', checkLink(button));
  await followChain(button, tell);
};
