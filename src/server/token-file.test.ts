/** graphd's file of tokens. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadTokenFile, parseTokenFile } from './token-file.ts';

/** SHA-256 of `secret`. */
const HASH = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
const parse = (value: unknown): ReturnType<typeof parseTokenFile> =>
  parseTokenFile(JSON.stringify(value), '/etc/tokens.json');

describe('tokens', () => {
  it('are hashes with labels; the role is write', () => {
    const [found] = parse({ tokens: [{ hash: HASH, label: 'ci' }] });
    expect(found?.principal).toEqual({ name: 'ci', role: 'write', namespace: undefined });
    expect(found?.secret).toEqual({
      kind: 'sha256',
      digest: createHash('sha256').update('secret').digest(),
    });
  });

  it('may name a role and a namespace', () => {
    const [found] = parse({ tokens: [{ hash: HASH.toUpperCase(), role: 'admin', namespace: 'sales' }] });
    expect(found?.principal).toEqual({ name: 'token-2bb80d53', role: 'admin', namespace: 'sales' });
  });

  it('have a name that fits, whatever the label is', () => {
    const names = ['my laptop', '', ' ', 'Zoë & co', 'a'.repeat(100)].map(
      (label) => parse({ tokens: [{ hash: HASH, label }] })[0]?.principal.name,
    );
    expect(names).toEqual(['my-laptop', 'token-2bb80d53', 'token-2bb80d53', 'Zo-co', 'a'.repeat(64)]);
  });
});

describe('what is wrong with a file is said with the place', () => {
  const cases: readonly [unknown, string][] = [
    [{ tokens: [] }, 'has no token'],
    [{}, 'has no list of tokens'],
    [[], 'has no list of tokens'],
    [null, 'has no list of tokens'],
    [{ tokens: { hash: HASH } }, 'has no list of tokens'],
    [{ tokens: ['x'] }, 'has no object at tokens[0]'],
    [{ tokens: [{ hash: HASH }, { hash: 'secret' }] }, 'needs the SHA-256 of a token in tokens[1]'],
    [{ tokens: [{ label: 'x' }] }, 'needs the SHA-256 of a token in tokens[0]'],
    [{ tokens: [{ hash: HASH, label: 1 }] }, 'has a label in tokens[0] that is not text'],
    [{ tokens: [{ hash: HASH, role: 'root' }] }, 'needs a role in tokens[0]'],
    [{ tokens: [{ hash: HASH, namespace: 'No Such' }] }, 'has a namespace in tokens[0] that cannot exist'],
    [{ tokens: [{ hash: HASH, lable: 'x' }] }, "has the unknown field 'lable' in tokens[0]"],
  ];
  for (const [value, complaint] of cases) {
    it(complaint, () => {
      expect(() => parse(value)).toThrow(`token-file: /etc/tokens.json ${complaint}`);
    });
  }

  it('is not JSON, or not there', () => {
    expect(() => parseTokenFile('tokens:', 'x')).toThrow('token-file: x is not JSON');
    expect(() => loadTokenFile('/nowhere/tokens.json')).toThrow('does not exist');
  });
});
