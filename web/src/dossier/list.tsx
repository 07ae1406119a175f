/* Who looked at the file, page after page. */
import { useEffect, useState } from 'preact/hooks';
import type { OwnReading, OwnReadings } from '../api';
import { dayAndTime } from '../format';
import { messages } from '../messages';
import { get } from '../request';
import { Failure, useGesture } from '../ui';
import { deedOf, whoOf } from './readings';

const t = messages.own.readings;

export const Readings = () => {
  const [lines, setLines] = useState<OwnReading[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const { busy, failure, run } = useGesture();
  const more = (before: number | null): void =>
    void run(async () => {
      const page = await get<OwnReadings>(`/api/own/readings${before === null ? '' : `?before=${before}`}`);
      setLines((shown) => [...(shown ?? []), ...page.lines]);
      setNext(page.next);
    });
  useEffect(() => more(null), []);
  return (
    <section class="card">
      <h2>{t.heading}</h2>
      <p>{t.lead}</p>
      <p role="status">{lines === null && !failure ? messages.loading : lines?.length === 0 ? t.none : ''}</p>
      <ol class="readings">
        {lines?.map((line) => (
          <li key={line.number}>
            <span class="when">{dayAndTime(line.at)}</span>
            <span>{deedOf(line)}</span>
            <span class="muted">{whoOf(line)}</span>
          </li>
        ))}
      </ol>
      <Failure text={failure} />
      {next !== null && (
        <button type="button" aria-disabled={busy} onClick={() => !busy && more(next)}>
          {t.more}
        </button>
      )}
    </section>
  );
};
