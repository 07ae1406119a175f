/* The lines of the journal: asked for page by page, in words, as a table for other programs. Pure but for `readMore`. */
import type { Journal, JournalExport, JournalLine } from '../api';
import { clock, day } from '../format';
import { messages } from '../messages';
import { get, postForFile } from '../request';

const t = messages.journal;

export type Search = {
  from: string; /* days, as a date field gives them: "2026-11-26" */
  until: string; /* included */
  ref: string;
  account: { id: string; name: string } | null;
  subject: { id: string; name: string } | null;
  person: { id: string; name: string } | null; /* an official, with their alerts, devices and calls */
  kind: string; /* '': each */
};

export const everything: Search = { from: '', until: '', ref: '', account: null, subject: null, person: null, kind: '' };

/** The first moment of a day where the reader is, so many days later, ms. Across a change of hour a day is not 24 hours. */
export const startOf = (date: string, later = 0): number => {
  const [year = 0, month = 1, inMonth = 1] = date.split('-').map(Number);
  return new Date(year, month - 1, inMonth + later).getTime();
};

/* As the server names it. */
const wanted = (search: Search): Omit<JournalExport, 'reason'> => ({
  ...(search.from && { since: startOf(search.from) }),
  ...(search.until && { until: startOf(search.until, 1) }),
  ...(search.person ? { person: search.person.id } : search.subject ? { subject: search.subject.id } : search.ref && { ref: Number(search.ref) }),
  ...(search.account && { account: search.account.id }),
  ...(search.kind && { kind: search.kind }),
});

export const queryOf = (search: Search): string =>
  new URLSearchParams(Object.entries(wanted(search)).map(([name, value]): [string, string] => [name, String(value)])).toString();

/** These lines as an archive that proves itself; why is a line of the journal. */
export const takeEvidence = (search: Search, reason: string): Promise<Blob> => postForFile('/api/journal/export', { ...wanted(search), reason });

/* The server looks through so many numbers for one page: several may hold nothing but positions. */
const emptyPages = 50;

export type Page = { lines: JournalLine[]; next: number | null };

/** The page that begins below `before`, with at least one line, or the end. */
export const readMore = async (search: Search, before: number | null, limit: number): Promise<Page> => {
  let next = before;
  for (let i = 0; i < emptyPages; i++) {
    const query = `${queryOf(search)}&limit=${limit}${next === null ? '' : `&before=${next}`}`;
    const page = await get<Journal>(`/api/journal?${query}`);
    if (page.lines.length > 0 || page.next === null) return page;
    next = page.next;
  }
  return { lines: [], next };
};

export const whoOf = ({ actor }: JournalLine): string => actor.name || t.actors[actor.kind];

/** What was done, in words; what this page has no words for is said as the journal does. */
export const whatOf = ({ kind, what, command }: JournalLine): string => {
  const words = t.kinds[kind] ?? kind;
  const of = what === null ? null : (t.things[what] ?? what);
  return [of === null ? words : messages.format.colon(words, of), command === null ? null : `(${command})`].filter(Boolean).join(' ');
};

export const aboutOf = ({ about }: JournalLine): string => (about.ref === null ? (about.name ?? '') : t.alert(about.ref));

/** For which call to 17 something was read; ID of that call. */
export const callOf = ({ kind, target }: JournalLine): string | null => (kind === 'read' ? target : null);

export const whyOf = (line: JournalLine): string => {
  const call = callOf(line);
  return call === null ? '' : t.forCall(call);
};

/* What begins like a formula would be one in a spreadsheet. */
const cell = (text: string): string => {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};

/** CSV as spreadsheets read it in France: semicolons, and the mark that says UTF-8. */
export const csvOf = (lines: JournalLine[]): string => {
  const rows = lines.map((line) => [
    String(line.number), `${day(line.at)} ${clock(line.at)}`, new Date(line.at).toISOString(), whoOf(line), line.actor.id ?? '', whatOf(line), line.kind,
    aboutOf(line), line.subject ?? '', line.target ?? '', whyOf(line),
  ]);
  return `\ufeff${[t.columns, ...rows].map((row) => row.map(cell).join(';')).join('\r\n')}\r\n`;
};

export const save = (file: Blob, name: string): void => {
  const address = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
};
