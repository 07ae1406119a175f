/* Another tab or window of this telephone is the button already. */
import { messages } from '../messages';
import { deviceTheme, useTheme } from '../theme';
import { Urgency } from '../ui';

const t = messages.button.elsewhere;

export const Elsewhere = ({ onTake }: { onTake(): void }) => {
  useTheme(deviceTheme());
  return (
    <div class="phone">
      <header class="top">
        <Urgency />
      </header>
      <main>
        <h1>{t.heading}</h1>
        <p>{t.text}</p>
        <div class="foot">
          <p class="small">{t.effect}</p>
          <button type="button" class="primary large" onClick={onTake}>
            {t.take}
          </button>
        </div>
      </main>
    </div>
  );
};
