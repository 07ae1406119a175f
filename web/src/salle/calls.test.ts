import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../api';
import { callsOf, withAnswer } from './calls';

const call = (more: Partial<Call>): Call => ({
  id: 'c1', state: 'ringing', number: '+33639980010', line: '17', rang_at: 1, answered_at: null, ended_at: null, closed_at: null, claim: null, alert: null, ...more,
});
const claim = (name: string, at: number) => ({ account: { id: name, name }, at, offered_at: null });

test('a deed is answered: the call is as it says', () => {
  const claimed = call({ state: 'talking', answered_at: 2, claim: claim('a', 2) });
  assert.deepEqual(withAnswer(callsOf([call({})]), claimed), { c1: claimed });
});

test('an answer that comes after what the feed said since changes nothing', () => {
  const claimed = call({ state: 'talking', answered_at: 2, claim: claim('a', 2) });
  const ended = callsOf([{ ...claimed, state: 'ended', ended_at: 3 }]);
  assert.equal(withAnswer(ended, claimed), ended);
  const takenOver = callsOf([{ ...claimed, claim: claim('b', 4) }]);
  assert.equal(withAnswer(takenOver, claimed), takenOver);
});

test('a call that is over does not come back, and its own answer takes it away', () => {
  assert.deepEqual(withAnswer({}, call({ state: 'talking', answered_at: 2 })), {});
  const ended = call({ state: 'ended', answered_at: 2, ended_at: 3 });
  assert.deepEqual(withAnswer(callsOf([ended]), { ...ended, state: 'closed', closed_at: 4 }), {});
});
