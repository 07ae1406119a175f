/* Legal holds: somebody asked to lift one, a second person says whether it is lifted. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { Done, HoldAnswer, HoldList } from '../api';
import { HoldFacts } from '../hold';
import { messages } from '../messages';
import { get, post } from '../request';
import { Failure, useGesture } from '../ui';

const t = messages.journal.holds;

type One = HoldList['holds'][number];

const nameOf = ({ official, alert }: One): string => (alert === null ? (official ?? t.gone) : t.alert(alert));

const Answer = ({ one, onDone }: { one: One; onDone(said: string): void }) => {
  const id = useId();
  const [reason, setReason] = useState('');
  const { busy, failure, run } = useGesture();
  const answer = (lift: HoldAnswer['lift']): void => {
    if (busy) return;
    void run(async () => {
      await post<Done>('/api/journal/holds', { subject: one.id, lift, reason });
      onDone(lift === 'oui' ? t.lifted(nameOf(one)) : t.kept(nameOf(one)));
    });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        answer('oui');
      }}
    >
      <p>{t.asked(one.lift_reason ?? '')}</p>
      <div class="field">
        <label for={id}>{t.reason}</label>
        <input id={id} type="text" required maxLength={200} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </div>
      <button type="submit" aria-disabled={busy}>
        {t.confirm}
      </button>{' '}
      <button type="button" class="quiet" aria-disabled={busy} onClick={() => answer('non')}>
        {t.keep}
      </button>
      <Failure text={failure} />
    </form>
  );
};

export const Holds = ({ whole }: { whole(thrown: unknown): never }) => {
  const [holds, setHolds] = useState<One[]>([]);
  const [said, setSaid] = useState('');
  const { failure, run } = useGesture();
  const look = (): void => void run(async () => setHolds((await get<HoldList>('/api/journal/holds').catch(whole)).holds));

  useEffect(look, []);
  const waiting = holds.filter(({ lift_reason }) => lift_reason !== null);
  const others = holds.filter(({ lift_reason }) => lift_reason === null);
  return (
    <>
      <p role="status">{said}</p>
      <Failure text={failure} />
      {waiting.length > 0 && (
        <section class="notice" aria-labelledby="journal-holds">
          <h2 id="journal-holds">{t.heading}</h2>
          {waiting.map((one) => (
            <div key={one.id}>
              <h3>{nameOf(one)}</h3>
              <HoldFacts hold={one.hold} />
              {one.own ? (
                <p>{t.yours}</p>
              ) : (
                <Answer
                  one={one}
                  onDone={(words) => {
                    setSaid(words);
                    look();
                  }}
                />
              )}
            </div>
          ))}
        </section>
      )}
      {others.length > 0 && (
        <details>
          <summary>{t.all(others.length)}</summary>
          {others.map((one) => (
            <div key={one.id}>
              <h3>{nameOf(one)}</h3>
              <HoldFacts hold={one.hold} />
            </div>
          ))}
        </details>
      )}
    </>
  );
};
