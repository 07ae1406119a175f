/* First opening: the code given at the counter makes this telephone somebody's button. */
import { useId, useState } from 'preact/hooks';
import type { Enrolled } from '../api';
import { messages } from '../messages.fr';
import { post } from '../request';
import { Failure, useGesture } from '../ui';
import { codeOf } from './code';

const t = messages.button.enrol;

type EnrolProps = { unlinked: boolean; onCredential(credential: Enrolled): Promise<void> };

export const Enrol = ({ unlinked, onCredential }: EnrolProps) => {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const { busy, failure, run } = useGesture();
  const submit = (event: Event): void => {
    event.preventDefault();
    const code = codeOf(typed);
    setWrong(!code);
    if (code && !busy) void run(async () => onCredential(await post<Enrolled>('/api/phone/enrol', { code })));
  };
  return (
    <main>
      <h1>{t.heading}</h1>
      {unlinked && <p class="notice">{t.unlinked}</p>}
      <p>{t.lead}</p>
      <form onSubmit={submit} noValidate>
        <div class="field">
          <label for={id}>{t.label}</label>
          <input
            id={id}
            class="code"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            aria-describedby={`${id}-help ${id}-failure`}
            aria-invalid={wrong || failure !== null}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={20}
          />
          <p id={`${id}-help`} class="muted small">
            {t.help}
          </p>
        </div>
        <div id={`${id}-failure`}>
          <Failure text={wrong ? t.wrong : failure} />
        </div>
        <button type="submit" class="primary large" aria-disabled={busy}>
          {t.send}
        </button>
      </form>
    </main>
  );
};
