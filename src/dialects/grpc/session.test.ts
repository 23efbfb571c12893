/** Headers of a call as a session. What the gate makes of it is in the tests of the dialects. */
import { Socket } from 'node:net';
import { Metadata } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { grpcSession } from './session.ts';

const about = { requestId: 'req_1', signal: new AbortController().signal };

function sessionOf(headers: readonly (readonly [string, string])[], trustProxy: boolean) {
  const metadata = new Metadata();
  for (const [name, value] of headers) metadata.add(name, value);
  return grpcSession({ name: 'thunder' }, metadata, new Socket(), { ...about, trustProxy });
}

it('the address is the last one that a trusted proxy has told, however the header is cut', () => {
  const claimed = ['x-forwarded-for', '198.51.100.1'] as const;
  const told = ['x-forwarded-for', '203.0.113.9'] as const;
  expect(sessionOf([claimed, told], true).address).toBe('203.0.113.9');
  expect(sessionOf([['x-forwarded-for', '198.51.100.1, 203.0.113.9']], true).address).toBe('203.0.113.9');
  expect(sessionOf([claimed, told], false).address).toBe('');
});

it('a header that is said twice is not what it says first', () => {
  const twice = sessionOf(
    [
      ['x-facet-txn-id', 'txn_1'],
      ['x-facet-txn-id', 'txn_2'],
    ],
    false,
  );
  expect(twice.transactionId).toBe('txn_1, txn_2');
});
