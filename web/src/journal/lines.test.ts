import assert from 'node:assert/strict';
import { test } from 'node:test';
import api from '../../../definitions/api_schemas.json';
import type { JournalLine } from '../api';
import { messages } from '../messages';
import { aboutOf, csvOf, everything, queryOf, startOf, whatOf, whoOf, whyOf } from './lines';

const line = (rest: Partial<JournalLine> = {}): JournalLine => ({
  number: 7,
  at: Date.UTC(2026, 10, 26, 14, 3, 5),
  kind: 'read',
  actor: { kind: 'account', id: 'a1', name: 'Claire Marchand' },
  subject: 's1',
  target: null,
  about: { ref: 12, name: null },
  what: '/api/alerts/{id}',
  command: null,
  ...rest,
});

test('a day ends where the next begins, whether it has 23, 24 or 25 hours', () => {
  const hours = (date: string): number => (startOf(date, 1) - startOf(date)) / 3600000;
  assert.equal(hours('2026-11-26'), 24);
  /* Where the clocks change, these are 23 and 25; where they do not, 24. */
  const offset = (date: string, later: number): number => new Date(startOf(date, later)).getTimezoneOffset();
  for (const date of ['2026-03-29', '2026-10-25']) assert.equal(hours(date), 24 + (offset(date, 1) - offset(date, 0)) / 60);
  assert.equal(startOf('2028-02-28', 1), startOf('2028-02-29'));
  assert.equal(startOf('2027-12-31', 1), startOf('2028-01-01'));
});

test('what is searched for is the query; a subject comes before a number', () => {
  assert.equal(queryOf(everything), '');
  const search = { ...everything, until: '2026-11-26', ref: '12', account: { id: 'a1', name: 'x' } };
  assert.equal(queryOf(search), `until=${startOf('2026-11-27')}&ref=12&account=a1`);
  assert.equal(queryOf({ ...search, until: '', account: null, subject: { id: 's1', name: 'x' } }), 'subject=s1');
});

test('a person comes before a subject, and a kind beside both', () => {
  const search = { ...everything, ref: '12', subject: { id: 's1', name: 'x' }, person: { id: 'p1', name: 'y' }, kind: 'read' };
  assert.equal(queryOf(search), 'person=p1&kind=read');
});

test('a line in words', () => {
  assert.deepEqual([whoOf(line()), whatOf(line()), aboutOf(line())], ['Claire Marchand', 'Lecture : alerte entière', 'Alerte n° 12']);
  const change = line({ kind: 'created', what: 'account', command: 'account add', actor: { kind: 'control', id: null, name: null }, about: { ref: null, name: 'Paul' } });
  assert.deepEqual([whoOf(change), whatOf(change), aboutOf(change)], ['egidectl', 'Création : compte (account add)', 'Paul']);
  assert.equal(whatOf(line({ kind: 'of.tomorrow', what: 'thing' })), 'of.tomorrow : thing');
});

test('what was read for a call to 17 says for which', () => {
  const read = line({ what: '/api/calls/{id}', target: '01a20a29-0000-7000-8000-00000000abcd', about: { ref: null, name: null } });
  assert.equal(whyOf(read), 'pour l’appel …00abcd');
  assert.match(csvOf([read]).split('\r\n')[1] ?? '', /;s1;01a20a29-0000-7000-8000-00000000abcd;pour l’appel …00abcd$/);
  /* What was done to something says to what in the same place. */
  assert.equal(whyOf(line({ kind: 'changed', target: 'c1' })), '');
});

test('a table that a spreadsheet reads, and takes nothing in it for a formula', () => {
  const [head, row, end] = csvOf([line({ about: { ref: null, name: '=1+1' }, actor: { kind: 'account', id: 'a1', name: 'Marie; dite "M"' } })]).split('\r\n');
  assert.match(head ?? '', /^\ufeffLigne;/);
  assert.match(row ?? '', /^7;26\/11\/2026 \d\d:\d3:05;2026-11-26T14:03:05\.000Z;"Marie; dite ""M""";a1;Lecture : alerte entière;read;'=1\+1;s1;;$/);
  assert.equal(end, '');
});

test('every line of an alert has its words', () => {
  const missing = api.components.schemas.EntryKind.enum.filter((kind) => kind !== 'fix' && messages.journal.kinds[kind] === undefined);
  assert.deepEqual(missing, []);
});
