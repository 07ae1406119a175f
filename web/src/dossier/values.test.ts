import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnFile } from '../api';
import { changesOf, formOf, hasSheet, hasWithdrawn, shown } from './values';

const own: OwnFile = {
  file: {
    name: 'Solène Quéméneur', mandate: 'Maire', other_mandates: [], commune: null, commune_code: null, phone: '+33639980041', other_phones: ['+33549980000'], other_kinds: ['town_hall'], address: null,
    places: [], household: 3, reason: null, level: 2, access: null, remarks: null, force: 'gendarmerie', unit: 'Brigade', registered_at: 0,
  },
  term: { until: null, mandate_until: null, ends: '2032-03-20', why: 'limit', confirmed: '2026-03-20', confirm_on: '2027-03-20', asked: false },
  contacts: [], devices: [], correction: null, leaving: null, consent_sheet: true,
};

test('the form begins with the file, or with what was asked for already', () => {
  const form = formOf(own);
  assert.deepEqual([form.name, form.commune, form.household, form.consent], ['Solène Quéméneur', '', '3', 'non']);
  assert.equal(form.other_kinds, 'town_hall');
  assert.equal(form.other_phones?.replace(/\s/g, ' '), '05 49 98 00 00');
  assert.deepEqual(formOf({ ...own, correction: { changed_at: 0, fields: { name: 'X' } } }), { name: 'X' });
});

test('the sheet is there as soon as anything of it is', () => {
  assert.ok(!hasSheet(own));
  assert.ok(hasSheet({ ...own, contacts: [{ name: 'Y', relation: null, phone: '+33639980042', agreed: false }] }));
  assert.equal(formOf({ ...own, file: { ...own.file, access: 'Portail vert' } }).consent, 'oui');
  const moulin = { ...own.file, places: [{ kind: 'second_home' as const, address: 'Le Moulin', access: 'Clé au 12' }] };
  assert.equal(formOf({ ...own, file: moulin }).consent, 'oui');
  assert.ok(hasWithdrawn({ places: 'Le Moulin', place_access: 'Clé au 12' }, { places: 'Le Moulin', consent: 'non' }));
});

test('what a correction changes is told apart, what it empties too', () => {
  assert.deepEqual(changesOf({ name: 'A', address: 'Rue' }, { name: 'A', mandate: 'Maire', consent: 'non' }), [
    { name: 'address', before: 'Rue', after: '' },
    { name: 'mandate', before: '', after: 'Maire' },
  ]);
});

test('an address is read with what it is, and how to get in there apart', () => {
  const file = { ...own.file, other_mandates: ['Sénatrice'], places: [{ kind: 'duty' as const, address: '2 rue Haute', access: 'Sonner deux fois' }] };
  const form = formOf({ ...own, file });
  assert.deepEqual([form.other_mandates, form.places, form.place_kinds, form.place_access], ['Sénatrice', '2 rue Haute', 'duty', 'Sonner deux fois']);
  const plain = (text: string): string => text.replace(/\s/g, ' ');
  assert.equal(plain(shown(file, 'places')), 'Permanence : 2 rue Haute');
  assert.deepEqual(
    changesOf({ places: '2 rue Haute', place_kinds: 'other' }, { places: '2 rue Haute', place_kinds: 'duty', place_access: 'Code' }).map(({ name, before, after }) => [name, plain(before), plain(after)]),
    [
      ['places', 'Autre adresse : 2 rue Haute', 'Permanence : 2 rue Haute'],
      ['place_access', '', '2 rue Haute : Code'],
    ],
  );
});
