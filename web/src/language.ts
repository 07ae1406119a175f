/*
 * The language of the pages: French for who chose nothing, whatever the browser prefers; a page in another language
 * than its operator's is a page misread at night. Our own link (?lang=en) is a choice, remembered as it is followed; an
 * address that somebody else wrote says the language of that page alone, and of no other of this place.
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

/* What is remembered needs no address: a link given to somebody else carries no choice. */
const choose = (): Language => {
  const chosen = asked();
  const kept = known(storage((kept) => kept.getItem(stored)));
  if (chosen && chosen === kept) {
    const url = new URL(location.href);
    url.searchParams.delete(name);
    history.replaceState(history.state, '', url);
  }
  return chosen ?? kept ?? 'fr';
};

export const language: Language = choose();

/** As our link to that language is followed. */
export const remember = (language: Language): void => void storage((kept) => kept.setItem(stored, language));

/** The address of this page in the other language. */
export const otherLanguage: { lang: Language; text: string; href: string } =
  language === 'fr' ? { lang: 'en', text: 'English', href: `?${name}=en` } : { lang: 'fr', text: 'Français', href: `?${name}=fr` };
