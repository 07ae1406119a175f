/* The visible test: each thing an alert needs, tried for real, and what fails in plain words. Nothing is sent. */
import { messages } from '../messages.fr';
import type { Button } from './button';
import { canEncode } from './capture';
import { isAwake, isRefusal, keepAwake, locate } from './senses';

const t = messages.button.status;

export type Check = { name: string; good: boolean; text: string };

const listenMs = 3000;
const locateMs = 15000;
/* Even a silent room makes more than this; a microphone that is cut makes nothing. */
const deafDb = -85;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const checkMicrophone = async (button: Button): Promise<Omit<Check, 'name'>> => {
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

const checkPlace = async (): Promise<Omit<Check, 'name'>> => {
  try {
    const { accuracy } = await locate(locateMs);
    return { good: true, text: accuracy === null ? t.place.goodUnknown : t.place.good(Math.round(accuracy)) };
  } catch (thrown) {
    return { good: false, text: isRefusal(thrown) ? t.place.refused : t.place.none };
  }
};

const checkNetwork = async (): Promise<Omit<Check, 'name'>> => {
  const from = performance.now();
  const response = await fetch('/api/configuration', { cache: 'no-store' }).catch(() => undefined);
  if (response?.ok) return { good: true, text: t.network.good(Math.round(performance.now() - from)) };
  return { good: false, text: navigator.onLine ? t.network.silent : t.network.offline };
};

const checkLink = async ({ link: { state } }: Button): Promise<Omit<Check, 'name'>> => {
  if (state === 'open') return { good: true, text: t.link.good };
  return { good: false, text: state === 'refused' ? t.link.refused : t.link.connecting };
};

const checkScreen = async (): Promise<Omit<Check, 'name'>> => {
  await keepAwake();
  return isAwake() ? { good: true, text: t.screen.good } : { good: false, text: t.screen.bad };
};

const checkOffline = async (): Promise<Omit<Check, 'name'>> => {
  const registration = await navigator.serviceWorker?.getRegistration('/bouton');
  return registration?.active ? { good: true, text: t.offline.good } : { good: false, text: t.offline.bad };
};

export const runChecks = async (button: Button): Promise<Check[]> => {
  /* The line last: what it says is of the moment the test ends. */
  const [microphone, place, network, screen, offline] = await Promise.all([
    checkMicrophone(button),
    checkPlace(),
    checkNetwork(),
    checkScreen(),
    checkOffline(),
  ]);
  const found = { microphone, place, network, link: await checkLink(button), screen, offline };
  return Object.entries(found).map(([key, check]) => ({ name: t.names[key as keyof typeof t.names], ...check }));
};
