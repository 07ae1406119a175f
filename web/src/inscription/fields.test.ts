import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, linesOfPlaces, placesOf, stepOf, steps, stepsOf, textOf, trustedOf, valuesOf, valuesOfPlaces, type Place } from './fields';

test('without consent nothing of the sheet is sent, whatever was written in it', () => {
  const written = { name: ' Solène Quéméneur ', access: 'Portail vert', remarks: 'Un chien' };
  assert.deepEqual(bodyOf({ ...written, consent: 'non' }, true)['access'], undefined);
  assert.equal(bodyOf({ ...written, consent: 'oui' }, true)['access'], 'Portail vert');
  const without = bodyOf({ ...written, consent: 'oui' }, false);
  assert.ok(!('access' in without) && !('consent' in without));
  assert.equal(without['name'], 'Solène Quéméneur');
});

test('an administration without the sheet has a step less, and every field has its step', () => {
  assert.equal(stepsOf(false).length, steps.length - 1);
  assert.equal(stepOf(steps, 'phone'), 1);
  assert.equal(stepOf(steps, 'commune_code'), 0);
  assert.equal(stepOf(steps, 'consent'), steps.length - 1);
  assert.equal(stepOf(stepsOf(false), 'access'), -1);
});

test('what is no field of ours is not taken in', () => {
  assert.deepEqual(valuesOf({ name: 'X', autre: 'Y', household: 3 }), { name: 'X' });
});

test('trusted persons are read back as they were written, and nothing of one passes for another', () => {
  const people = [
    { name: 'Yann ; Cadet', relation: '', phone: '06' },
    { name: '', relation: '', phone: '' },
  ];
  assert.equal(textOf(people), 'Yann , Cadet;;06\n;;');
  assert.deepEqual(trustedOf(textOf(people)), [{ name: 'Yann , Cadet', relation: '', phone: '06' }, people[1]]);
  assert.deepEqual(trustedOf(''), []);
});

const hall: Place = { kind: 'town_hall', address: 'Place du Bourg', access: '' };
const mill: Place = { kind: 'second_home', address: 'Le Moulin', access: 'Clé au 12' };
const blank: Place = { kind: 'other', address: ' ', access: '' };

test('addresses are read back as they were written, each with what is beside it, and one that is empty stays on the page', () => {
  for (const list of [[], [hall], [blank], [{ ...blank, address: '' }], [hall, mill], [mill, hall, blank], [blank, hall]]) assert.deepEqual(placesOf(valuesOfPlaces(list)), list);
  assert.deepEqual(placesOf({ places: 'Mairie\nPermanence' }), ['Mairie', 'Permanence'].map((address) => ({ kind: 'other', address, access: '' })));
  assert.deepEqual(valuesOfPlaces([{ ...mill, access: 'Portail\nCour' }]), { places: 'Le Moulin', place_kinds: 'second_home', place_access: 'Portail Cour' });
});

test('an address that says nothing is not sent, and what is beside the others stays beside them', () => {
  const list: Place[] = [blank, { kind: 'duty', address: '', access: '' }, { ...hall, address: ' Place du Bourg ' }, blank, mill];
  const { places, place_kinds: kinds, place_access: access } = bodyOf({ ...valuesOfPlaces(list), consent: 'oui' }, true);
  assert.deepEqual([places, kinds, access], ['\nPlace du Bourg\nLe Moulin', 'duty,town_hall,second_home', '\n\nClé au 12']);
  assert.deepEqual(linesOfPlaces(list), [0, 1, 2, 0, 3]);
  assert.ok(!('place_access' in bodyOf({ ...valuesOfPlaces(list), consent: 'non' }, true)));
});
