import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backfillFlag, encodeFrame, gapPayload, voiceFlag } from './frames';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a frame is laid out as the protocol says', () => {
  const bytes = encodeFrame({
    alert: '01234567-89ab-7def-8123-456789abcdef',
    epoch: 0xfedcba98,
    sequence: 258,
    at: 1764115200123,
    flags: voiceFlag | backfillFlag,
    payload: Uint8Array.of(0x08, 0xff),
  });
  assert.equal(hex(bytes), '01' + '05' + '0123456789ab7def8123456789abcdef' + 'fedcba98' + '00000102' + '0000019abd75b87b' + '08ff');
});

test('a gap says how many frames are missing', () => {
  assert.equal(hex(gapPayload(70000)), '00011170');
});
