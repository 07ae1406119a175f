/* One line to type: its label, what it is for, and what is wrong with it. */
import { useId } from 'preact/hooks';
import { Failure } from '../ui';

type Props = {
  label: string;
  help?: string;
  value: string;
  failure?: string | null;
  onInput(value: string): void;
  class?: string;
  inputMode?: 'numeric';
  maxLength: number;
};

export const Field = ({ label, help, value, failure = null, onInput, ...more }: Props) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        aria-describedby={`${id}-help ${id}-failure`}
        aria-invalid={failure !== null}
        autocomplete="off"
        {...more}
      />
      <p id={`${id}-help`} class="muted small">
        {help}
      </p>
      <div id={`${id}-failure`}>
        <Failure text={failure} />
      </div>
    </div>
  );
};
