/** `facet serve` in its own process: ready, refused a second time, stopped by signals, with traffic and without. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type FacetServer, facet, MAIN, startFacet } from '../support/facet-process.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(args: readonly string[]): Promise<FacetServer> {
  const server = await startFacet(args);
  cleanups.push(() => server.stop());
  return server;
}

function dataFolder(): { readonly folder: string; readonly store: string } {
  const folder = mkdtempSync(join(tmpdir(), 'facet-signals-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, store: pathToFileURL(join(folder, 'data')).href };
}

const post = (
  server: FacetServer,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function rows(server: FacetServer, sql: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await post(server, '/api/v1/query', { sql }, headers);
  const body = (await answer.json()) as { rows?: unknown; error?: unknown };
  if (answer.status !== 200) throw new Error(JSON.stringify(body));
  return body.rows;
}

async function startSlow(
  server: FacetServer,
  seconds: number,
): Promise<{ readonly answer: Promise<Response> }> {
  const answer = post(server, '/api/v1/query', { sql: `SELECT 'late', pg_sleep(${seconds})` });
  answer.catch(() => {});
  const active =
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%''late''%' AND pid <> pg_backend_pid()";
  await expect.poll(() => rows(server, active), { timeout: 10_000 }).toEqual([[1]]);
  return { answer };
}

/** The entries of the log, which is JSON when nobody watches. */
const entries = (server: FacetServer) =>
  server
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const postmasterPid = (server: FacetServer): number => {
  const facts = entries(server).find((entry) => entry.facts !== undefined)?.facts as {
    postmasterPid: number;
  };
  return facts.postmasterPid;
};

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('the log of a quiet run has four lines: starting, ready, stopping, stopped', async () => {
  const server = await started([]);
  server.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  const messages = entries(server).map((entry) => entry.message);
  expect(messages).toEqual([
    expect.stringMatching(/^facet \S+ starting on memory:\/\/test$/),
    expect.stringMatching(
      /^facet \S+ ready in \S+ s: REST http\S+ · OpenAPI http\S+ · gRPC 127\.0\.0\.1:\d+ · Bolt bolt:\/\/127\.0\.0\.1:\d+ · store memory:\/\/test \(PostgreSQL 18\.\d+\)$/,
    ),
    'stopping: received SIGTERM',
    expect.stringMatching(/^stopped in \S+ s$/),
  ]);
  expect(entries(server)[1]).toMatchObject({
    level: 'info',
    endpoints: [
      { name: 'REST', url: server.url },
      { name: 'OpenAPI', url: `${server.url}/openapi.json` },
      { name: 'gRPC', url: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
      { name: 'Bolt', url: expect.stringMatching(/^bolt:\/\/127\.0\.0\.1:\d+$/) },
    ],
    facts: { pid: server.pid },
  });
});

test.each([
  'SIGTERM',
  'SIGINT',
] as const)('%s with traffic: what is under way finishes, the rest is undone', async (signal) => {
  const { store } = dataFolder();
  const server = await started(['--store', store]);
  const pid = postmasterPid(server);
  expect(isRunning(pid)).toBe(true);

  await rows(server, 'CREATE TABLE t (a int)');
  await rows(server, 'INSERT INTO t VALUES (1)');
  const begun = (await (await post(server, '/api/v1/transactions', {})).json()) as { txn_id: string };
  await rows(server, 'INSERT INTO t VALUES (2)', { 'x-thunder-txn-id': begun.txn_id });
  const slow = await startSlow(server, 1.5);

  server.kill(signal);
  await expect.poll(() => server.log()).toContain(`stopping: received ${signal}`);
  const refused = await post(server, '/api/v1/query', { sql: 'SELECT 1' });
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
  expect(((await refused.json()) as { error: { code: string } }).error.code).toBe('UNAVAILABLE');
  expect((await fetch(`${server.url}/admin/ready`)).status).toBe(503);

  const answer = await slow.answer;
  expect([answer.status, ((await answer.json()) as { rows: unknown[][] }).rows[0]?.[0]]).toEqual([
    200,
    'late',
  ]);
  expect(await server.exited).toBe(0);
  expect(isRunning(pid)).toBe(false);
  expect(entries(server).filter((entry) => entry.level === 'error')).toEqual([]);

  const again = await started(['--store', store]);
  expect(await rows(again, 'SELECT a FROM t')).toEqual([[1]]);
});

test('after the time to drain, what is under way is cancelled', async () => {
  const server = await started(['--drain-ms', '200ms']);
  const pid = postmasterPid(server);
  const slow = await startSlow(server, 60);
  server.kill('SIGTERM');
  const answer = await slow.answer;
  expect(((await answer.json()) as { error: { code: string } }).error.code).toBe('QUERY_CANCELLED');
  expect(await server.exited).toBe(0);
  expect(isRunning(pid)).toBe(false);
});

test('a second signal does not wait for requests', async () => {
  const server = await started(['--drain-ms', '60s']);
  const pid = postmasterPid(server);
  await startSlow(server, 60);
  server.kill('SIGTERM');
  await expect.poll(() => server.log()).toContain('stopping');
  // Two signals within a moment count as one, since a terminal and npm may both deliver a Ctrl-C.
  await new Promise((resolve) => setTimeout(resolve, 400));
  server.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  expect(isRunning(pid)).toBe(false);
});

test('a signal while it starts stops it as soon as it is up', async () => {
  const { folder, store } = dataFolder();
  const child = spawn(
    process.execPath,
    [
      MAIN,
      'serve',
      '--store',
      store,
      '--listen',
      '127.0.0.1:0',
      '--grpc-listen',
      'off',
      '--bolt-listen',
      'off',
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let log = '';
  child.stdout.on('data', (piece: Buffer) => {
    if (log === '') child.kill('SIGTERM');
    log += piece.toString('utf8');
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(log).toMatch(/ starting on .*\n.* ready in .*\n.*stopping: received SIGTERM.*\n.*stopped in /);
  expect(code).toBe(0);
});

describe('a second server', () => {
  test('on the same folder is refused, and told who owns it', async () => {
    const { store } = dataFolder();
    const server = await started(['--store', store]);
    const second = await facet([
      'serve',
      '--store',
      store,
      '--listen',
      '127.0.0.1:0',
      '--grpc-listen',
      'off',
    ]);
    expect(second.stderr).toMatch(/^error STORE_LOCKED: /);
    expect(second.stderr).toContain(String(server.pid));
    expect(second.stderr).toMatch(/\nhint: /);
    expect(second.code).toBe(75);
    expect(await rows(server, 'SELECT 1')).toEqual([[1]]);
  });
});
