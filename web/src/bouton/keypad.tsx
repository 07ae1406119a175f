/*
 * Behind a long press: a code, figure by figure. The right one, the one given under duress and one typed without a network
 * look the same, to the pixel and to the second.
 */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { messages } from '../messages';
import { isPin } from './codes';

const t = messages.button.keypad;

const longest = 8;
const notedMs = 3000;
/* Forgotten open, this page would not feel a tap. */
const leaveMs = 60000;
const figures = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];

type State = 'typing' | 'checking' | 'wrong' | 'noted';

/* submit: false when the server said in time that the code is wrong. */
type KeypadProps = { submit(pin: string): Promise<boolean>; heading: string; noted: string; onLeave(): void };

export const Keypad = ({ submit, heading, noted, onLeave }: KeypadProps) => {
  const [typed, setTyped] = useState('');
  const [state, setState] = useState<State>('typing');
  const type = (figure: string): void => {
    if (state === 'checking' || state === 'noted') return;
    setState('typing');
    setTyped((before) => (before + figure).slice(0, longest));
  };
  const erase = (): void => setTyped((before) => before.slice(0, -1));
  const send = async (): Promise<void> => {
    if (!isPin(typed) || state === 'checking' || state === 'noted') return;
    setState('checking');
    setTyped('');
    setState((await submit(typed)) ? 'noted' : 'wrong');
  };
  /* Before it is painted: a figure pressed at once is not lost. */
  useLayoutEffect(() => {
    const onKey = ({ key }: KeyboardEvent): void => {
      if (figures.includes(key)) type(key);
      else if (key === 'Backspace') erase();
      else if (key === 'Escape') onLeave();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  useEffect(() => {
    if (state !== 'noted' && state !== 'typing') return;
    const timer = setTimeout(onLeave, state === 'noted' ? notedMs : leaveMs);
    return () => clearTimeout(timer);
  }, [state, typed]);
  const said = { typing: '', checking: t.checking, wrong: t.wrong, noted }[state];
  return (
    <main class="keypad">
      <h1>{heading}</h1>
      <p class="keypad-typed" role="img" aria-label={t.typed(typed.length)}>
        {'●'.repeat(typed.length)}
      </p>
      <p class="keypad-said" role="status">
        {said}
      </p>
      <div class="keypad-keys">
        {figures.map((figure) => (
          <button type="button" key={figure} class="quiet" onClick={() => type(figure)}>
            {figure}
          </button>
        ))}
        <button type="button" class="quiet" onClick={erase}>
          {t.erase}
        </button>
      </div>
      <button type="button" class="primary large" aria-disabled={!isPin(typed)} onClick={() => void send()}>
        {t.send}
      </button>
      <button type="button" class="quiet again" onClick={onLeave}>
        {t.back}
      </button>
    </main>
  );
};
