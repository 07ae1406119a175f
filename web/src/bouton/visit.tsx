/* A visit that worries: announced before it, prolonged, ended. Reached by the long press, like the visible test. */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useNow } from '../clock';
import { age, clock } from '../format';
import { messages } from '../messages';
import { Facts, Failure } from '../ui';
import type { Button } from './button';
import { Field } from './field';
import { Keypad } from './keypad';
import { Sheet, useLeaving } from './sheet';
import type { Draft } from './visits';
import type { Visit as Announced } from './wire';

const t = messages.button.visit;

const durations = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720];
const longer = [15, 30, 60];
/* The time to say a word, or to ask for longer. */
const soonMs = 5 * 60 * 1000;
const longestText = 100;

const hourOf = (ms: number): string => clock(ms).slice(0, 5);

const DurationField = ({ minutes, onInput }: { minutes: number; onInput(minutes: number): void }) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t.duration}</label>
      <select id={id} value={minutes} onChange={(event) => onInput(Number(event.currentTarget.value))}>
        {durations.map((one) => (
          <option key={one} value={one}>
            {t.minutes(one)}
          </option>
        ))}
      </select>
    </div>
  );
};

type PartProps = { button: Button; onLeave(): void };

const Foot = ({ onLeave, children }: { onLeave(): void; children?: ComponentChildren }) => (
  <div class="foot">
    {children}
    <button type="button" class="quiet again" onClick={onLeave}>
      {t.back}
    </button>
  </div>
);

/* --- before */

const Announce = ({ button, onLeave, onCodes }: PartProps & { onCodes(): void }) => {
  const { visits } = button;
  const [draft, setDraft] = useState<Draft>(visits.draft);
  const [sent, setSent] = useState(false);
  useLeaving(onLeave, draft);
  const change = (more: Partial<Draft>): void => {
    visits.draft = { ...draft, ...more };
    setDraft(visits.draft);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    setSent(true);
    if (draft.place.trim()) visits.announce(draft);
  };
  return (
    <main>
      <h1>{t.heading}</h1>
      <p>{t.lead}</p>
      {!button.isArmed && <p class="notice">{t.notArmed}</p>}
      {button.hasPins === false && (
        <section class="card">
          <h2>{t.noCodes}</h2>
          <p>{t.noCodesText}</p>
          <button type="button" class="quiet" onClick={onCodes}>
            {messages.button.arm.chooseCodes}
          </button>
        </section>
      )}
      <form onSubmit={submit} noValidate>
        <Field maxLength={longestText} label={t.place} help={t.placeHelp} value={draft.place} failure={sent && !draft.place.trim() ? t.placeNeeded : null} onInput={(place) => change({ place })} />
        <Field maxLength={longestText} label={t.person} help={t.personHelp} value={draft.person} onInput={(person) => change({ person })} />
        <DurationField minutes={draft.minutes} onInput={(minutes) => change({ minutes })} />
        <Failure text={visits.problem} />
        <Foot onLeave={onLeave}>
          <button type="submit" class="primary large">
            {t.send}
          </button>
        </Foot>
      </form>
    </main>
  );
};

/* Nobody waits for who could not say that they leave: this must be plain. */
const Unheard = ({ button, onLeave }: PartProps) => {
  const isOpen = button.link.state === 'open';
  useLeaving(onLeave);
  return (
    <main>
      <h1>{isOpen ? t.sending : t.unheard}</h1>
      <p class="notice" role="status">
        {isOpen ? t.sendingText : t.unheardText}
      </p>
      <Foot onLeave={onLeave}>
        <button type="button" class="quiet" onClick={() => button.visits.withdraw()}>
          {t.withdraw}
        </button>
      </Foot>
    </main>
  );
};

/* --- during */

const Remaining = ({ visit, now }: { visit: Announced; now: number }) => {
  const left = visit.due_at - now;
  const isLate = left <= 0;
  return (
    <>
      <p class={left <= soonMs ? 'remaining soon' : 'remaining'} role="timer">
        {isLate ? t.late(age(-left)) : t.left(age(left))}
      </p>
      <p class={left <= soonMs ? 'notice' : ''} role="status">
        {isLate ? t.lateText : left <= soonMs ? t.soonText : t.runningText(hourOf(visit.due_at))}
      </p>
    </>
  );
};

type RunningProps = PartProps & { visit: Announced; onTest(): void; onReturn(): void; onLonger(minutes: number): void };

const Running = ({ button, visit, onLeave, onTest, onReturn, onLonger }: RunningProps) => {
  const now = useNow() + button.link.clockAhead;
  const { visits, codes } = button;
  useLeaving(onLeave);
  return (
    <main>
      <h1>{t.running}</h1>
      <Remaining visit={visit} now={now} />
      <Facts rows={[[t.place, visit.place], [t.personShort, visit.person], [t.due, hourOf(visit.due_at)]]} />
      <Failure text={visits.problem} />
      {visits.isProlonging && <p class="notice">{t.longerUnheard}</p>}
      {codes.isWaiting && <p class="notice">{t.returnUnheard}</p>}
      <button type="button" class="primary large" onClick={onReturn}>
        {t.safe}
      </button>
      <h2 class="longer-heading">{t.longer}</h2>
      <div class="longer">
        {longer.map((minutes) => (
          <button type="button" key={minutes} class="quiet" onClick={() => onLonger(minutes)}>
            {t.minutes(minutes)}
          </button>
        ))}
      </div>
      <Foot onLeave={onLeave}>
        <button type="button" class="quiet again" onClick={onTest}>
          {messages.button.status.heading}
        </button>
      </Foot>
    </main>
  );
};

type Asking = { type: 'return' } | { type: 'longer'; minutes: number } | null;

type VisitProps = PartProps & { onCodes(): void; onTest(): void };

export const Visit = ({ button, onLeave, onCodes, onTest }: VisitProps) => {
  const { visits, codes } = button;
  const [asking, setAsking] = useState<Asking>(null);
  const giveBack = (pin: string | null): Promise<boolean> => codes.type(pin);
  /* Who has chosen no code has none to give. */
  const askFor = (what: Asking, withoutCode: () => Promise<boolean>): void => {
    if (button.hasPins) setAsking(what);
    else void withoutCode();
  };
  if (asking?.type === 'return')
    return <Keypad submit={giveBack} heading={t.safe} noted={button.link.state === 'open' ? t.noted : t.notedUnheard} onLeave={onLeave} />;
  if (asking?.type === 'longer') {
    const { minutes } = asking;
    return <Keypad submit={(pin) => visits.extend(pin, minutes)} heading={t.longerBy(t.minutes(minutes))} noted={t.noted} onLeave={() => setAsking(null)} />;
  }
  return (
    <Sheet>
      {visits.current ? (
        <Running
          button={button}
          visit={visits.current}
          onLeave={onLeave}
          onTest={onTest}
          onReturn={() => askFor({ type: 'return' }, () => giveBack(null))}
          onLonger={(minutes) => askFor({ type: 'longer', minutes }, () => visits.extend(null, minutes))}
        />
      ) : visits.announcement ? (
        <Unheard button={button} onLeave={onLeave} />
      ) : (
        <Announce button={button} onLeave={onLeave} onCodes={onCodes} />
      )}
    </Sheet>
  );
};
