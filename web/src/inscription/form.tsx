/* The fields of a registration: each with its label, what it is for, the ground it is taken on, and its error beside it. */
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Force } from '../api';
import { messages } from '../messages';
import { reasonOf, Refusal } from '../request';
import { fromServer } from '../server';
import { Tick } from '../ui';
import { CommuneInput } from './commune';
import { OtherNumbers } from './numbers';
import { useAdd, Wrong } from './rows';
import { groundOf } from './grounds';
import { OtherPlaces, PlaceEntries } from './places';
import { stepsOf, textOf, trustedMax, trustedOf, type Field, type FieldName, type Step, type Trusted, type Values } from './fields';

const ofOfficial = messages.registration;
const { fields, ...ofCounter } = messages.counterForm;

/* The official is spoken to, and spoken of where somebody else reads. */
const Words = createContext(ofOfficial);
export const counterWords: typeof ofOfficial = { ...ofOfficial, ...ofCounter, fields: { ...ofOfficial.fields, ...fields } };

type Props = { field: Field; values: Values; ground: string; error: string | null; onChange(values: Values): void };

const FieldRow = ({ field, values, ground, error, onChange }: Props) => {
  const { name, lines, input, complete = 'off' } = field;
  const { label, hint } = useContext(Words).fields[name];
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
      <Wrong id={`${name}-error`} text={error} />
    </div>
  );
};

/* The code is asked for only where no list gives it; one that the server refuses is said here. */
const CommuneRow = (props: Props & { codeError: string | null; onForce: StepProps['onForce'] }) => {
  const { field, values, ground, error, codeError, onChange, onForce } = props;
  const [byHand, setByHand] = useState(false);
  const { label } = useContext(Words).fields[field.name];
  const said = error ?? (byHand ? null : codeError);
  return (
    <>
      <div class={said ? 'field wrong' : 'field'}>
        <label for="commune">{label}</label>
        <CommuneInput values={values} described={said ? 'commune-ground commune-error' : 'commune-ground'} invalid={said !== null} onChange={onChange} onLoaded={(loaded) => setByHand(!loaded)} onForce={onForce} />
        <p id="commune-ground" class="ground small">
          {ground}
        </p>
        <Wrong id="commune-error" text={said} />
      </div>
      {byHand && <FieldRow {...props} field={{ name: 'commune_code' }} error={codeError} />}
    </>
  );
};

/* Whom to tell, first one first. */
const TrustedPeople = ({ field, values, ground, error, onChange }: Props) => {
  const t = useContext(Words);
  const people = trustedOf(values[field.name] ?? '');
  const add = useAdd(people.length, (row) => `${field.name}-${row}-name`);
  const put = (list: Trusted[]): void => onChange({ ...values, [field.name]: textOf(list) });
  const change = (at: number, key: keyof Trusted, text: string): void => put(people.map((one, i) => (i === at ? { ...one, [key]: text } : one)));
  const { label, hint } = t.fields[field.name];
  return (
    <div class={error ? 'field wrong' : 'field'} role="group" aria-label={label} aria-describedby={`${field.name}-hint ${field.name}-ground`}>
      <p class="label">{label}</p>
      <p id={`${field.name}-hint`} class="muted small">
        {hint}
      </p>
      {people.map((one, i) => (
        <fieldset key={i} class="trusted">
          <legend>{t.trusted.person(i + 1)}</legend>
          {(['name', 'relation', 'phone'] as const).map((key) => (
            <div class="field" key={key}>
              <label for={`${field.name}-${i}-${key}`}>{t.trusted[key]}</label>
              <input
                id={`${field.name}-${i}-${key}`}
                inputmode={key === 'phone' ? 'tel' : 'text'}
                autocomplete="off"
                aria-invalid={error !== null}
                aria-describedby={error ? `${field.name}-error` : undefined}
                value={one[key]}
                onInput={(event) => change(i, key, event.currentTarget.value)}
              />
            </div>
          ))}
          <button type="button" class="quiet" onClick={() => put(people.filter((_, at) => at !== i))}>
            {t.trusted.withdraw(i + 1)}
          </button>
        </fieldset>
      ))}
      {people.length < trustedMax && (
        <button type="button" ref={add} onClick={() => put([...people, { name: '', relation: '', phone: '' }])}>
          {t.trusted.add}
        </button>
      )}
      <p id={`${field.name}-ground`} class="ground small">
        {ground}
      </p>
      <Wrong id={`${field.name}-error`} text={error} />
    </div>
  );
};

const Consent = ({ values, error, onChange }: Omit<Props, 'field' | 'ground'>) => {
  const t = useContext(Words);
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <p class="muted">{t.consentLead}</p>
      <Tick id="consent" checked={values.consent === 'oui'} error={error} onTick={(is) => onChange({ ...values, consent: is ? 'oui' : 'non' })}>
        {t.fields.consent.label}
      </Tick>
    </div>
  );
};

/* What is wrong with a field, or with that line of it, from 1. */
type ErrorOf = (name: string, line?: number) => string | null;

/* force: in whose file it will be; '' where nobody knows yet. onForce: that of the commune's unit, once it is chosen. */
type StepProps = { step: Step; values: Values; force: Force | ''; errorOf: ErrorOf; onChange(values: Values): void; onForce?: ((force: Force | '') => void) | undefined };

/** What is taken by consent alone is asked for only after it was given. */
export const StepFields = ({ step, values, force, errorOf, onChange, onForce }: StepProps) => {
  const t = useContext(Words);
  const ground = (name: FieldName): string => groundOf(name, force, t.fields);
  return (
    <>
      {step.byConsent && <Consent values={values} error={errorOf('consent')} onChange={onChange} />}
      {(!step.byConsent || values.consent === 'oui') &&
        step.fields.map((field) => {
          if (field.input === 'commune')
            return (
              <CommuneRow
                key={field.name}
                field={field}
                values={values}
                ground={ground(field.name)}
                error={errorOf(field.name)}
                codeError={errorOf('commune_code')}
                onForce={onForce}
                onChange={onChange}
              />
            );
          if (field.input === 'numbers')
            return (
              <OtherNumbers
                key={field.name}
                values={values}
                label={t.fields[field.name].label}
                ground={ground(field.name)}
                error={errorOf('other_phones') ?? errorOf('other_kinds')}
                onChange={onChange}
              />
            );
          if (field.input === 'places' || field.input === 'entries') {
            const Places = field.input === 'places' ? OtherPlaces : PlaceEntries;
            return (
              <Places
                key={field.name}
                values={values}
                label={t.fields[field.name].label}
                hint={t.fields[field.name].hint}
                ground={ground(field.name)}
                errorOf={(line) => errorOf(field.name, line) ?? (field.also ? errorOf(field.also, line) : null)}
                onChange={onChange}
              />
            );
          }
          const Row = field.input === 'people' ? TrustedPeople : FieldRow;
          return <Row key={field.name} field={field} values={values} ground={ground(field.name)} error={errorOf(field.name)} onChange={onChange} />;
        })}
    </>
  );
};

type Wrong = { field: string; line: number | undefined; text: string };

/* Addresses are lines of one field: which, if it is one. */
const ofAddress = /^adresse (\d+) : /;

/* A sentence that stands alone, whatever it came behind. */
const sentence = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

const wrongOf = (thrown: unknown): Wrong | null => {
  const [first] = (thrown instanceof Refusal && thrown.problem.errors) || [];
  if (!first) return null;
  const said = first.message.replace(/^« \w+ » : /, '');
  const [, line] = ofAddress.exec(said) ?? [];
  return { field: first.field, line: line === undefined ? undefined : Number(line), text: sentence(fromServer(said.replace(ofAddress, ''))) };
};

/* A long form says at its end that something is wrong, not where. */
const focusOnWrong = (): void => {
  const places = ['main [aria-invalid="true"]', 'main .wrong input', 'main .wrong button', 'main [role="alert"]:not(:empty)'];
  const [first] = places.flatMap((place) => document.querySelector<HTMLElement>(place) ?? []);
  first?.focus();
};

/**
 * To save a form: a key pressed twice saves once, and what is wrong is said beside its field, if the form `shows` it; the focus
 * goes there. What was wrong is `forgotten` once its field is written in.
 */
export const useSaving = (shows: (field: string) => boolean = () => true) => {
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const busy = useRef(false);
  const clear = (): void => {
    setWrong(null);
    setFailure(null);
  };
  const save = async (work: () => Promise<void>, onWrong?: (field: string) => void): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    clear();
    try {
      await work();
    } catch (thrown) {
      const found = wrongOf(thrown);
      setWrong(found);
      setFailure(found && shows(found.field) ? ofOfficial.wrong : (found?.text ?? reasonOf(thrown)));
      if (found) onWrong?.(found.field);
    } finally {
      busy.current = false;
    }
  };
  /* As soon as it is drawn; a form that moves the focus by itself does so before. */
  useLayoutEffect(() => {
    if (failure !== null) focusOnWrong();
  }, [failure, wrong]);
  const forget = ({ target }: { target: EventTarget | null }): void => {
    const isBeside = wrong !== null && shows(wrong.field);
    if (!isBeside || (target instanceof HTMLElement && target.id === wrong.field)) clear();
  };
  return { failure, save, clear, forget, errorOf: ((name, line) => (wrong?.field === name && wrong.line === line ? wrong.text : null)) as ErrorOf };
};

type AllProps = Omit<StepProps, 'step'> & { sheet: boolean; more?(step: Step): ComponentChildren };

/** All steps one under the other, as the counter sees them; `more` is beneath the fields of a step. */
export const AllSteps = ({ sheet, more, ...of }: AllProps) => (
  <Words.Provider value={counterWords}>
    {stepsOf(sheet).map((step) => (
      <fieldset key={step.name}>
        <legend>{counterWords.steps[step.name]}</legend>
        <StepFields step={step} {...of} />
        {more?.(step)}
      </fieldset>
    ))}
  </Words.Provider>
);
