/* One key a gesture: who listens, and the choice to ask for Alt with each (RGAA 12.10). */
import { useEffect, useRef, useState } from 'preact/hooks';

export type Shortcut = { key: string; shown?: string /* when the key's name is no word for it */; label: string; run(): void };

const stored = 'egide-alt';

export const useAlt = (): [boolean, (alt: boolean) => void] => {
  const [alt, setAlt] = useState(() => localStorage.getItem(stored) === '1');
  const choose = (next: boolean): void => {
    localStorage.setItem(stored, next ? '1' : '0');
    setAlt(next);
  };
  return [alt, choose];
};

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'radio') || target instanceof HTMLSelectElement;

/* On its own key, or on the letter it gives: a French and an English keyboard agree. */
const matches = (event: KeyboardEvent, key: string): boolean =>
  event.key.toLowerCase() === key.toLowerCase() || (event.altKey && event.code === `Key${key.toUpperCase()}`);

export const useShortcuts = (shortcuts: Shortcut[], alt: boolean): void => {
  const current = useRef({ shortcuts, alt });
  current.current = { shortcuts, alt };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const { shortcuts: all, alt: needsAlt } = current.current;
      if (event.ctrlKey || event.metaKey || event.repeat || event.altKey !== needsAlt) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      const shortcut = all.find(({ key }) => matches(event, key));
      if (!shortcut) return;
      event.preventDefault();
      shortcut.run();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
};
