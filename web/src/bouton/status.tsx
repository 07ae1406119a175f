/* Behind a long press, when no alert runs: does everything work, and what to do about what does not. */
import { useEffect, useState } from 'preact/hooks';
import { messages } from '../messages';
import type { Button } from './button';
import { checkNames, runChecks, type Check, type CheckName, type Found } from './checks';
import { useLeaving } from './sheet';

const t = messages.button.status;

const verdictOf = (good: boolean | undefined): string => (good === undefined ? t.unknown : good ? t.good : t.bad);

const Result = ({ name, check }: { name: CheckName; check: Check | undefined }) => (
  <div class={check?.good === false ? 'check bad' : check?.good ? 'check' : 'check open'}>
    <dt>{t.names[name]}</dt>
    <dd>
      {check && <strong>{verdictOf(check.good)}</strong>}
      {check ? check.text : t.pending}
    </dd>
  </div>
);

const summaryOf = (found: Found, isDone: boolean): string => {
  if (!isDone) return t.running;
  const checks = Object.values(found);
  const bad = checks.filter(({ good }) => good === false).length;
  if (bad) return t.someBad(bad);
  return checks.some(({ good }) => good === undefined) ? t.someOpen : t.allGood;
};

/* Once all is known, what is to be corrected comes first. */
const inOrder = (found: Found, isDone: boolean): CheckName[] => {
  if (!isDone) return [...checkNames];
  const known = checkNames.filter((name) => found[name]);
  return known.sort((a, b) => Number(found[a]?.good !== false) - Number(found[b]?.good !== false));
};

type StatusProps = { button: Button; onLeave(): void; onCodes(): void; onVisit(): void };

export const Status = ({ button, onLeave, onCodes, onVisit }: StatusProps) => {
  const [found, setFound] = useState<Found>({});
  const [isDone, setDone] = useState(false);
  const check = (): void => {
    setFound({});
    setDone(false);
    void runChecks(button, (name, one) => setFound((before) => ({ ...before, [name]: one }))).then(() => setDone(true));
  };
  useEffect(check, []);
  useLeaving(onLeave);
  return (
    <main>
      <h1>{t.heading}</h1>
      <p>{t.lead}</p>
      {!isDone && button.sound && <p>{t.speak}</p>}
      <p class="summary" role="status">
        {summaryOf(found, isDone)}
      </p>
      <dl class="checks">
        {inOrder(found, isDone).map((name) => (
          <Result key={name} name={name} check={found[name]} />
        ))}
      </dl>
      <section class="card">
        <h2>{t.limits}</h2>
        <p>{t.limitsLocked}</p>
        <p>{t.limitsInstead}</p>
      </section>
      {/* Beside the button, not instead of it: this page goes on behind, and shows the clock. */}
      {!button.hasCalled && (
        <section class="card">
          <h2>{t.file}</h2>
          <p>{t.fileText}</p>
          <p>
            <a class="button" href="/mon-dossier" target="_blank" rel="noopener">
              {t.openFile}
            </a>
          </p>
        </section>
      )}
      <div class="foot">
        <button type="button" class="primary large" onClick={onLeave}>
          {t.back}
        </button>
        <button type="button" class="quiet again" onClick={onVisit}>
          {button.visits.isThere ? messages.button.visit.running : messages.button.visit.heading}
        </button>
        {button.hasPins !== undefined && (
          <button type="button" class="quiet again" onClick={onCodes}>
            {t.codes}
          </button>
        )}
        {isDone && (
          <button type="button" class="quiet again" onClick={check}>
            {t.again}
          </button>
        )}
      </div>
    </main>
  );
};
