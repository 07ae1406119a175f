/* Before the post: who you are, and the one gesture that takes it. */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../api';
import { messages } from '../messages';
import { Refusal } from '../request';
import { closeSession, openSession } from '../session';
import { Failure, Key, LanguageLink, useGesture } from '../ui';
import { PasswordField } from './password';
import { CodesLeft, CodeStep, Missing, Renew } from './second_factor';

const t = messages.room;

export const Legal = () => (
  <section class="legal">
    <h2>{t.legal.title}</h2>
    {t.legal.text.map((line) => (
      <p key={line}>{line}</p>
    ))}
  </section>
);

/* What a right password is answered when it is not enough. */
const wants = (thrown: unknown): 'code' | 'association' | null => {
  const type = thrown instanceof Refusal ? thrown.problem.type : '';
  return type === '/problems/code-needed' ? 'code' : type === '/problems/second-factor-missing' ? 'association' : null;
};

type LoginProps = { heading: string; ended: string | null; onSession(session: Session): void };

export const Login = ({ heading, ended, onSession }: LoginProps) => {
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [step, setStep] = useState<'password' | 'code' | 'association'>('password');
  const { busy, failure, run } = useGesture();
  const first = useRef<HTMLInputElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    if (step === 'password') first.current?.focus();
  }, [step]);
  const who = { login, password };
  const enter = async (): Promise<void> => {
    try {
      onSession(await openSession(who));
    } catch (thrown) {
      const wanted = wants(thrown);
      if (!wanted) throw thrown;
      setStep(wanted);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void run(enter);
  };
  const back = (): void => {
    setPassword('');
    setStep('password');
  };
  if (step !== 'password')
    return (
      <main class="gate">
        <p class="mark">{messages.product}</p>
        <h1>{t.factor.heading}</h1>
        {step === 'code' ? (
          <CodeStep onBack={back} onCode={async (code) => onSession(await openSession({ ...who, code }))} />
        ) : (
          <Missing who={who} onBack={back} onSession={onSession} />
        )}
      </main>
    );
  return (
    <main class="gate">
      <p class="mark">{messages.product}</p>
      <h1>{heading}</h1>
      {ended && <p class="notice">{ended}</p>}
      <form onSubmit={submit}>
        <div class="field">
          <label for={id}>{t.login.login}</label>
          <input
            id={id}
            ref={first}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={login}
            onInput={(event) => setLogin(event.currentTarget.value)}
          />
        </div>
        <PasswordField value={password} onInput={setPassword} />
        <Failure text={failure} />
        <button type="submit" class="primary large" aria-disabled={busy}>
          {t.login.enter}
        </button>
      </form>
      <p class="row">
        <LanguageLink />
      </p>
      <Legal />
    </main>
  );
};

type TakeProps = { session: Session; onSession(session: Session): void; onTake(): void; onOut(): void };

const impediment = ({ account, room }: Session): string | null => {
  if (!account.roles.some((role) => role === 'operator' || role === 'supervisor')) return t.post.notOperator;
  return room ? null : t.post.noRoom;
};

export const TakePost = ({ session, onSession, onTake, onOut }: TakeProps) => {
  const { failure, run } = useGesture();
  const [renewing, setRenewing] = useState(false);
  const take = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (!renewing) take.current?.focus();
  }, [renewing]);
  const out = (everywhere: boolean) => () => void run(async () => void (await closeSession(everywhere), onOut()));
  const stopped = impediment(session);
  const back = (): void => setRenewing(false);
  const renewed = (next: Session): void => {
    onSession(next);
    back();
  };
  if (renewing)
    return (
      <main class="gate">
        <p class="mark">{messages.product}</p>
        <h1>{t.factor.heading}</h1>
        <Renew session={session} onSession={renewed} onBack={back} />
      </main>
    );
  return (
    <main class="gate">
      <p class="mark">{messages.product}</p>
      <h1>{t.post.heading}</h1>
      <p class="post-who">{t.post.as(session.account.name, session.room?.name ?? '')}</p>
      {stopped ? (
        <p class="notice">{stopped}</p>
      ) : (
        <>
          <p>{t.post.explain}</p>
          <button type="button" class="primary large" ref={take} onClick={onTake}>
            {t.post.take} <Key name={messages.keyNames.enter} />
          </button>
        </>
      )}
      <CodesLeft session={session} />
      <Failure text={failure} />
      <p class="row">
        <button type="button" class="quiet" onClick={out(false)}>
          {t.post.logout}
        </button>
        <button type="button" class="quiet" onClick={out(true)}>
          {t.post.logoutEverywhere}
        </button>
        <button type="button" class="quiet" onClick={() => setRenewing(true)}>
          {session.second_factor ? t.factor.another : t.factor.add}
        </button>
      </p>
      <Legal />
    </main>
  );
};
