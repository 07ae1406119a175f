/* The other numbers of an official, each with where it rings: who calls from it may be there. */
import { messages } from '../messages';
import { kindsOfNumbers, numbersMax, numbersOf, valuesOfNumbers, type OtherNumber, type Values } from './fields';
import { useAdd, Wrong } from './rows';

const t = messages.registration.numbers;

type Props = { values: Values; label: string; ground: string; error: string | null; onChange(values: Values): void };

export const OtherNumbers = ({ values, label, ground, error, onChange }: Props) => {
  const numbers = numbersOf(values);
  const add = useAdd(numbers.length, (row) => `number-${row}-kind`);
  const put = (list: OtherNumber[]): void => onChange({ ...values, ...valuesOfNumbers(list) });
  const change = (at: number, part: Partial<OtherNumber>): void => put(numbers.map((one, i) => (i === at ? { ...one, ...part } : one)));
  return (
    <div class={error ? 'field wrong' : 'field'} role="group" aria-label={label} aria-describedby="other_phones-ground">
      <p class="label">{label}</p>
      {numbers.map((one, i) => (
        <fieldset key={i} class="trusted">
          <legend>{t.number(i + 1)}</legend>
          <div class="field">
            <label for={`number-${i}-kind`}>{t.where}</label>
            <select id={`number-${i}-kind`} value={one.kind} onChange={(event) => change(i, { kind: event.currentTarget.value as OtherNumber['kind'] })}>
              {kindsOfNumbers.map((kind) => (
                <option key={kind} value={kind}>
                  {t.kinds[kind]}
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for={`number-${i}`}>{t.phone}</label>
            <input
              id={`number-${i}`}
              type="tel"
              autocomplete="off"
              aria-invalid={error !== null}
              aria-describedby={error ? 'other_phones-error' : undefined}
              value={one.phone}
              onInput={(event) => change(i, { phone: event.currentTarget.value })}
            />
          </div>
          <button type="button" class="quiet" onClick={() => put(numbers.filter((_, at) => at !== i))}>
            {t.withdraw(i + 1)}
          </button>
        </fieldset>
      ))}
      {numbers.length < numbersMax && (
        <button type="button" ref={add} onClick={() => put([...numbers, { kind: '', phone: '' }])}>
          {t.add}
        </button>
      )}
      <p id="other_phones-ground" class="ground small">
        {ground}
      </p>
      <Wrong id="other_phones-error" text={error} />
    </div>
  );
};
