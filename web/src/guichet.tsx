/* /guichet: the officer at the counter finds what was prepared, checks identity and mandate, activates it, or types it all. */
import { render, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Force, Invitation, RegistrationDraft, RegistrationDrafts, Registered, Session } from './api';
import { day } from './format';
import { LevelField } from './guichet/level';
import { People } from './guichet/people';
import { Register } from './guichet/register';
import { Registered as RegisteredFile } from './guichet/registered';
import { SameNumber } from './guichet/same_number';
import { Terms } from './guichet/terms';
import { Correction, Requests, type CorrectionAsked } from './guichet/requests';
import { UnitField, type UnitChoice } from './guichet/unit';
import { bodyOf, missingOf, valuesOf, withNumbersRead, type Values } from './inscription/fields';
import { AllSteps, counterWords, useSaving } from './inscription/form';
import { Missing } from './inscription/missing';
import { messages } from './messages';
import { post } from './request';
import { Login } from './salle/login';
import { FewCodes } from './salle/second_factor';
import { closeSession, sessionNow } from './session';
import { useTheme } from './theme';
import { Failure, ThemeButton, Tick, useGesture } from './ui';
import { LeaveButton, useUnsaved, whenWritten } from './unsaved';
import './base.css';
import './salle.css';
import './inscription.css';

const t = messages.counter;

const forces = Object.keys(messages.forces) as Force[];

type Opened = { draft: RegistrationDraft | null };

const Invite = () => {
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const { failure, run } = useGesture();
  const make = (): void => void run(async () => setInvitation(await post<Invitation>('/api/counter/invitations', {})));
  return (
    <section>
      <h2>{t.invite}</h2>
      <p class="muted">{t.inviteLead}</p>
      <button type="button" onClick={make}>
        {t.inviteMake}
      </button>
      <div role="status">
        {invitation && (
          <>
            <p class="code">{invitation.code}</p>
            <p>{t.inviteUntil(day(invitation.expires_at))}</p>
          </>
        )}
      </div>
      <Failure text={failure} />
    </section>
  );
};

const Find = ({ onOpen }: { onOpen(opened: Opened): void }) => {
  const [words, setWords] = useState('');
  const [{ drafts, more }, setFound] = useState<Partial<RegistrationDrafts>>({});
  const { failure, run } = useGesture();
  const found = (by: { code: string } | { name: string }): Promise<RegistrationDrafts> => post<RegistrationDrafts>('/api/counter/drafts', by);
  /* A code has twelve letters and figures; one in a hundred has no figure, and reads like a name. */
  const isCode = /^[0-9a-z]{12}$/i.test(words.replace(/[\s-]/g, ''));
  const search = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      const byCode = isCode ? await found({ code: words }) : null;
      setFound(byCode && (byCode.drafts.length > 0 || /\d/.test(words)) ? byCode : await found({ name: words }));
    });
  };
  return (
    <section>
      <h2>{t.find}</h2>
      <form onSubmit={search} noValidate>
        <div class="field">
          <label for="words">{t.findWords}</label>
          <input id="words" type="search" autocomplete="off" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </div>
        <Failure text={failure} />
        <button type="submit" class="primary">
          {t.findGo}
        </button>
      </form>
      <div role="status">
        {drafts?.length === 0 && <p>{t.findNone}</p>}
        {more && <p>{t.findMore}</p>}
      </div>
      <ul>
        {drafts?.map((draft) => {
          const { name, commune } = valuesOf(draft.fields);
          return (
            <li key={draft.id}>
              <button type="button" class="wide-button" onClick={() => onOpen({ draft })}>
                {[name || t.noName, commune].filter(Boolean).join(', ')}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
};

/* Refused with its field named, and shown there. */
const besideTheirField = ['name', 'phone', 'unit', 'shared_number', 'identity', 'mandate_checked'];

const File = ({ opened, onDone, onLeave }: { opened: Opened; onDone(name: string, force: Force | null): void; onLeave(): void }) => {
  /* Typed from nothing, the sheet is offered; the server refuses it where it is not taken. */
  const sheet = opened.draft?.consent_sheet ?? true;
  const [values, setValues] = useState<Values>(opened.draft ? withNumbersRead(valuesOf(opened.draft.fields)) : {});
  const [unit, setUnit] = useState<UnitChoice>({ text: '', unit: null });
  const [level, setLevel] = useState('');
  const [until, setUntil] = useState('');
  const [mandateUntil, setMandateUntil] = useState('');
  const [force, setForce] = useState<Force | ''>('');
  const [forceOfUnit, setForceOfUnit] = useState<Force | ''>('');
  const [identity, setIdentity] = useState(false);
  const [mandate, setMandate] = useState(false);
  const [mark, setMark] = useState('');
  const [agreed, setAgreed] = useState(false);
  const [shared, setShared] = useState(false);
  const hasTrusted = values.consent === 'oui' && Boolean(values.contacts);
  const [isWritten, setWritten] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const { failure, save, forget, errorOf } = useSaving((field) => field in values || besideTheirField.includes(field));
  useLayoutEffect(() => heading.current?.focus(), []);
  useUnsaved(isWritten);
  const sameNumber = <SameNumber phone={values.phone ?? ''} shared={shared} error={errorOf('shared_number')} onShared={setShared} />;
  const activate = async (): Promise<void> => {
    const registered = await post<Registered>('/api/counter/registrations', {
      ...bodyOf(values, sheet),
      ...(opened.draft && { draft: opened.draft.id }),
      ...(unit.text.trim() && { unit: unit.unit?.id ?? unit.text.trim() }),
      ...(shared && { shared_number: 'oui' }),
      ...(level && { level }),
      ...(until && { until }),
      ...(mandateUntil && { mandate_until: mandateUntil }),
      ...(force && { force }),
      ...(hasTrusted && { contacts_agreed: agreed ? 'oui' : 'non' }),
      identity: identity ? 'oui' : 'non',
      mandate_checked: mandate ? 'oui' : 'non',
      ...(mark && { register_mark: mark }),
    });
    onDone(values.name ?? '', registered.force);
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
        void save(activate);
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {opened.draft ? t.check : t.type}
      </h2>
      {opened.draft && <Missing title={t.missing} fields={missingOf(valuesOf(opened.draft.fields))} words={counterWords} onGo={(name) => document.getElementById(name)?.focus()} />}
      <div class="field">
        <label for="force">{t.force}</label>
        <select id="force" value={force} onChange={(event) => setForce(event.currentTarget.value as Force | '')}>
          <option value="">{t.forceOfUnit}</option>
          {forces.map((one) => (
            <option key={one} value={one}>
              {messages.forces[one]}
            </option>
          ))}
        </select>
      </div>
      <AllSteps sheet={sheet} values={values} force={force || forceOfUnit} errorOf={errorOf} onChange={setValues} more={(step) => step.name === 'numbers' && sameNumber} />
      <fieldset>
        <legend>{t.checks}</legend>
        <Tick id="identity" checked={identity} error={errorOf('identity')} onTick={setIdentity}>
          {t.identity}
        </Tick>
        <Tick id="mandate_checked" checked={mandate} error={errorOf('mandate_checked')} onTick={setMandate}>
          {t.mandate}
        </Tick>
        {hasTrusted && (
          <Tick checked={agreed} onTick={setAgreed}>
            {t.agreed}
          </Tick>
        )}
        <Register values={values} mark={mark} onChoose={setMark} />
        <LevelField level={level} onChange={setLevel} />
        <div class="field">
          <label for="until">{t.until}</label>
          <p class="muted small">{t.untilHint}</p>
          <input id="until" type="date" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
        </div>
        <div class="field">
          <label for="mandate-until">{t.mandateUntil}</label>
          <input id="mandate-until" type="date" value={mandateUntil} onInput={(event) => setMandateUntil(event.currentTarget.value)} />
        </div>
        <UnitField commune={values.commune_code ?? ''} unit={unit} error={errorOf('unit')} onChange={setUnit} onForce={setForceOfUnit} />
      </fieldset>
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {t.activate}
      </button>
      <LeaveButton label={t.cancel} isWritten={isWritten} onLeave={onLeave} />
    </form>
  );
};

type View = { name: 'desk' } | { name: 'draft'; opened: Opened } | { name: 'correction'; one: CorrectionAsked } | { name: 'registered'; official: string };

const desk: View = { name: 'desk' };

const Desk = () => {
  const [view, setView] = useState<View>(desk);
  const [done, setDone] = useState('');
  const said = useRef<HTMLParagraphElement>(null);
  const before = useRef(view);
  /* Back from a file, to what was done there, or to looking for the next one. */
  useLayoutEffect(() => {
    if (view.name === 'desk' && before.current !== view) (done ? said.current : document.getElementById('words'))?.focus();
    before.current = view;
  }, [view]);
  const go = (next: View): void => {
    setDone('');
    setView(next);
  };
  const back = (what = ''): void => {
    setDone(what);
    setView(desk);
  };
  const shown = (): JSX.Element => {
    if (view.name === 'registered') return <RegisteredFile official={view.official} onLeave={() => back()} />;
    if (view.name === 'correction') return <Correction one={view.one} onDone={back} onLeave={() => back()} />;
    if (view.name === 'draft') return <File opened={view.opened} onDone={(name, force) => back(t.done(name, force ? messages.forces[force] : ''))} onLeave={() => back()} />;
    return (
      <>
        <div class="ways">
          <Find onOpen={(opened) => go({ name: 'draft', opened })} />
          <People onOpen={(official) => go({ name: 'registered', official })} />
          <section>
            <h2>{t.type}</h2>
            <p class="muted">{t.typeLead}</p>
            <button type="button" onClick={() => go({ name: 'draft', opened: { draft: null } })}>
              {t.typeGo}
            </button>
          </section>
          <Invite />
        </div>
        <Terms canAct />
        <Requests onOpen={(one) => go({ name: 'correction', one })} onDone={setDone} />
      </>
    );
  };
  return (
    <>
      {/* Always there: what comes into it is read aloud. */}
      <p ref={said} role="status" tabIndex={-1} class={done ? 'notice' : ''}>
        {done}
      </p>
      {shown()}
    </>
  );
};

type Step = { name: 'loading' } | { name: 'login' } | { name: 'open'; session: Session };

const Guichet = () => {
  const [theme, turnTheme] = useTheme('day');
  const [step, setStep] = useState<Step>({ name: 'loading' });
  useEffect(() => {
    void sessionNow().then(
      (session) => setStep(session ? { name: 'open', session } : { name: 'login' }),
      () => setStep({ name: 'login' }),
    );
  }, []);
  if (step.name === 'login') return <Login heading={t.login} ended={null} onSession={(session) => setStep({ name: 'open', session })} />;
  const has = (role: 'counter' | 'administrator'): boolean => step.name === 'open' && step.session.account.roles.includes(role);
  const body = (): JSX.Element => {
    if (has('counter')) return <Desk />;
    return has('administrator') ? <Terms canAct={false} /> : <p class="notice">{t.notCounter}</p>;
  };
  const out = (): void => setStep({ name: 'login' });
  return (
    <div class="guichet">
      <header class="top">
        <h1>{t.heading}</h1>
        {step.name === 'open' && <span class="muted">{step.session.account.name}</span>}
        <ThemeButton theme={theme} onTurn={turnTheme} />
        <button type="button" class="quiet" onClick={() => void closeSession().then(out, out)}>
          {messages.room.post.logout}
        </button>
      </header>
      <main>
        {step.name === 'open' && <FewCodes session={step.session} />}
        {step.name === 'loading' && <p role="status">{messages.loading}</p>}
        {step.name === 'open' && body()}
      </main>
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Guichet />, page);
