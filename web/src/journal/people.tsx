/* Whose lines: an official, found by name. Each reading of a name is a line too. */
import { useId, useState } from 'preact/hooks';
import type { CallSearch } from '../api';
import { messages } from '../messages';
import { get } from '../request';
import { Failure, useGesture } from '../ui';

const t = messages.journal.people;

type Props = { onChosen(person: { id: string; name: string }): void; whole(thrown: unknown): never };

export const People = ({ onChosen, whole }: Props) => {
  const id = useId();
  const [words, setWords] = useState('');
  const [found, setFound] = useState<CallSearch | null>(null);
  const { busy, failure, run } = useGesture();

  const submit = (event: Event): void => {
    event.preventDefault();
    if (busy) return;
    setFound(null);
    void run(async () => setFound(await get<CallSearch>(`/api/journal/people?${new URLSearchParams({ q: words })}`).catch(whole)));
  };
  return (
    <details>
      <summary>{t.heading}</summary>
      <form onSubmit={submit}>
        <div class="field">
          <label for={id}>{t.words}</label>
          <input id={id} type="search" value={words} maxLength={200} autocomplete="off" onInput={(event) => setWords(event.currentTarget.value)} />
        </div>
        <button type="submit" aria-disabled={busy}>
          {t.find}
        </button>
      </form>
      <Failure text={failure} />
      <p role="status">{found && t.found(found.people.length, found.more)}</p>
      <ul class="journal-people">
        {found?.people.map(({ id: official, name, mandate, commune }) => (
          <li key={official}>
            <button type="button" onClick={() => onChosen({ id: official, name })}>
              {[name, mandate, commune].filter(Boolean).join(', ')}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
};
