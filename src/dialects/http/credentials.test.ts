/** What the headers of a request say about who sends it. */
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { credentialsOf } from './credentials.ts';

const socket = new Socket();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('credentials of a request', () => {
  it.each([
    [{}, { scheme: 'none' }],
    [{ authorization: 'Bearer abc' }, { scheme: 'bearer', secret: 'abc' }],
    [{ authorization: 'bearer  abc ' }, { scheme: 'bearer', secret: 'abc' }],
    [{ authorization: 'Bearer' }, { scheme: 'unreadable', reason: 'Bearer without a token' }],
    [{ authorization: `Basic ${base64('ann:a:b')}` }, { scheme: 'basic', name: 'ann', secret: 'a:b' }],
    [{ authorization: `BASIC ${base64('ünn:ß')}` }, { scheme: 'basic', name: 'ünn', secret: 'ß' }],
    [{ authorization: `Basic ${base64('ann')}` }, { scheme: 'unreadable', reason: 'Basic without a colon' }],
    [{ authorization: 'Basic a*b' }, { scheme: 'unreadable', reason: 'Basic without base64' }],
    [{ authorization: 'Digest x' }, { scheme: 'unreadable', reason: 'neither Bearer nor Basic' }],
    [{ 'x-api-key': 'k' }, { scheme: 'api-key', secret: 'k' }],
    [{ 'x-hub-access-key': 'k' }, { scheme: 'api-key', secret: 'k' }],
    [
      { authorization: 'Bearer a', 'x-api-key': 'k' },
      { scheme: 'bearer', secret: 'a' },
    ],
  ])('%o', (headers, expected) => {
    expect(credentialsOf(headers, socket)).toEqual(expected);
  });
});
