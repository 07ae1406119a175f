/* The band across the top: calm while everything works, red as soon as something does not. Always there, same height. */
import { useEffect, useState } from 'preact/hooks';
import { useNow } from '../clock';
import { age } from '../format';
import { messages } from '../messages';
import type { Link } from './state';

const t = messages.room.band;
const rememberedMs = 10000;

/** Whether the page is, or was some seconds ago, hidden. */
export const useHidden = (): boolean => {
  const isHidden = (): boolean => document.visibilityState !== 'visible';
  const [hidden, setHidden] = useState(isHidden);
  useEffect(() => {
    let later: ReturnType<typeof setTimeout> | undefined;
    const onChange = (): void => {
      clearTimeout(later);
      if (isHidden()) setHidden(true);
      else later = setTimeout(() => setHidden(false), rememberedMs);
    };
    document.addEventListener('visibilitychange', onChange);
    return () => {
      clearTimeout(later);
      document.removeEventListener('visibilitychange', onChange);
    };
  }, []);
  return hidden;
};

type State = { level: 'fine' | 'wait' | 'red'; title: string; detail: string; unblock?: boolean };

const stateOf = (link: Link, sound: boolean, hidden: boolean, now: number): State => {
  if (link.status === 'lost') return { level: 'red', title: t.lost(age(now - link.since)), detail: t.lostDetail };
  if (!sound) return { level: 'red', title: t.sound, detail: t.soundDetail, unblock: true };
  if (hidden) return { level: 'red', title: t.hidden, detail: t.hiddenDetail };
  if (link.status === 'connecting') return { level: 'wait', title: t.connecting, detail: '' };
  return { level: 'fine', title: t.fine, detail: t.fineDetail };
};

type Props = { link: Link; sound: boolean; hidden: boolean; onUnblock(): void };

export const Band = ({ link, sound, hidden, onUnblock }: Props) => {
  useNow();
  const { level, title, detail, unblock } = stateOf(link, sound, hidden, Date.now());
  return (
    <section class={`band ${level}`} aria-label={t.label}>
      <p>
        <strong>{title}</strong> <span>{detail}</span>
      </p>
      {unblock && (
        <button type="button" onClick={onUnblock}>
          {t.unblock}
        </button>
      )}
    </section>
  );
};
