/* A way out of a page that nobody else should see. */
import { useEffect } from 'preact/hooks';
import { messages } from './messages';

const t = messages.follow;

/* Leaves no page to come back to, and nothing on the screen while the next one loads. */
const exit = (): void => {
  document.body.replaceChildren();
  location.replace(t.exitTo);
};

export const Exit = () => {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') exit();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <button type="button" class="exit" title={t.exitHelp} onClick={exit}>
      {t.exit}
    </button>
  );
};
