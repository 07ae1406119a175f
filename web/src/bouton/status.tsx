/* Behind a long press, when no alert runs: does everything work, and what to do about what does not. */
import { useEffect, useState } from 'preact/hooks';
import { messages } from '../messages.fr';
import type { Button } from './button';
import { type Check, runChecks } from './checks';

const t = messages.button.status;

/* Forgotten open, this page would not feel a tap. */
const leaveMs = 2 * 60 * 1000;

const useLeaving = (onLeave: () => void): void => {
  useEffect(() => {
    const timer = setTimeout(onLeave, leaveMs);
    document.addEventListener('visibilitychange', onLeave);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onLeave);
    };
  }, []);
};

const Result = ({ name, good, text }: Check) => (
  <div class={good ? 'check' : 'check bad'}>
    <dt>{name}</dt>
    <dd>
      <strong>{good ? t.good : t.bad}</strong>
      {text}
    </dd>
  </div>
);

const summaryOf = (checks: Check[] | undefined): string => {
  if (!checks) return t.running;
  const bad = checks.filter(({ good }) => !good).length;
  return bad ? t.someBad(bad) : t.allGood;
};

type StatusProps = { button: Button; onLeave(): void; onCodes(): void };

export const Status = ({ button, onLeave, onCodes }: StatusProps) => {
  const [checks, setChecks] = useState<Check[]>();
  const check = (): void => {
    setChecks(undefined);
    void runChecks(button).then(setChecks);
  };
  useEffect(check, []);
  useLeaving(onLeave);
  return (
    <main>
      <h1>{t.heading}</h1>
      <p>{t.lead}</p>
      {!checks && button.sound && <p>{t.speak}</p>}
      <p class="summary" role="status">
        {summaryOf(checks)}
      </p>
      {checks && (
        <dl class="checks">
          {checks.map((one) => (
            <Result key={one.name} {...one} />
          ))}
        </dl>
      )}
      <div class="foot">
        <button type="button" class="primary large" onClick={onLeave}>
          {t.back}
        </button>
        {button.hasPins !== undefined && (
          <button type="button" class="quiet again" onClick={onCodes}>
            {t.codes}
          </button>
        )}
        {checks && (
          <button type="button" class="quiet again" onClick={check}>
            {t.again}
          </button>
        )}
      </div>
    </main>
  );
};
