/* /inscription: an official prepares their registration at home, with the code of their invitation. */
import { render } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Force, RegistrationDraft } from './api';
import { bodyOf, missingOf, stepOf, stepsOf, valuesOf, withNumbersRead, type FieldName, type Values } from './inscription/fields';
import { StepFields, useSaving } from './inscription/form';
import { Missing } from './inscription/missing';
import { printedCode } from './inscription/code';
import { messages } from './messages';
import { post, reasonOf } from './request';
import { deviceTheme, useTheme } from './theme';
import { Failure, LanguageLink, ThemeButton, Urgency } from './ui';
import { LeaveButton, useUnsaved, whenWritten } from './unsaved';
import './base.css';
import './phone.css';
import './inscription.css';

const t = messages.registration;

/* So that a page loaded again opens what was written; gone with the tab. */
const kept = 'egide-invitation';
const keptStep = 'egide-invitation-step';

const CodeStep = ({ onOpen }: { onOpen(code: string, draft: RegistrationDraft): void }) => {
  const [code, setCode] = useState(sessionStorage.getItem(kept) ?? '');
  const [failure, setFailure] = useState<string | null>(null);
  const open = async (): Promise<void> => {
    try {
      onOpen(code, await post<RegistrationDraft>('/api/registration/open', { code }));
    } catch (thrown) {
      setFailure(reasonOf(thrown));
    }
  };
  useEffect(() => {
    if (code) void open();
  }, []);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <p class="lead">{t.lead}</p>
      <div class="field">
        <label for="code">{t.code}</label>
        <p id="code-hint" class="muted small">
          {t.codeHint}
        </p>
        <input id="code" aria-describedby="code-hint" autocomplete="off" autocapitalize="characters" spellcheck={false} value={code} onInput={(event) => setCode(event.currentTarget.value)} />
      </div>
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {t.begin}
      </button>
      <section class="card">
        <h2>{t.rightsTitle}</h2>
        {t.rights.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </section>
    </form>
  );
};

type StepsProps = { code: string; draft: RegistrationDraft; field: FieldName | null; onWritten(isWritten: boolean): void; onSaved(draft: RegistrationDraft): void; onDone(): void };

/* field: the one to begin with; without one, the step that was on screen. */
const Steps = ({ code, draft, field, onWritten, onSaved, onDone }: StepsProps) => {
  const list = stepsOf(draft.consent_sheet);
  const [values, setValues] = useState<Values>(withNumbersRead(valuesOf(draft.fields)));
  const [at, setAt] = useState(() => Math.max(0, field ? stepOf(list, field) : list.findIndex(({ name }) => name === sessionStorage.getItem(keptStep))));
  const [force, setForce] = useState<Force | ''>('');
  const heading = useRef<HTMLHeadingElement>(null);
  const step = list[at];
  /* As soon as it is drawn: a key pressed next is already for this step. */
  useLayoutEffect(() => {
    heading.current?.focus();
    if (step) sessionStorage.setItem(keptStep, step.name);
  }, [at]);
  useLayoutEffect(() => {
    if (field) document.getElementById(field)?.focus();
  }, []);
  const { failure, save, forget, errorOf } = useSaving();
  const next = async (): Promise<void> => {
    onSaved(await post<RegistrationDraft>('/api/registration', { code, ...bodyOf(values, draft.consent_sheet) }));
    if (at + 1 < list.length) setAt(at + 1);
    else onDone();
  };
  const showStep = (field: string): void => {
    const where = stepOf(list, field);
    if (where >= 0) setAt(where);
  };
  if (!step) return null;
  return (
    <form
      noValidate
      {...whenWritten((event) => {
        forget(event);
        onWritten(true);
      })}
      onSubmit={(event) => {
        event.preventDefault();
        void save(next, showStep);
      }}
    >
      <p class="muted">{t.step(at + 1, list.length)}</p>
      <h2 ref={heading} tabIndex={-1}>
        {t.steps[step.name]}
      </h2>
      <StepFields step={step} values={values} force={force} errorOf={errorOf} onChange={setValues} onForce={setForce} />
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {at + 1 < list.length ? t.next : t.finish}
      </button>
      {at > 0 && (
        <button type="button" class="quiet" onClick={() => setAt(at - 1)}>
          {t.back}
        </button>
      )}
    </form>
  );
};

type DoneProps = { code: string; draft: RegistrationDraft; onCorrect(field: FieldName | null): void };

/* What is still missing may also be written at the counter: nobody is kept from going there. */
const Done = ({ code, draft, onCorrect }: DoneProps) => {
  const missing = missingOf(valuesOf(draft.fields));
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section class="card">
      <h2 ref={heading} tabIndex={-1}>
        {missing.length > 0 ? t.missingTitle : t.doneTitle}
      </h2>
      <Missing title={t.missing} fields={missing} words={t} onGo={onCorrect} />
      {t.done(printedCode(code)).map((line) => (
        <p key={line}>{line}</p>
      ))}
      <button type="button" onClick={() => onCorrect(null)}>
        {t.correct}
      </button>
    </section>
  );
};

const Inscription = () => {
  const [theme, turnTheme] = useTheme(deviceTheme());
  const [opened, setOpened] = useState<{ code: string; draft: RegistrationDraft } | null>(null);
  const [done, setDone] = useState(false);
  const [field, setField] = useState<FieldName | null>(null);
  const [isWritten, setWritten] = useState(false);
  useUnsaved(isWritten);
  const leave = (): void => {
    sessionStorage.removeItem(kept);
    sessionStorage.removeItem(keptStep);
    setOpened(null);
    setDone(false);
    setWritten(false);
    setField(null);
  };
  const open = (code: string, draft: RegistrationDraft): void => {
    if (sessionStorage.getItem(kept) !== code) sessionStorage.removeItem(keptStep);
    sessionStorage.setItem(kept, code);
    setOpened({ code, draft });
  };
  const save = (draft: RegistrationDraft): void => {
    setOpened(opened && { ...opened, draft });
    setWritten(false);
  };
  const correct = (name: FieldName | null): void => {
    if (!name) sessionStorage.removeItem(keptStep);
    setField(name);
    setDone(false);
  };
  return (
    <div class="phone inscription">
      <header class="top">
        <h1>{t.heading}</h1>
        {!opened && <LanguageLink />}
        <ThemeButton theme={theme} onTurn={turnTheme} />
        <Urgency />
      </header>
      <main>
        {!opened && <CodeStep onOpen={open} />}
        {opened && !done && <Steps {...opened} field={field} onWritten={setWritten} onSaved={save} onDone={() => setDone(true)} />}
        {opened && done && <Done {...opened} onCorrect={correct} />}
        {opened && <LeaveButton label={t.leave} isWritten={isWritten} onLeave={leave} />}
      </main>
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Inscription />, page);
