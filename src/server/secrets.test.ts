/** Hashes of secrets: made, read, checked, and refused when malformed or too costly. */
import { expect, test } from 'vitest';
import { hashPassword, newToken, parseSecretHash, sha256, verifyPassword } from './secrets.ts';

test('a token and its hash belong together', () => {
  const { token, hash } = newToken();
  expect(token).toMatch(/^facet_[A-Za-z0-9_-]{43}$/);
  expect(parseSecretHash(hash, 'x')).toEqual({ kind: 'sha256', digest: sha256(token) });
  expect(newToken().token).not.toBe(token);
});

test('a password is found right, and another one is not', async () => {
  const text = await hashPassword('grüner Tee');
  expect(text).toMatch(/^scrypt:32768:8:3:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/);
  const hash = parseSecretHash(text, 'x');
  if (hash.kind !== 'scrypt') throw new Error('not scrypt');
  expect(await verifyPassword('grüner Tee', hash)).toBe(true);
  expect(await verifyPassword('gruener Tee', hash)).toBe(false);
  expect(await hashPassword('grüner Tee')).not.toBe(text);
});

/** RFC 7914 section 12, the third test vector. */
test('scrypt is the scrypt of the RFC', async () => {
  const digest = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
      'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    'hex',
  ).toString('base64');
  const salt = Buffer.from('SodiumChloride').toString('base64');
  const hash = parseSecretHash(`scrypt:16384:8:1:${salt}:${digest}`, 'x');
  if (hash.kind !== 'scrypt') throw new Error('not scrypt');
  expect(await verifyPassword('pleaseletmein', hash)).toBe(true);
});

const SALT = Buffer.alloc(16).toString('base64');
test.each([
  ['hunter2', 'is not a hash'],
  ['sha256:abc', 'is not a hash'],
  [`sha256:${'g'.repeat(64)}`, 'is not a hash'],
  [`scrypt:1000:8:1:${SALT}:${SALT}`, 'out of bounds'],
  [`scrypt:1048576:8:1:${SALT}:${SALT}`, 'out of bounds'],
  [`scrypt:16384:0:1:${SALT}:${SALT}`, 'out of bounds'],
  [`scrypt:16384:8:99:${SALT}:${SALT}`, 'out of bounds'],
  [`scrypt:16384:8:1:${SALT}:AAAA`, 'out of bounds'],
])('%s is refused without being repeated', (text, message) => {
  expect(() => parseSecretHash(text, 'the secret')).toThrow(message);
  expect(() => parseSecretHash(text, 'the secret')).not.toThrow(text);
});
