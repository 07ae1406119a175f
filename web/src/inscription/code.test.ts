import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printedCode } from './code';

test('a code reads as it was printed, however it was typed', () => {
  for (const typed of ['gp7h bp7r 93n9', 'GP7H-BP7R-93N9', 'gp7hbp7r93n9']) assert.equal(printedCode(typed), 'GP7H-BP7R-93N9');
  assert.equal(printedCode('oil0-bp7r-93n9'), '0110-BP7R-93N9');
});
