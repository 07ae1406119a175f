import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from './code';

test('a code is read however it is typed', () => {
  for (const typed of ['7K2M-9QXD', '7k2m9qxd', ' 7K2M 9QXD ', '7k2m–9qxd']) assert.equal(codeOf(typed), '7K2M-9QXD');
  assert.equal(codeOf('oil0-2345'), '0110-2345');
});

test('what cannot be a code is nothing', () => {
  for (const typed of ['', '7K2M-9QX', '7K2M-9QXDA', '7K2M-9QXU', '7K2M.9QXD']) assert.equal(codeOf(typed), undefined);
});
