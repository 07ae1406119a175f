import assert from 'node:assert/strict';
import { test } from 'node:test';

/* What a page remembers of somebody who chose English. */
Object.defineProperty(globalThis, 'localStorage', { value: { getItem: () => 'en' }, configurable: true });
const { eachFromServer, fromProblem, fromServer } = await import('./server');

const problem = (detail?: string) => ({ type: '/problems/invalid', title: 'Demande incorrecte', status: 400, ...(detail === undefined ? {} : { detail }) });

test('a sentence of the server is said in English', () => {
  assert.equal(fromServer("Prenez d'abord cet appel."), 'Take this call first.');
  assert.deepEqual(eachFromServer({ close: "Prenez d'abord l'alerte en charge." }), { close: 'Claim the alert first.' });
});

test('a field, a person and a number keep their place', () => {
  assert.equal(fromProblem(problem('« phone » : numéro de téléphone non reconnu (exemple : 06 12 34 56 78).')), '“phone”: telephone number not recognised (for example 06 12 34 56 78).');
  assert.equal(fromProblem(problem('« name » : texte trop long (200 octets au plus).')), '“name”: text too long (200 bytes at most).');
  assert.equal(fromServer('personne 2 : texte trop long (200 octets au plus).'), 'Person 2: text too long (200 bytes at most).');
  assert.equal(fromProblem(problem('« places » : adresse 2 : l’adresse manque.')), '“places”: Address 2: the address is missing.');
  assert.equal(fromServer('mandat 3 : caractère de contrôle non admis.'), 'Office 3: control characters are not allowed.');
  assert.equal(fromServer('Le son de cette alerte a été supprimé le 02/11/2026, selon la règle de conservation.'), 'The sound of this alert was deleted on 02/11/2026, under the retention rule.');
  assert.equal(fromServer('Cet appel est déjà pris par Anne 2 Le Dû.'), 'This call is already taken by Anne 2 Le Dû.');
});

test('a detail without English stays, behind what kind of problem it is', () => {
  assert.equal(fromProblem(problem('Phrase inconnue.')), 'Incorrect request: “Phrase inconnue.”');
  assert.equal(fromProblem(problem()), 'Incorrect request');
  assert.equal(fromServer('Phrase inconnue.'), 'Phrase inconnue.');
});
