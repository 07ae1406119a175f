/* /inscription: an official prepares their registration at home, with the code of their invitation. */
import { render } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Force, RegistrationDraft } from './api';
import { bodyOf, stepOf, stepsOf, valuesOf, type Values } from './inscription/fields';
import { StepFields, useSaving } from './inscription/form';
import { messages } from './messages';
import { post, reasonOf } from './request';
import { deviceTheme, useTheme } from './theme';
import { Failure, LanguageLink, ThemeButton, Urgency } from './ui';
import './base.css';
import './phone.css';
import './inscription.css';

const t = messages.registration;

/* So that a page loaded again opens what was written; gone with the tab. */
const kept = 'egide-invitation';

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

const Steps = ({ code, draft, onDone }: { code: string; draft: RegistrationDraft; onDone(): void }) => {
  const list = stepsOf(draft.consent_sheet);
  const [values, setValues] = useState<Values>(valuesOf(draft.fields));
  const [at, setAt] = useState(0);
  const [force, setForce] = useState<Force | ''>('');
  const { failure, save, errorOf } = useSaving();
  const heading = useRef<HTMLHeadingElement>(null);
  const step = list[at];
  /* As soon as it is drawn: a key pressed next is already for this step. */
  useLayoutEffect(() => heading.current?.focus(), [at]);
  const next = async (): Promise<void> => {
    await post<RegistrationDraft>('/api/registration', { code, ...bodyOf(values, draft.consent_sheet) });
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

const Inscription = () => {
  const [theme, turnTheme] = useTheme(deviceTheme());
  const [opened, setOpened] = useState<{ code: string; draft: RegistrationDraft } | null>(null);
  const [done, setDone] = useState(false);
  const leave = (): void => {
    sessionStorage.removeItem(kept);
    setOpened(null);
    setDone(false);
  };
  const open = (code: string, draft: RegistrationDraft): void => {
    sessionStorage.setItem(kept, code);
    setOpened({ code, draft });
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
        {opened && !done && <Steps code={opened.code} draft={opened.draft} onDone={() => setDone(true)} />}
        {opened && done && (
          <section class="card" role="status">
            <h2>{t.doneTitle}</h2>
            {t.done(opened.code).map((line) => (
              <p key={line}>{line}</p>
            ))}
            <button type="button" onClick={() => setDone(false)}>
              {t.correct}
            </button>
          </section>
        )}
        {opened && (
          <button type="button" class="quiet" onClick={leave}>
            {t.leave}
          </button>
        )}
      </main>
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Inscription />, page);
