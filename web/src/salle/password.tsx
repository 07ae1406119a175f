/* The password, at the door and when it is asked for again. */
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { messages } from '../messages';

export const PasswordField = ({ value, onInput, focus }: { value: string; onInput(value: string): void; focus?: boolean }) => {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (focus) input.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{messages.room.login.password}</label>
      <input
        id={id}
        ref={input}
        type="password"
        autocomplete="current-password"
        required
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
};
