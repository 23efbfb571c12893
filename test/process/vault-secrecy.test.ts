/** A value of the vault is nowhere but in the vault's answer: not in a log, not in PostgreSQL's files, not in a history. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { facet, startFacet } from '../support/facet-process.ts';

const TOKEN = 'a-token-of-thirty-two-characters!';
/** No escape, compression or cutting of lines makes it unrecognisable. */
const SECRET = 'zqxjkvbpyg';
const FORMS = [
  SECRET,
  Buffer.from(SECRET).toString('hex'),
  Buffer.from(SECRET).toString('base64').slice(0, 13),
];

/** Files below that have the value in some form. */
async function filesWith(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (FORMS.some((form) => bytes.includes(form))) found.push(join(entry.parentPath, entry.name));
  }
  return found;
}

test('set, rotated, read, mistyped and refused, it is in no log and in no file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'facet-vault-'));
  const keyFile = join(directory, 'vault.key');
  await writeFile(keyFile, `${'5a'.repeat(32)}\n`, { mode: 0o600 });
  const server = await startFacet([
    ...['--auth-token', TOKEN, '--vault-key-file', keyFile, '--store', `file://${directory}/data`],
    ...['--log-level', 'debug', '--log-format', 'json', '--slow-query-ms', '1'],
  ]);
  const home = join(directory, 'home');
  const run = (command: string) =>
    facet(['shell', '--mode', 'neumann', '--command', command], {
      environment: { FACET_URL: server.url, FACET_TOKEN: TOKEN, HOME: home },
    });
  try {
    expect((await run(`VAULT SET 'door' '${SECRET}'`)).code).toBe(0);
    expect((await run(`VAULT ROTATE 'door' '${SECRET}'`)).code).toBe(0);
    expect((await run("VAULT GET 'door'")).stdout).toContain(SECRET);
    // Refused by the reader, by the vault, and by a bound.
    expect((await run(`VAULT SET 'door' '${SECRET}' and more`)).code).toBe(1);
    expect((await run(`VAULT ROTATE 'window' '${SECRET}'`)).code).toBe(1);
    expect((await run(`VAULT SET 'door' '${SECRET.repeat(7_000)}'`)).code).toBe(1);
    // What is slow is told: of calls that need a disk this is one.
    await expect.poll(() => server.log(), { timeout: 10_000 }).toContain('vault.set');
    expect(server.log()).not.toContain(SECRET);
  } finally {
    await server.stop();
  }
  for (const form of FORMS) expect(server.log()).not.toContain(form);
  expect(await filesWith(directory)).toEqual([]);
  await rm(directory, { recursive: true, force: true });
}, 120_000);
