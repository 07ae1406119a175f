/* What was written and is kept nowhere is not lost without asking. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { messages } from './messages';

const t = messages.unsaved;

/** The browser asks before it leaves the page, in its own words. */
export const useUnsaved = (isWritten: boolean): void =>
  useLayoutEffect(() => {
    if (!isWritten) return;
    const ask = (event: Event): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isWritten]);

/** The way out of a form: asked again in the same place, with the focus on what loses nothing. */
export const LeaveButton = ({ label, isWritten, onLeave }: { label: string; isWritten: boolean; onLeave(): void }) => {
  const [isAsked, setAsked] = useState(false);
  const stay = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (isAsked) stay.current?.focus();
  }, [isAsked]);
  if (!isAsked)
    return (
      <button type="button" class="quiet" onClick={() => (isWritten ? setAsked(true) : onLeave())}>
        {label}
      </button>
    );
  return (
    <div class="twice" role="group" aria-label={label} aria-describedby="unsaved">
      <p id="unsaved">{t.lost}</p>
      <button type="button" ref={stay} onClick={() => setAsked(false)}>
        {t.stay}
      </button>
      <button type="button" class="danger" onClick={onLeave}>
        {t.leave}
      </button>
    </div>
  );
};

const isText = ({ target }: Event): boolean => target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && !['checkbox', 'radio'].includes(target.type));

/** For a form: what is written in it. A box is heard once it has changed: drawn before, it would be put back as it was. */
export const whenWritten = (heard: (event: Event) => void) => ({
  onInput: (event: Event): void => {
    if (isText(event)) heard(event);
  },
  onChange: (event: Event): void => {
    if (!isText(event)) heard(event);
  },
});
