/* The few pieces every page is made of. */
import type { ComponentChildren, Ref, TargetedKeyboardEvent } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useNow } from './clock';
import { deedKey, deedPlace } from './deed_keys';
import { age } from './format';
import { otherLanguage, remember } from './language';
import { messages } from './messages';
import { reasonOf } from './request';
import type { Theme } from './theme';

/** How long ago, counting in seconds. */
export const Age = ({ since }: { since: number }) => <span class="age">{age(useNow() - since)}</span>;

/** The same, in the words of the language. */
export const Ago = ({ since }: { since: number }) => <span class="age">{messages.ago(age(useNow() - since))}</span>;

export const Key = ({ name }: { name: string }) => <kbd aria-hidden="true">{name}</kbd>;

/** « Urgence : 17, 112, ou 114 par SMS », each number ready to be dialled. */
export const Urgency = () => {
  const { lead, police, between, europe, or, sms } = messages.urgency;
  return (
    <p class="urgency">
      {lead} <a href="tel:17">{police}</a>
      {between} <a href="tel:112">{europe}</a>
      {or} <a href="sms:114">{sms}</a>
    </p>
  );
};

export const ThemeButton = ({ theme, onTurn }: { theme: Theme; onTurn(): void }) => (
  <button type="button" class="quiet" onClick={onTurn}>
    {theme === 'night' ? messages.theme.day : messages.theme.night}
  </button>
);

/** This page in the other language, in that language's own words. */
export const LanguageLink = () => (
  <a class="language" href={otherLanguage.href} lang={otherLanguage.lang} hreflang={otherLanguage.lang} onClick={() => remember(otherLanguage.lang)}>
    {otherLanguage.text}
  </a>
);

/** Facts as a description list; a row without a value is left out. */
export const Facts = ({ rows, compact }: { rows: [string, ComponentChildren][]; compact?: boolean }) => (
  <dl class={compact ? 'facts compact' : 'facts'}>
    {rows
      .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

type DialogProps = { title: string; onClose(): void; wide?: boolean; children: ComponentChildren };

export const Dialog = ({ title, onClose, wide, children }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  /* As soon as it is drawn: what is typed next already belongs to it. The focus goes back where it was. */
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  /* Escape asks first; the browser's own closing comes a moment later, when another window may be open. */
  const onCancel = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={element} class={wide ? 'wide' : ''} aria-labelledby={heading} onCancel={onCancel}>
      <div class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="quiet" onClick={onClose}>
          {messages.close} <Key name={messages.keyNames.escape} />
        </button>
      </div>
      {children}
    </dialog>
  );
};

/** A gesture that asks the server something: busy while it asks, and the reason when it is refused. */
export const useGesture = (): { busy: boolean; failure: string | null; run(gesture: () => Promise<unknown>): Promise<boolean> } => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (gesture: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setFailure(null);
    try {
      await gesture();
      return true;
    } catch (thrown) {
      setFailure(reasonOf(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run };
};

export type Deed = { id?: string; label: string; field?: ComponentChildren; help?: string; refused?: string | undefined; run(): Promise<unknown> };

type DeedsProps = { deeds: Deed[]; onDone(): void; isSettled?(): boolean };

const DeedKey = ({ place }: { place: number }) => {
  const key = deedKey(place);
  return key ? <Key name={key} /> : null;
};

/** Buttons of a window, each with the key of its place; the first one waits for Enter. The window closes when it is done. */
export const Deeds = ({ deeds, onDone, isSettled = () => true }: DeedsProps) => {
  const { busy, failure, run } = useGesture();
  const go = ({ run: gesture, refused }: Deed): void => {
    if (!busy && !refused) void run(gesture).then((done) => done && onDone());
  };
  useShortKeys((key) => {
    const deed = deeds[deedPlace(key)];
    if (deed && isSettled()) go(deed);
    return deed !== undefined;
  });
  return (
    <div class="stack">
      {deeds.map((deed, i) => (
        <div key={deed.id ?? deed.label} class="row">
          {deed.field}
          <button
            type="button"
            class={i === 0 ? 'primary' : ''}
            autofocus={i === 0}
            aria-disabled={busy || deed.refused !== undefined}
            aria-keyshortcuts={deedKey(i)}
            onClick={() => go(deed)}
          >
            {deed.label} <DeedKey place={i} />
          </button>
          {(deed.refused ?? deed.help) && <span class="muted deed-help">{deed.refused ?? deed.help}</span>}
        </div>
      ))}
      <Failure text={failure} />
    </div>
  );
};

const isTyped = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/* Keys of the window on top, while nothing is being typed. */
const useShortKeys = (onKey: (key: string) => boolean): void => {
  const latest = useRef(onKey);
  latest.current = onKey;
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
      if (isPlain && !isTyped(event.target) && latest.current(event.key)) event.preventDefault();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
};

export const Failure = ({ text }: { text: string | null }) => (
  <p class="failure" role="alert" tabIndex={-1}>
    {text}
  </p>
);

type FormProps = { save: string; danger?: boolean; onSave(): Promise<unknown>; onDone(): void; check?(): string | null; children: ComponentChildren };

/** A form of one question: its fields, its error, its button. */
export const Form = ({ save, danger, onSave, onDone, check, children }: FormProps) => {
  const { busy, failure, run } = useGesture();
  const [missing, setMissing] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wrong = check?.() ?? null;
    setMissing(wrong);
    if (!wrong && (await run(onSave))) onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} onChange={() => setMissing(null)} noValidate>
      {children}
      <Failure text={missing ?? failure} />
      <button type="submit" class={danger ? 'primary danger' : 'primary'} aria-disabled={busy}>
        {save} <Key name={messages.keyNames.enter} />
      </button>
    </form>
  );
};

type TextProps = { label: string; value: string; onInput(value: string): void; rows?: number; focus?: boolean; area?: Ref<HTMLTextAreaElement> };

export const TextField = ({ label, value, onInput, rows = 3, focus, area = null }: TextProps) => {
  const id = useId();
  /* Enter sends, as everywhere in the room; Shift and Enter makes a new line. */
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} ref={area} autofocus={focus} rows={rows} value={value} onInput={(e) => onInput(e.currentTarget.value)} onKeyDown={onKeyDown} />
    </div>
  );
};

export type Choice = { value: string; label: string; detail?: string; disabled?: boolean };

type ChoicesProps = { legend: string; choices: Choice[]; value: string | null; onChoose(value: string): void; focus?: boolean };

/** Radio buttons; the first nine also answer to their number. */
export const Choices = ({ legend, choices, value, onChoose, focus }: ChoicesProps) => {
  const name = useId();
  const set = useRef<HTMLFieldSetElement>(null);
  const first = Math.max(0, choices.findIndex((choice) => choice.value === value));
  /* For choices that come into a window already open; a window that opens looks for autofocus itself. */
  useLayoutEffect(() => {
    if (focus) set.current?.querySelectorAll<HTMLInputElement>('input')[first]?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
    if (!choice || choice.disabled) return;
    event.preventDefault();
    onChoose(choice.value);
    set.current?.querySelectorAll<HTMLInputElement>('input')[Number(event.key) - 1]?.focus();
  };
  return (
    <fieldset ref={set} onKeyDown={onKeyDown}>
      <legend>{legend}</legend>
      {choices.map((choice, i) => (
        <label key={choice.value} class={choice.disabled ? 'choice off' : 'choice'}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            disabled={choice.disabled}
            autofocus={focus && i === first}
            onChange={() => onChoose(choice.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
          />
          <span class="choice-text">
            {choice.label}
            {choice.detail && <span class="muted"> {choice.detail}</span>}
          </span>
          {i < 9 && <Key name={String(i + 1)} />}
        </label>
      ))}
    </fieldset>
  );
};

type TickProps = { id?: string; checked: boolean; error?: string | null; onTick(checked: boolean): void; children: ComponentChildren };

/** One thing that is so, or is not. */
export const Tick = ({ id, checked, error, onTick, children }: TickProps) => {
  const wrong = useId();
  return (
    <>
      <label class="choice">
        <input
          id={id}
          type="checkbox"
          checked={checked}
          aria-invalid={Boolean(error)}
          aria-describedby={error ? wrong : undefined}
          onChange={(event) => onTick(event.currentTarget.checked)}
        />
        <span class="choice-text">{children}</span>
      </label>
      {error && (
        <p id={wrong} class="failure">
          {error}
        </p>
      )}
    </>
  );
};
