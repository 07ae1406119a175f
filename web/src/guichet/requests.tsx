/* What officials asked for from their own file: corrections to confirm with them, leaving to settle. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CounterRequests, Settled } from '../api';
import { useNow } from '../clock';
import { labelOf } from '../dossier/copy';
import { changesOf, hasWithdrawn, isOfSheet } from '../dossier/values';
import { day, dayAndTime, phone } from '../format';
import { bodyOf, valuesOf, withNumbersRead, type Values } from '../inscription/fields';
import { AllSteps, useSaving } from '../inscription/form';
import { messages } from '../messages';
import { get, post } from '../request';
import { Failure, Tick, useGesture } from '../ui';
import { LeaveButton, useUnsaved, whenWritten } from '../unsaved';

const t = messages.counter.requests;
const c = messages.counter;

export type CorrectionAsked = CounterRequests['corrections'][number];
type LeavingAsked = CounterRequests['leaving'][number];

const Leaving = ({ one, done }: { one: LeavingAsked; done(said: string): void }) => {
  const [isChecked, setChecked] = useState(false);
  const [isReturned, setReturned] = useState(false);
  const [isSure, setSure] = useState(false);
  const { failure, run } = useGesture();
  const isOpen = useNow() < one.not_before;
  const settle = (end: boolean): void =>
    void run(async () => {
      const yes = (is: boolean): string => (is ? 'oui' : 'non');
      await post<Settled>('/api/counter/leavings', { official: one.official, end: yes(end), person_checked: yes(isChecked), devices_returned: yes(isReturned) });
      done(end ? t.ended(one.name) : t.kept(one.name));
    });
  return (
    <li class="request">
      <h3>{t.leaving(one.name, one.unit ?? '', dayAndTime(one.asked_at))}</h3>
      <p>{isOpen ? t.wait(day(one.not_before)) : t.late}</p>
      <p>{t.call(phone(one.phone))}</p>
      <Tick checked={isChecked} onTick={setChecked}>
        {t.checked}
      </Tick>
      {one.devices > 0 && (
        <Tick checked={isReturned} onTick={setReturned}>
          {t.returned} <span class="muted">({t.devices(one.devices)})</span>
        </Tick>
      )}
      <Failure text={failure} />
      <button type="button" onClick={() => settle(false)}>
        {t.keep}
      </button>
      {!isOpen && (
        <button type="button" class="danger" onClick={() => (isSure ? settle(true) : setSure(true))}>
          {isSure ? t.endSure : t.end}
        </button>
      )}
    </li>
  );
};

export const Requests = ({ onOpen, onDone }: { onOpen(one: CorrectionAsked): void; onDone(said: string): void }) => {
  const [list, setList] = useState<CounterRequests | null>(null);
  const { failure, run } = useGesture();
  const load = (): void => void run(async () => setList(await get<CounterRequests>('/api/counter/requests')));
  useEffect(load, []);
  return (
    <section>
      <h2>{t.heading}</h2>
      <p role="status">{list === null && !failure ? messages.loading : list && !list.leaving.length && !list.corrections.length ? t.none : ''}</p>
      <ul>
        {list?.leaving.map((one) => (
          <Leaving
            key={one.official}
            one={one}
            done={(said) => {
              onDone(said);
              load();
            }}
          />
        ))}
        {list?.corrections.map((one) => (
          <li class="request" key={one.id}>
            <h3>{t.correction(one.name, one.unit ?? '', dayAndTime(one.changed_at))}</h3>
            <button type="button" onClick={() => onOpen(one)}>
              {t.open}
            </button>
          </li>
        ))}
      </ul>
      <Failure text={failure} />
      <button type="button" class="quiet" onClick={load}>
        {t.refresh}
      </button>
    </section>
  );
};

const Changes = ({ one }: { one: CorrectionAsked }) => {
  const isOut = hasWithdrawn(one.present, one.fields);
  const changes = changesOf(one.present, one.fields).filter(({ name }) => !isOut || !isOfSheet(name));
  return (
    <section class="changes">
      <h3>{t.changes}</h3>
      {isOut && <p class="notice">{t.sheetOut}</p>}
      {changes.length === 0 && !isOut && <p>{t.noChange}</p>}
      <dl>
        {changes.map(({ name, before, after }) => (
          <div key={name}>
            <dt>{labelOf(name)}</dt>
            <dd>
              <del>{before || t.empty}</del> <ins>{after || t.empty}</ins>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

/** With the person there, or on the telephone: what they ask for, as the counter leaves it. */
export const Correction = ({ one, onDone, onLeave }: { one: CorrectionAsked; onDone(said: string): void; onLeave(): void }) => {
  const [values, setValues] = useState<Values>(withNumbersRead(valuesOf(one.fields)));
  const [isChecked, setChecked] = useState(false);
  const [isAgreed, setAgreed] = useState(false);
  const [isWritten, setWritten] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const { failure, save, forget, errorOf } = useSaving((field) => field in values || field === 'person_checked');
  useLayoutEffect(() => heading.current?.focus(), []);
  useUnsaved(isWritten);
  const hasTrusted = values.consent === 'oui' && Boolean(values.contacts);
  const accept = async (): Promise<void> => {
    await post<Settled>('/api/counter/corrections', {
      draft: one.id,
      accept: 'oui',
      person_checked: isChecked ? 'oui' : 'non',
      ...bodyOf(values, one.consent_sheet),
      ...(hasTrusted && { contacts_agreed: isAgreed ? 'oui' : 'non' }),
    });
    onDone(t.accepted(one.name));
  };
  const refuse = async (): Promise<void> => {
    await post<Settled>('/api/counter/corrections', { draft: one.id, accept: 'non' });
    onDone(t.refused(one.name));
  };
  return (
    <form
      class="inscription"
      noValidate
      {...whenWritten((event) => {
        forget(event);
        setWritten(true);
      })}
      onSubmit={(event) => {
        event.preventDefault();
        void save(accept);
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {t.check(one.name)}
      </h2>
      <Changes one={one} />
      <AllSteps sheet={one.consent_sheet} values={values} force={one.force ?? ''} errorOf={errorOf} onChange={setValues} />
      <fieldset>
        <legend>{c.checks}</legend>
        <Tick id="person_checked" checked={isChecked} error={errorOf('person_checked')} onTick={setChecked}>
          {t.checked}
        </Tick>
        {hasTrusted && (
          <Tick checked={isAgreed} onTick={setAgreed}>
            {c.agreed}
          </Tick>
        )}
      </fieldset>
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {t.accept}
      </button>
      <button type="button" onClick={() => void save(refuse)}>
        {t.refuse}
      </button>
      <LeaveButton label={c.cancel} isWritten={isWritten} onLeave={onLeave} />
    </form>
  );
};
