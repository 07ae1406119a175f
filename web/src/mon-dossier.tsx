/* /mon-dossier: an official's own file. They come in with a telephone of theirs that is linked, or with a code sent by SMS. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { OwnFile } from './api';
import { Door } from './dossier/door';
import { File } from './dossier/file';
import { messages } from './messages';
import { get, reasonOf, Refusal, remove } from './request';
import { deviceTheme, useTheme } from './theme';
import { Failure, LanguageLink, ThemeButton, Urgency } from './ui';
import './base.css';
import './phone.css';
import './inscription.css';
import './dossier.css';

const t = messages.own;

type Step = { name: 'loading' } | { name: 'shut'; ended: boolean } | { name: 'open'; own: OwnFile };

const MyFile = () => {
  const [theme, turnTheme] = useTheme(deviceTheme());
  const [step, setStep] = useState<Step>({ name: 'loading' });
  const [failure, setFailure] = useState<string | null>(null);
  /* A session that is over, at first, is nobody who has come in yet. */
  const load = async (): Promise<void> => {
    setFailure(null);
    try {
      const own = await get<OwnFile>('/api/own');
      setStep({ name: 'open', own });
    } catch (thrown) {
      const isOver = thrown instanceof Refusal && thrown.status === 401;
      setStep((before) => ({ name: 'shut', ended: isOver && before.name === 'open' }));
      if (!isOver) setFailure(reasonOf(thrown));
    }
  };
  useEffect(() => void load(), []);
  const shut = (): void => {
    const out = (): void => setStep({ name: 'shut', ended: false });
    void remove('/api/own/session').then(out, out);
  };
  return (
    <div class="phone inscription dossier">
      <header class="top">
        <h1>{t.heading}</h1>
        {step.name !== 'open' && <LanguageLink />}
        <ThemeButton theme={theme} onTurn={turnTheme} />
        {step.name === 'open' && (
          <button type="button" onClick={shut}>
            {t.shut}
          </button>
        )}
        <Urgency />
      </header>
      <main>
        {step.name === 'loading' && <p role="status">{messages.loading}</p>}
        {step.name === 'shut' && <Door ended={step.ended} onOpen={load} />}
        {step.name === 'open' && <File own={step.own} onChange={load} />}
        <Failure text={failure} />
      </main>
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<MyFile />, page);
