/* Who has this number already, of the counter's territory: the same person is not registered twice, a shared number is meant to be. */
import { useEffect, useState } from 'preact/hooks';
import type { CounterPeople } from '../api';
import { messages } from '../messages';
import { get } from '../request';
import { Tick } from '../ui';

const t = messages.counter.sameNumber;

const waitMs = 400;
const digitsMin = 10;

type Props = { phone: string; shared: boolean; error: string | null; onShared(shared: boolean): void };

export const SameNumber = ({ phone, shared, error, onShared }: Props) => {
  const [found, setFound] = useState<{ phone: string; people: CounterPeople['people'] } | null>(null);
  useEffect(() => {
    if (phone.replace(/\D/g, '').length < digitsMin) return;
    const search = (): Promise<void> =>
      get<CounterPeople>(`/api/counter/people?${new URLSearchParams({ q: phone })}`).then(
        ({ people }) => setFound({ phone, people }),
        () => {},
      );
    const timer = setTimeout(() => void search(), waitMs);
    return () => clearTimeout(timer);
  }, [phone]);
  const people = found?.phone === phone ? found.people : [];
  return (
    <>
      <div role="status">
        {people.map(({ id, name, commune }) => (
          <p key={id} class="notice">
            {t.has([name, commune].filter(Boolean).join(', '))}
          </p>
        ))}
      </div>
      {(people.length > 0 || error) && (
        <div class={error ? 'field wrong' : 'field'}>
          <Tick id="shared_number" checked={shared} error={error} onTick={onShared}>
            {t.shared}
          </Tick>
        </div>
      )}
    </>
  );
};
