/** Tokens of graphd's file: made by `facet token create`, taken by the server. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { facet, startFacet } from '../support/facet-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const parts = (stdout: string): { token: string; hash: string } => ({
  token: /^Token: {2}(\S+)$/m.exec(stdout)?.[1] ?? '',
  hash: /^Hash: {3}(\S+)$/m.exec(stdout)?.[1] ?? '',
});

test('a token and its hash', async () => {
  const { code, stdout, stderr } = await facet(['token', 'create', '--label', 'ci']);
  const { token, hash } = parts(stdout);
  expect(code).toBe(0);
  expect(token).toMatch(/^facet_[\w-]{32,}$/);
  expect(hash).toBe(createHash('sha256').update(token).digest('hex'));
  expect(stderr).toBe(`For the file of tokens: {"tokens": [{"hash":"${hash}","label":"ci"}]}\n`);
});

test('a file of tokens lets their bearers in, with the role of each', async () => {
  const file = join(folder, 'tokens.json');
  const make = async (...args: readonly string[]): Promise<string> =>
    parts((await facet(['token', 'create', '--file', file, ...args])).stdout).token;
  const writer = await make('--label', 'writer');
  const reader = await make('--label', 'reader', '--role', 'read');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, 'utf8');
  expect(JSON.parse(text).tokens.map(({ label }: { label: string }) => label)).toEqual(['writer', 'reader']);
  expect(text).not.toContain(writer);

  const server = await startFacet(['--token-file', file, '--bolt-listen', 'off']);
  try {
    const ask = (token: string | undefined, query: string) =>
      facet(['cypher', query, ...(token === undefined ? [] : ['--token', token])], {
        environment: { FACET_URL: server.url },
      });
    expect((await ask(writer, 'CREATE (:N)')).code).toBe(0);
    expect((await ask(reader, 'MATCH (n) RETURN count(n)')).code).toBe(0);
    expect((await ask(reader, 'CREATE (:N)')).stderr).toContain('needs role write');
    expect((await ask('facet_wrong', 'RETURN 1')).stderr).toContain('UNAUTHORIZED');
    expect((await ask(undefined, 'RETURN 1')).stderr).toContain('UNAUTHORIZED');
    // A dump of everything is for admins.
    const dump = await facet(['snapshot', '-o', join(folder, 'x'), '--token', writer], {
      environment: { FACET_URL: server.url },
    });
    expect([dump.code, dump.stderr]).toEqual([1, expect.stringContaining('FORBIDDEN')]);
  } finally {
    await server.stop();
  }
});

test.each([
  ['an empty list, which would let nobody in or everybody', '{"tokens": []}', /has no token/],
  ['a token in the clear', '{"tokens": [{"hash": "secret"}]}', /needs the SHA-256 of a token in tokens\[0\]/],
  ['no JSON', 'tokens', /is not JSON/],
])('%s is an error at the start', async (_name, text, words) => {
  const file = join(folder, 'wrong.json');
  await writeFile(file, text);
  const { code, stderr } = await facet(['serve', '--token-file', file, '--store', 'memory://x']);
  expect(stderr).toMatch(words);
  expect(code).toBe(78);
});

test('what no server would take is not made', async () => {
  const file = join(folder, 'taken.json');
  const text = '{"tokens": []}';
  await writeFile(file, text, { mode: 0o640 });
  const wrong = await facet(['token', 'create', '--file', file, '--namespace', 'Bad Name']);
  expect([wrong.code, wrong.stdout]).toEqual([78, '']);
  expect(wrong.stderr).toContain('has a namespace in tokens[0] that cannot exist');
  expect(await readFile(file, 'utf8')).toBe(text);
  // Whoever could read the file still can.
  expect((await facet(['token', 'create', '--file', file, '--namespace', 'sales'])).code).toBe(0);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
});

test('a file that is something else stays as it is', async () => {
  const file = join(folder, 'other.json');
  await writeFile(file, '{"mine": true}');
  const { code, stderr } = await facet(['token', 'create', '--file', file]);
  expect(stderr).toContain('has no list of tokens');
  expect(code).toBe(78);
  expect(await readFile(file, 'utf8')).toBe('{"mine": true}');
});
