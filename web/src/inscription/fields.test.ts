import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, stepOf, steps, stepsOf, textOf, trustedOf, valuesOf } from './fields';

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
