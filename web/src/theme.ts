/* Day and night, remembered on this device. */
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'day' | 'night';

const stored = 'egide-theme';

const remembered = (): Theme | undefined => {
  const value = localStorage.getItem(stored);
  return value === 'day' || value === 'night' ? value : undefined;
};

/** What the device itself prefers: for the pages a phone opens. */
export const deviceTheme = (): Theme => (matchMedia('(prefers-color-scheme: light)').matches ? 'day' : 'night');

export const useTheme = (usual: Theme): [Theme, () => void] => {
  const [theme, setTheme] = useState<Theme>(() => remembered() ?? usual);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const turn = (): void =>
    setTheme((now) => {
      const next = now === 'night' ? 'day' : 'night';
      localStorage.setItem(stored, next);
      return next;
    });
  return [theme, turn];
};
