/** `facet doctor`, `facet version` and the help, as a user sees them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { facet, ROOT, startFacet } from '../support/facet-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('a new folder is fine', async () => {
  const { code, stdout } = await facet(['doctor'], {
    directory: folder,
    environment: { FACET_LISTEN: '127.0.0.1:0' },
  });
  expect(stdout).toMatch(/^ok {7}Node\.js: /m);
  expect(stdout).toMatch(/^ok {7}binaries: PostgreSQL 18/m);
  expect(stdout).toMatch(/^info {5}data directory: .*facet-data does not exist/m);
  expect(stdout).toMatch(/^0 errors, \d+ warnings?$/m);
  expect(code).toBe(0);
});

test('a running server is seen, its store too', async () => {
  const store = pathToFileURL(join(folder, 'store')).href;
  const server = await startFacet(['--store', store]);
  const environment = { FACET_LISTEN: new URL(server.url).host };
  const { code, stdout } = await facet(['doctor', '--store', store], { environment });
  await server.stop();
  expect(stdout).toMatch(/^info {5}HTTP port: A server answers at .*: Facet runs already$/m);
  expect(stdout).toContain(`owner: In use by process ${server.pid}`);
  expect(code).toBe(0);
});

test.each([
  ['s3://bucket/store', /^ERROR {4}store URI: .*s3/m],
  ['nonsense', /^ERROR {4}store URI: /m],
])('the store %s is an error, with what to do', async (store, words) => {
  const { code, stdout } = await facet(['doctor', '--store', store], { directory: folder });
  expect(stdout).toMatch(words);
  expect(stdout).toMatch(/^ +-> .*\n1 error, 0 warnings$/m);
  expect(code).toBe(1);
});

test.each([
  ['a folder of somebody else', 'other', /is not a data directory of Facet: It holds "stranger"/],
  ['a file', 'other/stranger', /cannot be read: ENOTDIR/],
])('%s is an error for doctor as for serve', async (_name, path, words) => {
  await mkdir(join(folder, 'other'), { recursive: true });
  await writeFile(join(folder, 'other', 'stranger'), '');
  const store = pathToFileURL(join(folder, path)).href;
  const { code, stdout } = await facet(['doctor', '--store', store], { directory: folder });
  expect(stdout).toMatch(words);
  expect(code).toBe(1);
  const serve = await facet(['serve', '--store', store], { directory: folder });
  expect(serve.code).toBe(69);
});

// Other systems have no folder in which even root makes none.
test.runIf(process.platform === 'linux')('a folder that nobody can make is an error', async () => {
  const { code, stderr } = await facet(['serve', '--store', 'file:///proc/nowhere/data'], {
    directory: folder,
  });
  expect(code).toBe(69);
  expect(stderr).toContain('STORE_UNUSABLE');
});

test('wrong options are an error', async () => {
  const environment = { FACET_LISTN: 'x' };
  const { code, stdout } = await facet(['doctor'], { directory: folder, environment });
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^ERROR {4}options: .*FACET_LISTN/m)]);
});

test('the version is that of package.json', async () => {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect((await facet(['version'])).stdout).toMatch(
    new RegExp(`^facet ${manifest.version} \\(Node\\.js \\d+`),
  );
  expect(JSON.parse((await facet(['version', '--json'])).stdout)).toEqual({
    facet: manifest.version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  });
});

test('the help names every command and option', async () => {
  const { code, stdout } = await facet(['--help']);
  expect(code).toBe(0);
  for (const command of ['serve', 'query', 'demo', 'doctor', 'version']) {
    expect(stdout).toMatch(new RegExp(`^ +${command} `, 'm'));
  }
  const help = await facet(['query', '--help']);
  for (const option of ['--url', '--token', '--format', '--param', '--timeout', '--file']) {
    expect(help.stdout).toContain(option);
  }
});
