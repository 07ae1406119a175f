/* The lines that were searched, taken away with their proofs; why is written in the journal first. */
import { useId, useState } from 'preact/hooks';
import { messages } from '../messages';
import { Failure, useGesture } from '../ui';
import { save, takeEvidence, type Search } from './lines';

const t = messages.journal.evidence;

type Props = { search: Search; whole(thrown: unknown): never };

export const Evidence = ({ search, whole }: Props) => {
  const id = useId();
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(false);
  const { busy, failure, run } = useGesture();

  const submit = (event: Event): void => {
    event.preventDefault();
    if (busy) return;
    setDone(false);
    void run(async () => {
      save(await takeEvidence(search, reason).catch(whole), t.file);
      setDone(true);
    });
  };
  return (
    <details>
      <summary>{t.heading}</summary>
      <form onSubmit={submit}>
        <p>{t.text}</p>
        <div class="field">
          <label for={id}>{t.reason}</label>
          <textarea id={id} rows={2} required maxLength={1000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </div>
        <button type="submit" class="primary" aria-disabled={busy}>
          {t.take}
        </button>
      </form>
      <Failure text={failure} />
      <p role="status">{busy ? t.making : done ? t.done : ''}</p>
    </details>
  );
};
