/* The fields of a registration: each with its label, what it is for, the ground it is taken on, and its error beside it. */
import { messages } from '../messages.fr';
import type { Field, Values } from './fields';

const t = messages.registration;

type Props = { field: Field; values: Values; error: string | null; onChange(values: Values): void };

export const FieldRow = ({ field, values, error, onChange }: Props) => {
  const { name, lines, input, complete = 'off' } = field;
  const { label, hint, ground } = t.fields[name];
  const said = [hint && `${name}-hint`, `${name}-ground`, error && `${name}-error`].filter(Boolean).join(' ');
  const common = {
    id: name,
    value: values[name] ?? '',
    'aria-describedby': said,
    'aria-invalid': error !== null,
    onInput: (event: { currentTarget: { value: string } }) => onChange({ ...values, [name]: event.currentTarget.value }),
  };
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <p id={`${name}-hint`} class="muted small">
          {hint}
        </p>
      )}
      {lines && <textarea {...common} rows={lines} autocomplete={complete} />}
      {!lines && input === 'tel' && <input {...common} type="tel" autocomplete={complete} />}
      {!lines && input !== 'tel' && <input {...common} type="text" autocomplete={complete} {...(input && { inputMode: input })} />}
      <p id={`${name}-ground`} class="ground small">
        {ground}
      </p>
      {error && (
        <p id={`${name}-error`} class="failure">
          {error}
        </p>
      )}
    </div>
  );
};

export const Consent = ({ values, error, onChange }: Omit<Props, 'field'>) => (
  <div class={error ? 'field wrong' : 'field'}>
    <p class="muted">{t.consentLead}</p>
    <label class="choice">
      <input
        id="consent"
        type="checkbox"
        checked={values.consent === 'oui'}
        onChange={(event) => onChange({ ...values, consent: event.currentTarget.checked ? 'oui' : 'non' })}
      />
      <span class="choice-text">{t.fields.consent.label}</span>
    </label>
    {error && <p class="failure">{error}</p>}
  </div>
);
