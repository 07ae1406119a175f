/* Accounts that opened many files and wait for a second person. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { HeldList } from '../api';
import { clock, day } from '../format';
import { messages } from '../messages';
import { get, post, Refusal } from '../request';
import { Failure, useGesture } from '../ui';

const t = messages.journal.held;

type One = HeldList['held'][number];

/* For a page whose session may have ended meanwhile. */
export const wholeOr = (onEnded: () => void) => (thrown: unknown): never => {
  if (thrown instanceof Refusal && thrown.status === 401) onEnded();
  throw thrown;
};

const Waiting = ({ one, onDone }: { one: One; onDone(): void }) => {
  const id = useId();
  const [reason, setReason] = useState('');
  const { busy, failure, run } = useGesture();

  const submit = (event: Event): void => {
    event.preventDefault();
    if (busy) return;
    void run(async () => {
      await post(`/api/journal/held/${one.account}/confirm`, { reason });
      onDone();
    });
  };
  return (
    <form onSubmit={submit}>
      <p>{t.text(one.name, t.did[one.what], `${day(one.at)} ${clock(one.at)}`)}</p>
      <div class="field">
        <label for={id}>{t.reason}</label>
        <input id={id} type="text" required maxLength={1000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </div>
      <button type="submit" aria-disabled={busy}>
        {t.confirm}
      </button>
      <Failure text={failure} />
    </form>
  );
};

export const Held = ({ own, whole, nothing }: { own: string; whole(thrown: unknown): never; nothing?: string }) => {
  const [held, setHeld] = useState<One[] | null>(null);
  const { failure, run } = useGesture();
  const look = (): void => void run(async () => setHeld((await get<HeldList>('/api/journal/held').catch(whole)).held));

  useEffect(look, []);
  if (!held?.length) return failure || !held || !nothing ? <Failure text={failure} /> : <p role="status">{nothing}</p>;
  return (
    <section class="notice" aria-labelledby="journal-held">
      <h2 id="journal-held">{t.heading}</h2>
      {held.map((one) => (one.account === own ? <p key={one.account}>{t.yours}</p> : <Waiting key={one.account} one={one} onDone={look} />))}
    </section>
  );
};
