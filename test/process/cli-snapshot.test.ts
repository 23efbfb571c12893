/** `facet snapshot`, `facet journal` and `facet restore`, as somebody uses them who looks after a server. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FacetServer, facet, startFacet } from '../support/facet-process.ts';

let folder: string;
let server: FacetServer;
/** Snapshot at entry 2, journal up to entry 5. */
let snapshot: string;
let journal: string;
let journalHash: string;
let listing: string;

const at = (name: string): string => join(folder, name);
const storeAt = (name: string): string => pathToFileURL(at(name)).href;

/** A command against the server; fails the test when it fails. */
async function told(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await facet(args, { environment: { FACET_URL: server.url } });
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return { stdout, stderr };
}

async function refused(args: readonly string[], code: number, words: string | RegExp): Promise<void> {
  const done = await facet(args, { environment: { FACET_URL: server.url } });
  expect(done.stderr + done.stdout).toMatch(words);
  expect(done.code).toBe(code);
}

const write = (query: string) => told('cypher', query);
const NAMES = 'MATCH (p:Person) RETURN p.name AS name ORDER BY name';

/** What a store has, asked of a server on it. */
async function namesIn(name: string): Promise<string> {
  const other = await startFacet(['--store', storeAt(name), '--bolt-listen', 'off']);
  try {
    const { stdout } = await facet(['cypher', '--format', 'csv', NAMES], {
      environment: { FACET_URL: other.url },
    });
    return stdout;
  } finally {
    await other.stop();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
  server = await startFacet(['--store', storeAt('live'), '--bolt-listen', 'off']);
  [snapshot, journal] = [at('two.snapshot'), at('rest.wal')];
  await told('journal', 'enable');
  await write('CREATE INDEX person_name FOR (p:Person) ON (p.name)');
  await write("CREATE (:Person {name: 'Ann'})");
  await told('snapshot', '-o', snapshot);
  await write("CREATE (:Person {name: 'Bob'})");
  await write("CREATE (:Person {name: 'Cleo'})");
  await write("MATCH (p:Person {name: 'Ann'}) SET p.name = 'Anne'");
  const { stderr } = await told('journal', 'export', '-o', journal, '--from', '3');
  journalHash = /chain hash ([0-9a-f]{64})/.exec(stderr)?.[1] ?? '';
  ({ stdout: listing } = await told('cypher', '--format', 'csv', NAMES));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('journal', () => {
  test('status', async () => {
    const { stdout } = await told('journal', 'status');
    expect(stdout).toMatch(/^state {8}on$/m);
    expect(stdout).toMatch(/^entries {6}5 \(1 to 5\)$/m);
    expect(stdout).toMatch(new RegExp(`^chain hash {3}${journalHash}$`, 'm'));
  });

  test('verify, of the server and of a file', async () => {
    const { stdout } = await told('journal', 'verify');
    expect(stdout).toBe(`5 entries are right; the last of them is 5, chain hash ${journalHash}\n`);
    const file = await told('journal', 'verify', '--file', journal, '--chain-hash', journalHash);
    expect(file.stdout).toBe(`3 entries are right; the last of them is 5, chain hash ${journalHash}\n`);
  });

  test('a byte that was changed is found, and told with its place', async () => {
    const bytes = await readFile(journal);
    bytes[300] = (bytes[300] ?? 0) ^ 0x10;
    await writeFile(at('changed.wal'), bytes);
    await refused(
      ['journal', 'verify', '--file', at('changed.wal')],
      1,
      /^Entry \d is not what was written \(byte 300 of the file is 0x[0-9a-f]{2} and was 0x[0-9a-f]{2}\)/m,
    );
    await refused(
      ['journal', 'verify', '--file', journal, '--chain-hash', '0'.repeat(64)],
      1,
      `and should end with ${'0'.repeat(64)}`,
    );
  });

  test('export, sealed and delimited', async () => {
    const key = at('key');
    await writeFile(key, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    const sealed = at('sealed.wal');
    await told('journal', 'export', '-o', sealed, '--compress', 'gzip', '--encryption-key-file', key);
    expect((await readFile(sealed)).includes('Cleo')).toBe(false);
    const { stdout } = await told('journal', 'verify', '--file', sealed, '--encryption-key-file', key);
    expect(stdout).toContain(journalHash);
    await refused(['journal', 'verify', '--file', sealed], 1, 'FILE_KEY_MISSING');

    const delimited = at('delimited.pb');
    await told('journal', 'export', '-o', delimited, '--format', 'delimited');
    expect((await told('journal', 'verify', '--file', delimited)).stdout).toContain(journalHash);
    expect((await readFile(delimited)).length).toBeLessThan((await stat(journal)).size * 2);
    expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('.part'));
  });

  test('what is mistyped', async () => {
    await refused(
      ['journal', 'export', '-o', at('x'), '--from', '99'],
      1,
      'There are no entries from 99 to 5',
    );
    await refused(['journal', 'export', '-o', at('no/such/folder')], 69, 'STORE_UNUSABLE');
    await refused(['journal', 'export', '-o', at('x'), '--from', 'two'], 1, 'The number of an entry');
    await refused(['journal', 'verify', '--file', at('nothing')], 69, 'ENOENT');
    await refused(['journal', 'verify', '--chain-hash', '0'.repeat(64)], 1, 'are for --file');
    await refused(['journal', 'prune', '--older-than', 'long'], 1, 'A time such as 30d');
    await refused(['journal', 'prune', '--to', '99'], 1, 'JOURNAL_NOT_KEPT');
    await refused(['journal', 'verify', '--url', 'http://127.0.0.1:1'], 2, 'no server at');
    expect(await readdir(folder)).not.toContain('x');
  });
});

describe('restore', () => {
  test('to the end, with the hash that was recorded', async () => {
    const args = ['restore', '--snapshot', snapshot, '--journal', journal, '--store', storeAt('end')];
    const { stdout } = await told(...args, '--chain-hash', journalHash);
    expect(stdout).toMatch(/^snapshot {5}1 nodes, 0 relationships, 1 indexes and constraints, of /m);
    expect(stdout).toMatch(/^journal {6}3 entries replayed, the last of /m);
    expect(stdout).toContain(`chain hash   ${journalHash}, as recorded\n`);
    expect(await namesIn('end')).toBe(listing);
    // What is there is left as it is.
    await refused(args, 1, 'GRAPH_NOT_EMPTY');
  });

  test('to an entry, from the snapshot alone, and from the whole journal', async () => {
    const snap = ['restore', '--snapshot', snapshot];
    await told(...snap, '--journal', journal, '--to-sequence', '4', '--store', storeAt('four'));
    expect(await namesIn('four')).toBe('name\r\nAnn\r\nBob\r\nCleo\r\n');
    await told(...snap, '--store', storeAt('two'));
    expect(await namesIn('two')).toBe('name\r\nAnn\r\n');
    const whole = at('whole.wal');
    await told('journal', 'export', '-o', whole);
    await told('journal', 'import', whole, '--store', storeAt('whole'), '--to-sequence', '3');
    expect(await namesIn('whole')).toBe('name\r\nAnn\r\nBob\r\n');
    await told('journal', 'import', whole, '--store', storeAt('whole'));
    expect(await namesIn('whole')).toBe(listing);
  });

  test('what does not fit is refused before anything is there', async () => {
    const store = ['--store', storeAt('none')];
    const gap = at('gap.wal');
    await told('journal', 'export', '-o', gap, '--from', '5');
    await refused(
      ['restore', '--snapshot', snapshot, '--journal', gap, ...store],
      1,
      'entries 3 to 4 are missing',
    );
    const both = ['restore', '--snapshot', snapshot, '--journal', journal, ...store];
    await refused([...both, '--to-sequence', '6'], 1, 'The journal ends with entry 5');
    await refused([...both, '--to-sequence', '1'], 1, 'Entry 1 is before the snapshot');
    await refused([...both, '--to-time', '2100-01-01T00:00:00Z'], 1, 'The last entry of the journal');
    await refused(
      [...both, '--to-time', '2001-01-01T00:00:00Z'],
      1,
      'is before the last entry in the snapshot',
    );
    await refused([...both, '--to-time', 'noon'], 1, 'A date-time with its offset');
    await refused([...both, '--chain-hash', '1'.repeat(64)], 1, 'is expected');
    await refused(
      [...both, '--to-sequence', '4', '--to-time', '2100-01-01T00:00:00Z'],
      78,
      'exclude each other',
    );
    await refused(['restore', ...store], 78, 'Name a snapshot');
    await refused(['restore', '--snapshot', snapshot, '--to-sequence', '4', ...store], 78, 'need a journal');
    await refused(['restore', '--snapshot', at('no.snapshot'), ...store], 69, 'ENOENT');
    await refused(['restore', '--snapshot', journal, ...store], 1, 'This is not a dump of a graph');
    await refused(
      ['restore', '--snapshot', snapshot, '--journal', snapshot, ...store],
      1,
      'This is a sealed snapshot',
    );
    const cut = at('cut.snapshot');
    await writeFile(cut, (await readFile(snapshot)).subarray(0, -20));
    await refused(['restore', '--snapshot', cut, ...store], 1, 'FILE_DAMAGED');
    expect(await namesIn('none')).toBe('name\r\n');
  });

  test('a store that is served is not touched', async () => {
    await refused(['restore', '--snapshot', snapshot, '--store', storeAt('live')], 75, 'STORE_LOCKED');
  });

  test('into a namespace of its own', async () => {
    const { stdout } = await told(
      'restore',
      '--snapshot',
      snapshot,
      '--store',
      storeAt('spaces'),
      '--namespace',
      'rebuilt',
    );
    expect(stdout).toMatch(/^namespace {4}rebuilt, at entry 2$/m);
  });
});

describe('snapshot', () => {
  test('in the folder of the server', async () => {
    const { stdout } = await told('snapshot');
    const path = stdout.trim();
    expect(path.startsWith(join(folder, 'live', 'snapshots'))).toBe(true);
    expect((await told('snapshot', '--list')).stdout).toContain(path);
    await told('restore', '--snapshot', path, '--store', storeAt('kept'));
    expect(await namesIn('kept')).toBe(listing);
    // What it has may go from the journal, which keeps its last entry.
    const pruned = await told('journal', 'prune');
    expect(pruned.stderr).toBe('4 entries removed\n');
    expect(pruned.stdout).toMatch(/^entries {6}1 \(5 to 5\)$/m);
    expect((await told('journal', 'verify')).stdout).toContain(
      `1 entry is right; it is 5, chain hash ${journalHash}\n`,
    );
  });

  test('encrypted', async () => {
    const key = at('snapshot.key');
    await writeFile(key, `${'cd'.repeat(32)}\n`, { mode: 0o600 });
    const path = at('secret.snapshot');
    await told('snapshot', '-o', path, '--encryption-key-file', key, '--compress', 'none');
    expect((await readFile(path)).includes('Cleo')).toBe(false);
    await refused(['restore', '--snapshot', path, '--store', storeAt('secret')], 1, 'FILE_KEY_MISSING');
    await told('restore', '--snapshot', path, '--encryption-key-file', key, '--store', storeAt('secret'));
    expect(await namesIn('secret')).toBe(listing);
    await writeFile(at('open.key'), 'cd'.repeat(32), { mode: 0o644 });
    await refused(
      ['snapshot', '-o', path, '--encryption-key-file', at('open.key')],
      78,
      /encryption-key-file: .*open\.key can be read or written by others/,
    );
  });

  test('what is mistyped', async () => {
    await refused(
      ['snapshot', '-o', at('y'), '--compress', 'rar'],
      1,
      'Allowed choices are none, gzip, zstd',
    );
    await refused(['snapshot', '--compress', 'gzip'], 1, 'name a file with --output');
    await refused(['snapshot', '-o', at('no/folder')], 69, 'STORE_UNUSABLE');
    await refused(['snapshot', '-o', at('y'), '--url', 'http://127.0.0.1:1'], 2, 'no server at');
    if (Number(process.versions.node.split('.')[0]) < 22) {
      await refused(['snapshot', '-o', at('y'), '--compress', 'zstd'], 1, 'has no zstd');
    }
    expect(await readdir(folder)).not.toContain('y');
  });
});
