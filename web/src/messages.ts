/* The texts of the pages, in the language somebody chose. No page asks which one it is. */
import { language } from './language';
import { messages as english } from './messages.en';
import { messages as french } from './messages.fr';

export const messages = language === 'en' ? english : french;

/* The document is written in French (build.mjs). */
if (language === 'en' && typeof document !== 'undefined') {
  const titles = Object.entries(french.titles) as [keyof typeof french.titles, string][];
  const title = titles.find(([, text]) => text === document.title);
  document.documentElement.lang = language;
  if (title) document.title = english.titles[title[0]];
}
