/* The file of somebody who is registered: seen whole, changed with them, their telephones. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CounterFile, Done } from '../api';
import { changesOf, hasWithdrawn, isOfSheet, sheetFields } from '../dossier/values';
import { calendarDay } from '../format';
import { bodyOf, valuesOf, withNumbersRead, type Values } from '../inscription/fields';
import { AllSteps, useSaving } from '../inscription/form';
import { HoldFacts } from '../hold';
import { messages } from '../messages';
import { post } from '../request';
import { Facts, Failure, Tick, useGesture } from '../ui';
import { LeaveButton, useUnsaved, whenWritten } from '../unsaved';
import { LevelField } from './level';
import { Telephones } from './telephones';
import { UnitField, type UnitChoice } from './unit';

const t = messages.counterFile;
const c = messages.counter;

const noUnit: UnitChoice = { text: '', unit: null };

/* Whether anything of the sheet is there is said by what is. */
const formOf = (present: Record<string, unknown>): Values => {
  const values = valuesOf(present);
  return { ...withNumbersRead(values), consent: sheetFields.some((name) => values[name]) ? 'oui' : 'non' };
};

/* What is said of the lines of a list goes with it. */
const beside: Partial<Record<keyof Values, (keyof Values)[]>> = { other_phones: ['other_kinds'], places: ['place_kinds', 'place_access'] };

/* What was written and is not what was there: only that is sent, so that the journal names it. */
const changedOf = (before: Values, after: Values, sheet: boolean): Record<string, string> => {
  const [old, now] = [bodyOf(before, sheet), bodyOf(after, sheet)];
  const changed = Object.fromEntries(
    changesOf(old, now).flatMap(({ name }) => [name, ...(beside[name] ?? [])].flatMap((one) => (one in now ? [[one, now[one] ?? '']] : []))),
  );
  if (hasWithdrawn(old, now)) return { ...Object.fromEntries(Object.entries(changed).filter(([name]) => !isOfSheet(name))), consent: 'non' };
  const ofSheet = sheetFields.some((name) => name in changed);
  return { ...changed, ...(ofSheet && { consent: 'oui' }) };
};

type EditProps = { file: CounterFile; verified: boolean; onWritten(): void; onSaved(): Promise<unknown> };

const Edit = ({ file, verified, onWritten, onSaved }: EditProps) => {
  const before = formOf(file.present);
  const level = file.level === null ? '' : String(file.level);
  const [values, setValues] = useState<Values>(before);
  const [unit, setUnit] = useState(noUnit);
  const [newLevel, setLevel] = useState(level);
  const [agreed, setAgreed] = useState(false);
  const { failure, save, clear, forget, errorOf } = useSaving((field) => field in values || field === 'unit');
  useEffect(clear, [verified]);
  const change = async (): Promise<void> => {
    const changed = changedOf(before, values, file.consent_sheet);
    await post<Done>('/api/counter/changes', {
      official: file.id,
      verified: verified ? 'oui' : 'non',
      ...changed,
      ...('contacts' in changed && { contacts_agreed: agreed ? 'oui' : 'non' }),
      ...(unit.text.trim() && { unit: unit.unit?.id ?? unit.text.trim() }),
      ...(newLevel !== level && { level: newLevel }),
    });
    await onSaved();
  };
  const hasNewPeople = values.consent === 'oui' && values.contacts !== before.contacts;
  return (
    <form
      class="inscription"
      noValidate
      {...whenWritten((event) => {
        forget(event);
        onWritten();
      })}
      onSubmit={(event) => {
        event.preventDefault();
        void save(change);
      }}
    >
      <AllSteps
        sheet={file.consent_sheet}
        values={values}
        force={file.force ?? ''}
        errorOf={errorOf}
        onChange={setValues}
        more={(step) =>
          step.byConsent &&
          hasNewPeople && (
            <Tick checked={agreed} onTick={setAgreed}>
              {c.agreed}
            </Tick>
          )
        }
      />
      <fieldset>
        <legend>{t.service}</legend>
        <LevelField level={newLevel} onChange={setLevel} />
        <UnitField commune={values.commune_code ?? ''} unit={unit} present={file.unit.name} error={errorOf('unit')} onChange={setUnit} />
      </fieldset>
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {t.save}
      </button>
    </form>
  );
};

export const Registered = ({ official, onLeave }: { official: string; onLeave(): void }) => {
  const [file, setFile] = useState<CounterFile | null>(null);
  const [reading, setReading] = useState(0);
  const [verified, setVerified] = useState(false);
  const [done, setDone] = useState('');
  const [isWritten, setWritten] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useUnsaved(isWritten);
  const { failure, run } = useGesture();
  const load = (): Promise<unknown> => run(async () => setFile(await post<CounterFile>('/api/counter/files', { official })));
  useEffect(() => void load(), [official]);
  /* Once it is there; and again once it was changed. */
  useLayoutEffect(() => heading.current?.focus(), [file !== null, reading]);
  if (!file)
    return (
      <>
        <p role="status">{failure ? '' : messages.loading}</p>
        <Failure text={failure} />
        <button type="button" class="quiet" onClick={onLeave}>
          {t.leave}
        </button>
      </>
    );
  const { name = '' } = valuesOf(file.present);
  return (
    <div class="registered">
      <h2 ref={heading} tabIndex={-1}>
        {name}
      </h2>
      <p role="status" class={done ? 'notice' : ''}>
        {done}
      </p>
      {file.ended && <p class="notice">{t.hasEnded}</p>}
      {file.hold && (
        <section class="notice">
          <h3>{messages.hold.heading}</h3>
          <HoldFacts hold={file.hold} />
        </section>
      )}
      <Facts
        rows={[
          [messages.counterUnit.label, file.unit.name],
          [c.force, file.force && messages.forces[file.force]],
          [t.registered, file.registered && calendarDay(file.registered)],
          [t.until, file.until && calendarDay(file.until)],
          [t.mandateUntil, file.mandate_until && calendarDay(file.mandate_until)],
        ]}
      />
      <Tick checked={verified} onTick={setVerified}>
        {c.terms.verified}
      </Tick>
      <Telephones file={file} verified={verified} onChanged={load} />
      {/* Drawn anew from what the server keeps, once it was changed. */}
      <Edit
        key={reading}
        file={file}
        verified={verified}
        onWritten={() => setWritten(true)}
        onSaved={async () => {
          await load();
          setReading(reading + 1);
          setWritten(false);
          setDone(t.saved(name));
          scrollTo(0, 0);
        }}
      />
      <LeaveButton label={t.leave} isWritten={isWritten} onLeave={onLeave} />
    </div>
  );
};
