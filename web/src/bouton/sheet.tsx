/* What surrounds every screen but the clock and the keypad; before the clock, one may choose the language. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { LanguageLink, Urgency } from '../ui';

export const Sheet = ({ isFirst, children }: { isFirst?: boolean; children: ComponentChildren }) => (
  <div class="phone">
    <header class="top">
      <Urgency />
      {isFirst && <LanguageLink />}
    </header>
    {children}
  </div>
);

/* Forgotten open, a screen would not feel a tap. */
const leaveMs = 2 * 60 * 1000;

/** Back to the clock when nothing happens, or the page is left; `touched` is what happening changes. */
export const useLeaving = (onLeave: () => void, touched?: unknown): void => {
  useEffect(() => {
    const timer = setTimeout(onLeave, leaveMs);
    return () => clearTimeout(timer);
  }, [touched]);
  useEffect(() => {
    document.addEventListener('visibilitychange', onLeave);
    return () => document.removeEventListener('visibilitychange', onLeave);
  }, []);
};
