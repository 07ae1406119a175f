/* The server's sentences in the language of the pages. */
import type { Problem } from './api';
import { language } from './language';
import { messages } from './messages';
import { sentences } from './server.en';

/* The fields of a form are named first: « phone » : numéro de téléphone non reconnu. */
const ofField = /^« (\w+) » : (.*)$/s;

/* Of several persons, addresses or mandates in one field, which. */
const ofLine = /^(personne|adresse|mandat) (\d+) : (.*)$/s;
const { trusted, places, mandates } = messages.registration;
const lines: Record<string, (n: number) => string> = { personne: trusted.person, adresse: places.place, mandat: mandates.mandate };

/* As it is, or with its numbers put back where the key has %d. */
const translated = (text: string): string | undefined => {
  const numbers = text.match(/\d+/g) ?? [];
  let next = 0;
  return sentences[text] ?? sentences[text.replace(/\d+/g, '%d')]?.replace(/%d/g, () => numbers[next++] ?? '');
};

/* Keys with somebody's name in them, and what stands before and behind it. */
const named = Object.keys(sentences)
  .filter((key) => key.includes('%s'))
  .map((key) => ({ key, around: key.split('%s') as [string, string] }));

const withName = (text: string): string | undefined => {
  const found = named.find(({ around: [before, behind] }) => text.startsWith(before) && text.endsWith(behind));
  return found && sentences[found.key]?.replace('%s', () => text.slice(found.around[0].length, text.length - found.around[1].length));
};

const english = (text: string): string | undefined => {
  const [, kind, number, wrong] = ofLine.exec(text) ?? [];
  if (kind !== undefined && wrong !== undefined) {
    const known = translated(wrong);
    return known && messages.format.colon(lines[kind]?.(Number(number)) ?? '', known);
  }
  const [, field, rest] = ofField.exec(text) ?? [];
  if (field === undefined || rest === undefined) return translated(text) ?? withName(text);
  const known = english(rest);
  return known && messages.format.colon(messages.quotes(field), known);
};

/** A sentence of the server; one that has no English stays as it is. */
export const fromServer = (text: string): string => (language === 'fr' ? text : (english(text) ?? text));

/** Why something was refused. A detail without English is quoted behind what kind of problem it is. */
export const fromProblem = ({ title, detail }: Problem): string => {
  if (detail === undefined) return fromServer(title);
  if (language === 'fr') return detail;
  return english(detail) ?? messages.format.colon(fromServer(title), messages.quotes(detail));
};

/** Sentences by what they are about. */
export const eachFromServer = <Sentences extends Record<string, string>>(said: Sentences): Sentences =>
  Object.fromEntries(Object.entries(said).map(([key, text]) => [key, fromServer(text)])) as Sentences;
