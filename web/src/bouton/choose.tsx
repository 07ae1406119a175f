/* The official chooses two codes: the one that says « I am safe », and the one that is given under duress. */
import { useState } from 'preact/hooks';
import { messages } from '../messages';
import { Failure, useGesture } from '../ui';
import type { Button } from './button';
import { isPin } from './codes';
import { Field } from './field';

const t = messages.button.choose;

type CodeProps = { label: string; help: string; value: string; failure: string | null; onInput(value: string): void };

const CodeField = (props: CodeProps) => <Field {...props} class="code" inputMode="numeric" maxLength={8} />;

export const Choose = ({ button, onDone }: { button: Button; onDone(): void }) => {
  const [current, setCurrent] = useState('');
  const [pin, setPin] = useState('');
  const [duress, setDuress] = useState('');
  const [sent, setSent] = useState(false);
  const { busy, failure, run } = useGesture();
  const isWrong = (code: string): string | null => (sent && !isPin(code) ? t.shape : null);
  const isSame = pin === duress;
  const choose = async (): Promise<void> => {
    const problem = await button.codes.choose(button.hasPins ? current : null, pin, duress);
    if (problem === undefined) throw new Error(t.silent);
    if (problem !== null) throw new Error(problem);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    setSent(true);
    const good = isPin(pin) && isPin(duress) && !isSame && (!button.hasPins || isPin(current));
    if (good && !busy) void run(choose).then((done) => done && onDone());
  };
  return (
    <main>
      <h1>{t.heading}</h1>
      <p>{t.lead}</p>
      <form onSubmit={submit} noValidate>
        {button.hasPins && <CodeField label={t.current} help={t.currentHelp} value={current} failure={isWrong(current)} onInput={setCurrent} />}
        <CodeField label={t.pin} help={t.pinHelp} value={pin} failure={isWrong(pin)} onInput={setPin} />
        <CodeField
          label={t.duress}
          help={t.duressHelp}
          value={duress}
          failure={isWrong(duress) ?? (sent && isSame ? t.same : null)}
          onInput={setDuress}
        />
        <p class="notice">{t.learn}</p>
        <Failure text={failure} />
        <div class="foot">
          <button type="submit" class="primary large" aria-disabled={busy}>
            {t.send}
          </button>
          <button type="button" class="quiet again" onClick={onDone}>
            {t.later}
          </button>
        </div>
      </form>
    </main>
  );
};
