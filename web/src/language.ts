/*
 * The language of the pages: French for who chose nothing, whatever the browser prefers; a page in another language
 * than its operator's is a page misread at night. Chosen once as the page starts, by a link (?lang=en), then remembered.
 */
export type Language = 'fr' | 'en';

const stored = 'egide-language';
const name = 'lang';

const known = (value: string | null | undefined): Language | undefined => (value === 'fr' || value === 'en' ? value : undefined);

/* A browser that keeps nothing for this page throws; a test in Node.js has no storage, no address. */
const storage = <Value>(use: (storage: Storage) => Value): Value | undefined => {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
};

const asked = (): Language | undefined => (typeof location === 'undefined' ? undefined : known(new URLSearchParams(location.search).get(name)));

/* Remembered, so that a link given to somebody else, or a page loaded again, carries no choice. */
const remember = (language: Language): void => {
  storage((kept) => kept.setItem(stored, language));
  const url = new URL(location.href);
  url.searchParams.delete(name);
  history.replaceState(history.state, '', url);
};

const choose = (): Language => {
  const chosen = asked();
  if (!chosen) return known(storage((kept) => kept.getItem(stored))) ?? 'fr';
  remember(chosen);
  return chosen;
};

export const language: Language = choose();

/** The address of this page in the other language. */
export const otherLanguage: { lang: Language; text: string; href: string } =
  language === 'fr' ? { lang: 'en', text: 'English', href: `?${name}=en` } : { lang: 'fr', text: 'Français', href: `?${name}=fr` };
