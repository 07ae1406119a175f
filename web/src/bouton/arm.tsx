/* One gesture arms the button, after saying what it does and what a web page cannot do. */
import { messages } from '../messages';
import { useGesture } from '../ui';
import type { Button } from './button';

const t = messages.button.arm;

type ArmProps = { button: Button; onArmed(): void; onCodes(): void; onVisit(): void };

export const Arm = ({ button, onArmed, onCodes, onVisit }: ArmProps) => {
  const { busy, run } = useGesture();
  const { sound } = button;
  const isReady = sound !== undefined;
  const arm = (): void => {
    if (isReady && !busy) void run(() => button.arm(true)).then(onArmed);
  };
  return (
    <main>
      <h1>{t.heading}</h1>
      <p>{t.linked(button.credential?.label ?? '')}</p>
      <section class="card">
        <h2>{t.whatHappens}</h2>
        <ul class="advice">
          <li>{sound ? t.askBoth : t.askPlace}</li>
          {sound && <li>{t.microphone}</li>}
          <li>{t.screen}</li>
          <li>{t.taps}</li>
          <li>{t.check}</li>
        </ul>
      </section>
      {button.hasPins === false && (
        <section class="card">
          <h2>{t.codes}</h2>
          <p>{t.noCodes}</p>
          <button type="button" class="quiet" onClick={onCodes}>
            {t.chooseCodes}
          </button>
        </section>
      )}
      {button.isLasting === false && <p class="notice">{messages.button.notLasting}</p>}
      {button.hasPins !== undefined && (
        <section class="card">
          <h2>{t.visit}</h2>
          <p>{t.visitText}</p>
          <button type="button" class="quiet" onClick={onVisit}>
            {button.visits.isThere ? messages.button.visit.running : messages.button.visit.heading}
          </button>
        </section>
      )}
      <section class="card">
        <h2>{t.limits}</h2>
        <p>{t.limitsText}</p>
      </section>
      <p class="muted small">{t.legal}</p>
      <div class="foot">
        <p role="status" class="small">
          {!isReady && t.waiting}
        </p>
        <button type="button" class="primary large" aria-disabled={!isReady || busy} onClick={arm}>
          {t.arm}
        </button>
      </div>
    </main>
  );
};
