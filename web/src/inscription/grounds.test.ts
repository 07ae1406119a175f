import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groundOf } from './grounds';

test('each field names its own ground, in the file of the competent force', () => {
  assert.equal(groundOf('name', 'gendarmerie'), 'État civil : R. 236-39, 2°, b (SIDPP)');
  assert.equal(groundOf('name', 'police'), 'État civil : décret n° 2024-155 (PEGASE II)');
  assert.equal(groundOf('household', 'police'), 'Foyer : décret n° 2024-155 (PEGASE II)');
});

test('both are named where the force is not known', () => {
  for (const force of ['', null] as const)
    assert.equal(groundOf('phone', force), 'Numéros de téléphone : R. 236-39, 2°, c (SIDPP) en zone gendarmerie, décret n° 2024-155 (PEGASE II) en zone police');
});

test('what is taken by consent is so in both', () => {
  assert.equal(groundOf('access', 'police'), groundOf('access', 'gendarmerie'));
  assert.equal(groundOf('access', ''), 'Hors décret : par votre accord seulement');
});
