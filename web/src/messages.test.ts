import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages as english } from './messages.en';
import { messages as french } from './messages.fr';

/* The same word in both languages: names, units, addresses, articles of law, and what English took from French. */
const shared = [
  'product', 'urgency.police', 'urgency.europe', 'index.heading', 'counterFile.kinds.osmand', 'counterFile.kinds.owntracks',
  'index.rows.0.link.href', 'index.rows.1.link.href', 'index.rows.2.link.href', 'index.rows.3.link.href',
  'index.rows.4.link.href', 'own.kinds.osmand', 'own.kinds.owntracks', 'own.readings.by.system', 'own.readings.roles.administrator',
  'journal.actors.system', 'journal.actors.control',
  'patrol.states.en_route', 'patrol.steps.en_route', 'room.units.states.en_route',
  'button.status.names.sms', 'button.visit.minutes', 'alert.reasons.sos',
  'room.post.as', 'room.device.kmh', 'room.sound.pause', 'room.trail.source', 'room.actions.heading', 'room.dialogs.help.action',
  'timeline.actors.system', 'timeline.noted',
];

/* Every leaf: its path, and its text; of a function, the text for each argument tried. */
const leaves = (value: unknown, path = ''): [string, string][] => {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const texts = ['0', '1', '2'].map((one) => JSON.stringify((value as (...all: string[]) => unknown)(...Array<string>(value.length).fill(one))));
    return [[path, `(${value.length}) ${texts.join()}`]];
  }
  if (value === null) return [[path, '']];
  return Object.entries(value as object).flatMap(([key, one]) => leaves(one, path ? `${path}.${key}` : key));
};

const arity = (text: string): string => /^\(\d\)/.exec(text)?.[0] ?? '';

test('both languages have the same texts', () => {
  const shape = (messages: unknown): string[] => leaves(messages).map(([path, text]) => path + arity(text)).sort();
  assert.deepEqual(shape(english), shape(french));
});

test('no English text is the French one, but for the words both share', () => {
  const texts = new Map(leaves(french));
  const equal = leaves(english).filter(([path, text]) => text !== '' && text === texts.get(path));
  assert.deepEqual(equal.map(([path]) => path).sort(), [...shared].sort());
});

test('English is typed as English is', () => {
  const wrong = leaves(english).filter(([, text]) => /[«»]|'|\.\.\.| [:;!?]| {2}/.test(text));
  assert.deepEqual(wrong, []);
});
