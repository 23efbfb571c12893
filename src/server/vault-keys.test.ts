/** Key files: forms that are taken, and what is refused without repeating a secret. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FacetError } from '../base/index.ts';
import { loadVaultKeys } from './vault-keys.ts';

let folder: string;
const A = '0f'.repeat(32);
const B = Buffer.alloc(32, 7).toString('base64');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vault-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string, mode = 0o600): string {
  const path = join(folder, 'keys');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function refusal(path: string): FacetError {
  try {
    loadVaultKeys(path);
  } catch (error) {
    if (error instanceof FacetError) return error;
  }
  throw new Error('taken');
}

test('no file, no keys', () => {
  expect(loadVaultKeys(null)).toBeUndefined();
});

test('hexadecimal digits and base64, comments and empty lines, in their order', () => {
  const keys = loadVaultKeys(file(`# now\n${A}\n\n  ${B} # before\r\n`)) ?? [];
  expect(keys.map(({ key }) => key.export().toString('hex'))).toEqual([A, '07'.repeat(32)]);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(2);
  const [unpadded] = loadVaultKeys(file(B.replace('=', ''))) ?? [];
  expect(unpadded?.id).toBe(keys[1]?.id);
});

test.each([
  ['nothing', '# empty\n', 'has no key'],
  ['a short key', A.slice(2), 'line 1'],
  ['a long key', `${A}\n${A}00`, 'line 2'],
  ['a passphrase', 'open sesame', 'line 1'],
  ['a key twice', `${A}\n${A.toUpperCase()}`, 'twice'],
])('%s is refused', (_what, text, words) => {
  const { code, message, hint } = refusal(file(text));
  expect(code).toBe('CONFIG_INVALID');
  expect(message).toContain(words);
  expect(`${message} ${hint}`).not.toContain(text.split('\n')[0]?.slice(0, 11) || 'x');
});

test('what others can read or is not there is refused', () => {
  expect(refusal(file(A, 0o640)).message).toContain('others');
  expect(refusal(file(A, 0o602)).message).toContain('others');
  expect(refusal(join(folder, 'none')).message).toContain('does not exist');
  expect(refusal(folder).message).toMatch(/not a file|cannot be read|others/);
});
