/* /journal: who did and read what, for those who answer for personal data. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Session } from './api';
import { Held, wholeOr } from './journal/held';
import { Register } from './journal/register';
import { messages } from './messages';
import { reasonOf } from './request';
import { Login } from './salle/login';
import { FewCodes } from './salle/second_factor';
import { closeSession, sessionNow } from './session';
import { useTheme } from './theme';
import { ThemeButton } from './ui';
import './base.css';
import './salle.css';
import './journal.css';

const t = messages.journal;

type Step = { name: 'loading'; failure: string | null } | { name: 'login'; ended: boolean } | { name: 'open'; session: Session };

const retryMs = 2000;

const OnlyHeld = ({ own, onEnded }: { own: string; onEnded(): void }) => (
  <>
    <p class="notice">{t.onlyHeld}</p>
    <Held own={own} whole={wholeOr(onEnded)} nothing={t.nothingHeld} />
  </>
);

const Journal = () => {
  const [theme, turnTheme] = useTheme('day');
  const [step, setStep] = useState<Step>({ name: 'loading', failure: null });

  const start = async (): Promise<void> => {
    try {
      const session = await sessionNow();
      setStep(session ? { name: 'open', session } : { name: 'login', ended: false });
    } catch (thrown) {
      setStep({ name: 'loading', failure: reasonOf(thrown) });
      setTimeout(() => void start(), retryMs);
    }
  };
  useEffect(() => void start(), []);
  const out = (ended: boolean) => (): void => setStep({ name: 'login', ended });
  const bodyFor = ({ id, roles }: Session['account']) => {
    if (roles.includes('auditor')) return <Register own={id} onEnded={out(true)} />;
    return roles.includes('administrator') ? <OnlyHeld own={id} onEnded={out(true)} /> : <p class="notice">{t.notAuditor}</p>;
  };
  const leave = (): void => void closeSession().then(out(false), out(false));

  switch (step.name) {
    case 'loading':
      return (
        <main class="gate">
          <h1>{t.heading}</h1>
          <p role="status">{step.failure ?? messages.loading}</p>
        </main>
      );
    case 'login':
      return <Login heading={t.login} ended={step.ended ? t.ended : null} onSession={(session) => setStep({ name: 'open', session })} />;
    case 'open':
      return (
        <div class="journal">
          <header class="journal-top">
            <p class="mark">{messages.product}</p>
            <h1>{t.heading}</h1>
            <span class="muted">{step.session.account.name}</span>
            <ThemeButton theme={theme} onTurn={turnTheme} />
            <button type="button" class="quiet" onClick={leave}>
              {messages.room.post.logout}
            </button>
          </header>
          <main>
            <FewCodes session={step.session} />
            {bodyFor(step.session.account)}
          </main>
        </div>
      );
  }
};

const page = document.getElementById('page');
if (page) render(<Journal />, page);
