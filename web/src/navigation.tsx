/* The way to a position, by the application of maps that the phone has; no web site is told where it is. */
import { useState } from 'preact/hooks';
import type { Fix } from './api';
import { messages } from './messages';

const t = messages.patrol.navigation;

/* Degrees as every application of maps reads them. */
const degrees = ({ lat, lon }: Fix): string => `${lat.toFixed(6)}, ${lon.toFixed(6)}`;

type Way = { href: string; other: string };

/* Apple's devices open no geo: address (RFC 5870), the others no maps: address. */
const waysTo = (fix: Fix): [Way, Way] => {
  const place = degrees(fix).replace(' ', '');
  const geo = { href: `geo:${place}?q=${place}`, other: t.startElsewhere };
  const maps = { href: `maps://?daddr=${place}`, other: t.startApple };
  return /iPhone|iPad|iPod|Macintosh/.test(navigator.userAgent) ? [maps, geo] : [geo, maps];
};

/* The older way too: over plain HTTP on a local network there is no navigator.clipboard. */
const copyByHand = (text: string): boolean => {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
};

const copy = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
};

const Copy = ({ text }: { text: string }) => {
  const [said, setSaid] = useState('');
  const run = async (): Promise<void> => setSaid((await copy(text)) ? t.copied(text) : t.notCopied);
  return (
    <>
      <button type="button" class="wide-button" onClick={() => void run()}>
        <span>
          {t.copy} <span class="degrees">{text}</span>
        </span>
      </button>
      <p class="small" role="status">
        {said}
      </p>
    </>
  );
};

export const Navigation = ({ fix }: { fix: Fix }) => {
  const [first, second] = waysTo(fix);
  return (
    <div class="ways">
      <a class="button wide-button" href={first.href}>
        {t.start}
      </a>
      <Copy text={degrees(fix)} />
      <p class="small">
        <a href={second.href}>{second.other}</a>
      </p>
    </div>
  );
};
