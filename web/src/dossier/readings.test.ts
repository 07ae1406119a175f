import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnReading } from '../api';
import { deedOf, whoOf } from './readings';

const line = (more: Partial<OwnReading>): OwnReading => ({
  number: 1, at: 0, deed: 'read', what: null, in_alert: false, by: 'account', roles: 'operator', service: 'Salle de la Vienne', ...more,
});

test('who looked is said by role and service', () => {
  assert.match(whoOf(line({})), /^Salle d’opérations, Salle de la Vienne$/);
  assert.match(whoOf(line({ roles: 'operator,supervisor', service: null })), /, /);
  assert.equal(whoOf(line({ by: 'official', roles: '', service: null })), 'Vous');
  assert.notEqual(whoOf(line({ roles: '', service: null })), '');
});

test('what was done is said, whatever it was', () => {
  assert.equal(deedOf(line({ what: 'own.leave', deed: 'changed', by: 'official' })), 'Demande de sortie');
  assert.notEqual(deedOf(line({ what: 'quelque chose' })), 'quelque chose');
  assert.notEqual(deedOf(line({ in_alert: true })), deedOf(line({})));
});
