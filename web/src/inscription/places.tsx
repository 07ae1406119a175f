/* The other addresses of an official: what each is, where it is, and, on the sheet, how to get in there. */
import { messages } from '../messages';
import { kindsOfPlaces, linesOfPlaces, placesMax, placesOf, valuesOfPlaces, type Place, type Values } from './fields';
import { useAdd, Wrong } from './rows';

const t = messages.registration.places;

type Props = {
  values: Values;
  label: string;
  hint: string;
  ground: string;
  /* Of the whole list, or of that line of it. */
  errorOf(line?: number): string | null;
  onChange(values: Values): void;
};

const put = ({ values, onChange }: Props, places: Place[]): void => onChange({ ...values, ...valuesOfPlaces(places) });

const change = (props: Props, at: number, part: Partial<Place>): void => put(props, placesOf(props.values).map((one, i) => (i === at ? { ...one, ...part } : one)));

/* What is wrong with each, if anything. */
const errorsOf = ({ errorOf }: Props, places: Place[]): (string | null)[] => linesOfPlaces(places).map((line) => (line ? errorOf(line) : null));

export const OtherPlaces = (props: Props) => {
  const { values, label, hint, ground, errorOf } = props;
  const places = placesOf(values);
  const errors = errorsOf(props, places);
  const add = useAdd(places.length, (row) => `place-${row}-kind`);
  return (
    <div id="places" class={errorOf() ? 'field wrong' : 'field'} role="group" tabIndex={-1} aria-label={label} aria-describedby="places-hint places-ground">
      <p class="label">{label}</p>
      <p id="places-hint" class="muted small">
        {hint}
      </p>
      {places.map((one, i) => {
        const error = errors[i] ?? null;
        return (
          <fieldset key={i} class={error ? 'trusted wrong' : 'trusted'}>
            <legend>{t.place(i + 1)}</legend>
            <div class="field">
              <label for={`place-${i}-kind`}>{t.kind}</label>
              <select id={`place-${i}-kind`} value={one.kind} onChange={(event) => change(props, i, { kind: event.currentTarget.value as Place['kind'] })}>
                {kindsOfPlaces.map((kind) => (
                  <option key={kind} value={kind}>
                    {t.kinds[kind]}
                  </option>
                ))}
              </select>
            </div>
            <div class="field">
              <label for={`place-${i}`}>{t.address}</label>
              <input
                id={`place-${i}`}
                type="text"
                autocomplete="off"
                aria-invalid={error !== null}
                aria-describedby={error ? `place-${i}-error` : undefined}
                value={one.address}
                onInput={(event) => change(props, i, { address: event.currentTarget.value })}
              />
            </div>
            <Wrong id={`place-${i}-error`} text={error} />
            <button type="button" class="quiet" onClick={() => put(props, places.filter((_, at) => at !== i))}>
              {t.withdraw(i + 1)}
            </button>
          </fieldset>
        );
      })}
      {places.length < placesMax && (
        <button type="button" ref={add} onClick={() => put(props, [...places, { kind: 'other', address: '', access: '' }])}>
          {t.add}
        </button>
      )}
      <p id="places-ground" class="ground small">
        {ground}
      </p>
      <Wrong id="places-error" text={errorOf()} />
    </div>
  );
};

/** How to get in, under the address it is of. */
export const PlaceEntries = (props: Props) => {
  const { values, label, hint, ground, errorOf } = props;
  const places = placesOf(values);
  const errors = errorsOf(props, places);
  if (places.every(({ address }) => address.trim() === '')) return null;
  return (
    <div id="place_access" class={errorOf() ? 'field wrong' : 'field'} role="group" tabIndex={-1} aria-label={label} aria-describedby="place_access-hint place_access-ground">
      <p class="label">{label}</p>
      <p id="place_access-hint" class="muted small">
        {hint}
      </p>
      {places.map((one, i) => {
        const error = errors[i] ?? null;
        return (
          one.address.trim() !== '' && (
            <div key={i} class={error ? 'field wrong' : 'field'}>
              <label for={`entry-${i}`}>{messages.format.colon(t.kinds[one.kind], one.address)}</label>
              <textarea
                id={`entry-${i}`}
                rows={2}
                autocomplete="off"
                aria-invalid={error !== null}
                aria-describedby={error ? `entry-${i}-error` : undefined}
                value={one.access}
                onInput={(event) => change(props, i, { access: event.currentTarget.value })}
              />
              <Wrong id={`entry-${i}-error`} text={error} />
            </div>
          )
        );
      })}
      <p id="place_access-ground" class="ground small">
        {ground}
      </p>
      <Wrong id="place_access-error" text={errorOf()} />
    </div>
  );
};
