/* Who is registered: found again by name, commune or number. */
import { useState } from 'preact/hooks';
import type { CounterPeople } from '../api';
import { phone } from '../format';
import { messages } from '../messages';
import { get } from '../request';
import { Failure, useGesture } from '../ui';

const t = messages.counterFile;

export const People = ({ onOpen }: { onOpen(official: string): void }) => {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<CounterPeople | null>(null);
  const { failure, run } = useGesture();
  const search = (event: Event): void => {
    event.preventDefault();
    void run(async () => setFound(await get<CounterPeople>(`/api/counter/people?${new URLSearchParams({ q: words.trim() })}`)));
  };
  return (
    <section>
      <h2>{t.find}</h2>
      <form onSubmit={search} noValidate>
        <div class="field">
          <label for="person">{t.findWords}</label>
          <input id="person" type="search" autocomplete="off" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </div>
        <Failure text={failure} />
        <button type="submit">{t.findGo}</button>
      </form>
      <div role="status">
        {found?.people.length === 0 && <p>{t.findNone}</p>}
        {found?.more && <p class="muted">{t.findMore}</p>}
      </div>
      <ul>
        {found?.people.map((one) => (
          <li key={one.id}>
            <button type="button" class="wide-button" onClick={() => onOpen(one.id)}>
              {[one.name, one.mandate, one.commune, phone(one.phone), one.ended && t.ended].filter(Boolean).join(', ')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};
