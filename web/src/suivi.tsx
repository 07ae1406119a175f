/* /s/{token}: what the trusted person sees. Reading changes nothing; one button answers. */
import { render } from 'preact';
import type { Follow } from './api';
import { Exit } from './exit';
import { token, useConfiguration, usePolled } from './link';
import { messages } from './messages';
import { PlaceCard, Since, Stale, TestMark } from './phone';
import { post } from './request';
import { fromServer } from './server';
import { deviceTheme, useTheme } from './theme';
import { Failure, LanguageLink, ThemeButton, Urgency, useGesture } from './ui';
import './base.css';
import './phone.css';

const t = messages.follow;

const Ended = ({ title, text, help }: { title: string; text: string; help?: string }) => (
  <main>
    <h1>{title}</h1>
    <p>{text}</p>
    {help && <p>{help}</p>}
  </main>
);

const Answer = ({ follow, onAnswer }: { follow: Follow; onAnswer(follow: Follow): void }) => {
  const { busy, failure, run } = useGesture();
  const answer = (): void =>
    void run(async () => onAnswer(await post<Follow>(`/api/suivi/${token()}/answer`, { answer: 'on_it' })));
  return (
    <div class="foot" role="status">
      {follow.answered ? (
        <p class="answered">{t.answered}</p>
      ) : (
        <>
          <Failure text={failure} />
          <button type="button" class="primary large" aria-disabled={busy} onClick={answer}>
            {t.onIt}
          </button>
          <p class="muted small">{t.onItHelp}</p>
        </>
      )}
    </div>
  );
};

const Suivi = () => {
  const configuration = useConfiguration();
  const [theme, turnTheme] = useTheme(deviceTheme());
  const { value: follow, dead, heardAt, set } = usePolled<Follow>(`/api/suivi/${token()}`);
  const name = follow?.official.name;
  const ended = dead || follow?.state === 'closed';
  return (
    <div class="phone">
      <header class="top">
        <p class="mark">{messages.product}</p>
        <LanguageLink />
        <ThemeButton theme={theme} onTurn={turnTheme} />
        <Exit />
        <Urgency />
        <TestMark test={follow?.test} />
      </header>
      {ended && name && <Ended title={t.closed} text={t.closedText(name)} help={t.deadHelp} />}
      {ended && !name && <Ended title={t.dead} text={t.deadText} help={t.deadHelp} />}
      {!ended && !follow && (
        <main>
          <h1 class="quiet-heading">{messages.loading}</h1>
        </main>
      )}
      {!ended && follow && (
        <main>
          <h1>{(follow.missed_visit ? t.missed : t.heading)(follow.official.name)}</h1>
          <Since at={follow.raised_at} />
          <Stale heardAt={heardAt} />
          <section class="card">
            <h2>{t.advice}</h2>
            <ul class="advice">
              {follow.advice.map(fromServer).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </section>
          <PlaceCard title={t.position} fix={follow.fix} trail={follow.trail} configuration={configuration} theme={theme} />
          <Answer follow={follow} onAnswer={set} />
        </main>
      )}
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Suivi />, page);
