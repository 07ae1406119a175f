/* Before the post: who you are, and the one gesture that takes it. */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../api';
import { messages } from '../messages';
import { post, remove } from '../request';
import { Failure, Key, LanguageLink, useGesture } from '../ui';

const t = messages.room;

export const Legal = () => (
  <section class="legal">
    <h2>{t.legal.title}</h2>
    {t.legal.text.map((line) => (
      <p key={line}>{line}</p>
    ))}
  </section>
);

type LoginProps = { heading: string; ended: string | null; onSession(session: Session): void };

export const Login = ({ heading, ended, onSession }: LoginProps) => {
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const { busy, failure, run } = useGesture();
  const first = useRef<HTMLInputElement>(null);
  const ids = { login: useId(), password: useId() };
  useLayoutEffect(() => first.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    void run(async () => onSession(await post<Session>('/api/session', { login, password })));
  };
  return (
    <main class="gate">
      <p class="mark">{messages.product}</p>
      <h1>{heading}</h1>
      {ended && <p class="notice">{ended}</p>}
      <form onSubmit={submit}>
        <div class="field">
          <label for={ids.login}>{t.login.login}</label>
          <input
            id={ids.login}
            ref={first}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={login}
            onInput={(event) => setLogin(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for={ids.password}>{t.login.password}</label>
          <input
            id={ids.password}
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </div>
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

type TakeProps = { session: Session; onTake(): void; onOut(): void };

const impediment = ({ account, room }: Session): string | null => {
  if (!account.roles.some((role) => role === 'operator' || role === 'supervisor')) return t.post.notOperator;
  return room ? null : t.post.noRoom;
};

export const TakePost = ({ session, onTake, onOut }: TakeProps) => {
  const { failure, run } = useGesture();
  const take = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => take.current?.focus(), []);
  const out = (path: string) => () => void run(async () => void (await remove(path), onOut()));
  const stopped = impediment(session);
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
      <Failure text={failure} />
      <p class="row">
        <button type="button" class="quiet" onClick={out('/api/session')}>
          {t.post.logout}
        </button>
        <button type="button" class="quiet" onClick={out('/api/sessions')}>
          {t.post.logoutEverywhere}
        </button>
      </p>
      <Legal />
    </main>
  );
};
