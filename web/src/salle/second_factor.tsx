/* The second factor: the code at login, and the application that gives it, associated in three steps. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RecoveryCodes, SecondFactor, Session } from '../api';
import { messages } from '../messages';
import { QrCode } from '../qr';
import { post } from '../request';
import { readSession } from '../session';
import { Failure, Key, useGesture } from '../ui';
import { PasswordField } from './password';

const t = messages.room.factor;

type CodeProps = { label: string; hint?: string; value: string; onInput(value: string): void; digits?: boolean; focus?: boolean };

/* A refused code is chosen whole: what is typed next takes its place. */
const CodeField = ({ label, hint, value, onInput, digits, focus }: CodeProps) => {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (focus) input.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} class="muted small">
          {hint}
        </p>
      )}
      <input
        id={id}
        ref={input}
        autocomplete="one-time-code"
        inputmode={digits ? 'numeric' : 'text'}
        spellcheck={false}
        required
        aria-describedby={hint ? `${id}-hint` : undefined}
        value={value}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
};

type Step = { onBack(): void };

const Ends = ({ go, busy, onBack }: Step & { go: string; busy?: boolean }) => (
  <>
    <button type="submit" class="primary large" aria-disabled={busy}>
      {go} <Key name={messages.keyNames.enter} />
    </button>
    <p class="row">
      <button type="button" class="quiet" onClick={onBack}>
        {t.back}
      </button>
    </p>
  </>
);

export const CodeStep = ({ onCode, onBack }: Step & { onCode(code: string): Promise<unknown> }) => {
  const [code, setCode] = useState('');
  const { busy, failure, run } = useGesture();
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy) void run(() => onCode(code)).then((done) => !done && form.current?.querySelector('input')?.select());
  };
  return (
    <form ref={form} onSubmit={submit}>
      <CodeField label={t.code} hint={t.codeHint} value={code} onInput={setCode} focus />
      <Failure text={failure} />
      <Ends go={messages.room.login.enter} busy={busy} onBack={onBack} />
    </form>
  );
};

const spaced = (secret: string): string => secret.replace(/.{4}(?=.)/g, '$& ');

type Who = { login: string; password: string };

const Confirm = ({ who, onCodes, onBack, begin }: Step & { who: Who; begin: SecondFactor; onCodes(codes: string[]): void }) => {
  const [code, setCode] = useState('');
  const { busy, failure, run } = useGesture();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy) void run(async () => onCodes((await post<RecoveryCodes>('/api/second-factor/confirm', { ...who, code })).recovery_codes));
  };
  return (
    <form onSubmit={submit}>
      <p>{t.scan}</p>
      <QrCode text={begin.uri} label={t.picture} />
      <p class="small">
        {t.byHand} <code class="secret">{spaced(begin.secret)}</code>
      </p>
      <CodeField label={t.first} value={code} onInput={setCode} digits focus />
      <Failure text={failure} />
      <Ends go={t.associate} busy={busy} onBack={onBack} />
    </form>
  );
};

const Codes = ({ codes, onDone }: { codes: string[]; onDone(): void }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {t.recovery}
      </h2>
      <p>{t.recoveryExplain}</p>
      <ol class="recovery">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p class="row">
        <button type="button" class="primary large" onClick={onDone}>
          {t.noted}
        </button>
        <button type="button" onClick={() => print()}>
          {t.print}
        </button>
      </p>
    </>
  );
};

const fewCodes = 3;

/** How many recovery codes are left; plainly, when it is time to draw others. */
export const CodesLeft = ({ session: { recovery_codes: left } }: { session: Session }) =>
  left === null ? null : <p class={left > fewCodes ? 'muted' : 'notice'}>{left > fewCodes ? t.left(left) : t.few(left)}</p>;

/** On the pages where the second factor is not changed: where it is. */
export const FewCodes = ({ session: { recovery_codes: left } }: { session: Session }) =>
  left === null || left > fewCodes ? null : (
    <p class="notice">
      {t.few(left)} <a href="/salle">{t.another}</a>
    </p>
  );

type EnrolProps = Step & { who: Who; code?: string; lead: string; onSession(session: Session): void };

/** From the password (and a code of the application before) to a session with the new one. */
const Association = ({ who, code, lead, onSession, onBack }: EnrolProps) => {
  const [begun, setBegun] = useState<SecondFactor | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const { failure, run } = useGesture();
  const begin = (): void => void run(async () => setBegun(await post<SecondFactor>('/api/second-factor', code ? { ...who, code } : who)));
  useEffect(begin, []);
  const done = (): void => void run(async () => onSession(await readSession()));
  if (codes)
    return (
      <>
        <Codes codes={codes} onDone={done} />
        <Failure text={failure} />
      </>
    );
  return (
    <>
      <p class="notice">{lead}</p>
      {begun && <Confirm who={who} begin={begun} onCodes={setCodes} onBack={onBack} />}
      <Failure text={failure} />
      {failure && (
        <button type="button" onClick={onBack}>
          {t.back}
        </button>
      )}
    </>
  );
};

export const Missing = (props: Omit<EnrolProps, 'lead' | 'code'>) => <Association {...props} lead={t.missing} />;

type RenewProps = Step & { session: Session; onSession(session: Session): void };

/** Of somebody who is in: the password again, since whoever sits there may be another. */
export const Renew = ({ session, onSession, onBack }: RenewProps) => {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState(false);
  const { login } = session.account;
  if (asked) return <Association who={{ login, password }} code={code} lead={t.lead} onSession={onSession} onBack={onBack} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
      }}
    >
      <p>{t.again}</p>
      <PasswordField value={password} onInput={setPassword} focus />
      {session.second_factor && <CodeField label={t.present} hint={t.codeHint} value={code} onInput={setCode} />}
      <Ends go={t.next} onBack={onBack} />
    </form>
  );
};
