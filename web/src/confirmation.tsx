/* /c/{token}: what an official sees of their registration, without a name; one question. Nothing ends by this page. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import type { TermPage } from './api';
import { Exit } from './exit';
import { calendarDay } from './format';
import { token, useConfiguration, usePolled } from './link';
import { messages } from './messages';
import { post } from './request';
import { deviceTheme, useTheme } from './theme';
import { Facts, Failure, LanguageLink, ThemeButton, Urgency, useGesture } from './ui';
import './base.css';
import './phone.css';

const t = messages.term;

const path = (): string => `/api/confirmation/${token()}`;

/* What they answered last, in words; a year that was confirmed leaves no answer behind. */
const said = (term: TermPage, confirmed: boolean): string | null => {
  if (term.answer === 'end') return t.ending;
  if (term.answer === 'go_on') return term.why === 'mandate' ? t.goingOn : t.goingOnUntil(calendarDay(term.ends));
  return confirmed ? t.kept : null;
};

const Question = ({ term, onAnswer }: { term: TermPage; onAnswer(term: TermPage, answer: 'go_on' | 'end'): void }) => {
  const { busy, failure, run } = useGesture();
  const answer = (answer: 'go_on' | 'end'): void =>
    void run(async () => onAnswer(await post<TermPage>(`${path()}/answer`, { answer }), answer));
  return (
    <section class="card question">
      <h2>{term.warned ? t.warned(calendarDay(term.ends), t.whys[term.why]) : t.asks}</h2>
      <p class="muted">{t.silence}</p>
      <Failure text={failure} />
      <button type="button" class="primary large" aria-disabled={busy} onClick={() => answer('go_on')}>
        {t.goOn}
      </button>
      <button type="button" class="large" aria-disabled={busy} aria-describedby="end-help" onClick={() => answer('end')}>
        {t.end}
      </button>
      <p id="end-help" class="muted small">
        {t.endHelp}
      </p>
    </section>
  );
};

const Confirmation = () => {
  useConfiguration();
  const [theme, turnTheme] = useTheme(deviceTheme());
  const { value: term, dead, set } = usePolled<TermPage>(path());
  const [confirmed, setConfirmed] = useState(false);
  const text = term && said(term, confirmed);
  return (
    <div class="phone">
      <header class="top">
        <p class="mark">{messages.product}</p>
        <LanguageLink />
        <ThemeButton theme={theme} onTurn={turnTheme} />
        <Exit />
        <Urgency />
      </header>
      <main>
        <h1>{dead ? t.dead : t.heading}</h1>
        {dead && <p>{t.deadText}</p>}
        {!dead && !term && <p role="status">{messages.loading}</p>}
        {!dead && term && (
          <>
            <Facts
              rows={[
                [t.since, calendarDay(term.registered)],
                [t.confirmed, term.confirmed === term.registered ? null : calendarDay(term.confirmed)],
                [t.ends, calendarDay(term.ends)],
              ]}
            />
            <p role="status" class={text ? 'answered' : ''}>
              {text}
            </p>
            <Question
              term={term}
              onAnswer={(next, answer) => {
                setConfirmed(answer === 'go_on');
                set(next);
              }}
            />
          </>
        )}
      </main>
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Confirmation />, page);
