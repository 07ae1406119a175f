import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missedCounter } from './missed';

test('what is missing is counted from the first frame on, in each epoch for itself', () => {
  const take = missedCounter();
  assert.equal(take({ epoch: 1, sequence: 500 }, 1), 0);
  assert.equal(take({ epoch: 1, sequence: 501 }, 1), 0);
  assert.equal(take({ epoch: 2, sequence: 0 }, 1), 0);
  assert.equal(take({ epoch: 1, sequence: 1502 }, 1), 1000);
  assert.equal(take({ epoch: 2, sequence: 3 }, 1), 1002);
});

test('what nobody captured is not missing, and what comes twice or late changes nothing', () => {
  const take = missedCounter();
  take({ epoch: 1, sequence: 0 }, 1);
  assert.equal(take({ epoch: 1, sequence: 1 }, 250), 0);
  assert.equal(take({ epoch: 1, sequence: 251 }, 1), 0);
  assert.equal(take({ epoch: 1, sequence: 100 }, 1), 0);
  assert.equal(take({ epoch: 1, sequence: 252 }, 1), 0);
});
