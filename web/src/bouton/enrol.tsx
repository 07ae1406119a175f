/* First opening: the code given at the counter makes this telephone somebody's button. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { Enrolled } from '../api';
import { messages } from '../messages';
import { post } from '../request';
import { Failure, useGesture } from '../ui';
import { codeOf } from './code';
import { store } from './store';

const t = messages.button.enrol;

/* A code serves once: it is not spent before this telephone has shown that it can keep what it gives. */
const enrol = async (code: string, onCredential: EnrolProps['onCredential']): Promise<void> => {
  const problem = await store.reserve();
  if (problem) throw new Error(t.storage[problem]);
  const credential = await post<Enrolled>('/api/phone/enrol', { code });
  await onCredential(credential).catch(() => {
    throw new Error(t.storage.lost);
  });
};

type EnrolProps = { unlinked: boolean; onCredential(credential: Enrolled): Promise<void> };

export const Enrol = ({ unlinked, onCredential }: EnrolProps) => {
  const id = useId();
  /* From the QR code of the counter. */
  const [typed, setTyped] = useState(() => codeOf(location.hash.slice(1)) ?? '');
  /* It serves once, and is nobody else's to read in the history. */
  useEffect(() => history.replaceState(null, '', location.pathname + location.search), []);
  const [wrong, setWrong] = useState(false);
  const { busy, failure, run } = useGesture();
  const submit = (event: Event): void => {
    event.preventDefault();
    const code = codeOf(typed);
    setWrong(!code);
    if (code && !busy) void run(() => enrol(code, onCredential));
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
