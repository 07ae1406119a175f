/* The fields of a registration: each with its label, what it is for, the ground it is taken on, and its error beside it. */
import { useRef, useState } from 'preact/hooks';
import type { Force } from '../api';
import { messages } from '../messages';
import { reasonOf, Refusal } from '../request';
import { fromServer } from '../server';
import type { Field, Step, Values } from './fields';

const t = messages.registration;

type Props = { field: Field; values: Values; ground: string; error: string | null; onChange(values: Values): void };

const FieldRow = ({ field, values, ground, error, onChange }: Props) => {
  const { name, lines, input, complete = 'off' } = field;
  const { label, hint } = t.fields[name];
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

const Consent = ({ values, error, onChange }: Omit<Props, 'field' | 'ground'>) => (
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

type StepProps = { step: Step; values: Values; force?: Force | ''; errorOf(name: string): string | null; onChange(values: Values): void };

/* The two forces take the same things on two grounds; what needs consent needs it in both. */
const groundOf = (field: Field, step: Step, force: Force | '' | undefined): string =>
  force === 'police' && !step.byConsent ? t.groundPolice : t.fields[field.name].ground;

/** What is taken by consent alone is asked for only after it was given. */
export const StepFields = ({ step, values, force, errorOf, onChange }: StepProps) => (
  <>
    {step.byConsent && <Consent values={values} error={errorOf('consent')} onChange={onChange} />}
    {(!step.byConsent || values.consent === 'oui') &&
      step.fields.map((field) => <FieldRow key={field.name} field={field} values={values} ground={groundOf(field, step, force)} error={errorOf(field.name)} onChange={onChange} />)}
  </>
);

type Wrong = { field: string; text: string };

const wrongOf = (thrown: unknown): Wrong | null => {
  const [first] = (thrown instanceof Refusal && thrown.problem.errors) || [];
  return first ? { field: first.field, text: fromServer(first.message.replace(/^« \w+ » : /, '')) } : null;
};

/** To save a form: a key pressed twice saves once, and what is wrong is said beside its field, if the form `shows` it. */
export const useSaving = (shows: (field: string) => boolean = () => true) => {
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const busy = useRef(false);
  const save = async (work: () => Promise<void>, onWrong?: (field: string) => void): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setWrong(null);
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      const found = wrongOf(thrown);
      setWrong(found);
      setFailure(found && shows(found.field) ? t.wrong : (found?.text ?? reasonOf(thrown)));
      if (found) onWrong?.(found.field);
    } finally {
      busy.current = false;
    }
  };
  return { failure, save, errorOf: (name: string): string | null => (wrong?.field === name ? wrong.text : null) };
};
