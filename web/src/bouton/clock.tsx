/* A plain clock, and nothing else: what it feels (taps, a long press) never shows (I6). */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { messages } from '../messages';
import { tapDetector } from './taps';

const longPressMs = 2000;
/* A finger that slides is not pressing. */
const slideAllowed = 20;

const two = (value: number): string => String(value).padStart(2, '0');
const timeOf = (now: Date): string => `${two(now.getHours())}:${two(now.getMinutes())}`;
const dateOf = (now: Date): string => now.toLocaleDateString(messages.format.locale, { weekday: 'long', day: 'numeric', month: 'long' });

const minuteMs = 60000;

const useMinute = (): Date => {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const tick = (): void => setNow(new Date());
    const timer = setTimeout(tick, minuteMs - (Date.now() % minuteMs));
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [now]);
  return now;
};

type Touches = { onTap(at: number): void; onLongPress(): void };

/* A finger anywhere, or Enter and the space bar. */
const feel = ({ onTap, onLongPress }: Touches): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  const release = (): void => clearTimeout(timer);
  const press = (at: number): void => {
    release();
    timer = setTimeout(onLongPress, longPressMs);
    onTap(at);
  };
  const onPointerDown = (event: PointerEvent): void => {
    from = { x: event.clientX, y: event.clientY };
    press(event.timeStamp);
  };
  const onPointerMove = ({ clientX, clientY }: PointerEvent): void => {
    if (Math.hypot(clientX - from.x, clientY - from.y) > slideAllowed) release();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (!event.repeat) press(event.timeStamp);
  };
  /* No menu, no selection: on some telephones both vibrate. */
  const prevent = (event: Event): void => event.preventDefault();
  const listeners: [string, (event: never) => void][] = [
    ['pointerdown', onPointerDown],
    ['pointermove', onPointerMove],
    ['pointerup', release],
    ['pointercancel', release],
    ['keydown', onKeyDown],
    ['keyup', release],
    ['contextmenu', prevent],
    ['selectstart', prevent],
  ];
  for (const [name, listener] of listeners) document.addEventListener(name, listener as EventListener);
  return () => {
    release();
    for (const [name, listener] of listeners) document.removeEventListener(name, listener as EventListener);
  };
};

type ClockProps = { onCall(): void; onTouch(): void; onLongPress(): void };

export const Clock = ({ onCall, onTouch, onLongPress }: ClockProps) => {
  const now = useMinute();
  /* Before it is painted: what is shown as a clock feels already, or a tap made at once is lost. */
  useLayoutEffect(() => {
    const isCall = tapDetector();
    const onTap = (at: number): void => {
      if (isCall(at)) onCall();
    };
    document.addEventListener('pointerup', onTouch);
    const leave = feel({ onTap, onLongPress });
    return () => {
      leave();
      document.removeEventListener('pointerup', onTouch);
    };
  }, []);
  return (
    <main class="clock">
      <h1 class="unseen">{messages.button.name}</h1>
      <time class="clock-time">{timeOf(now)}</time>
      <p class="clock-date">{dateOf(now)}</p>
    </main>
  );
};
