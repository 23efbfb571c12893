/** Routes for snapshots and the journal: what they answer, to whom, and how a broken answer shows. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, statement } from '../../../src/engine/index.ts';
import { readFrames, verifyJournalFile } from '../../../src/models/graph/index.ts';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const TOKENS = { read: newToken(), write: newToken(), admin: newToken() };

let server: TestServer;
let database: Database;
beforeAll(async () => {
  const roles = ['read', 'write', 'admin'] as const;
  server = await startTestServer({
    config: {
      credentials: parseCredentials(
        roles.map((role) => ({ name: role, role, secret: TOKENS[role].hash })),
        'test',
      ),
    },
  });
  database = await server.store.namespace(server.store.defaultNamespace);
  await ask('POST', '/v1/journal/enable');
  for (let i = 1; i <= 5; i++) {
    await ask('POST', '/v1/execute', 'admin', { query: `CREATE (:N {i: ${i}})` });
  }
});
afterAll(() => server.stop());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  readonly json: unknown;
}

function ask(
  method: string,
  path: string,
  role: keyof typeof TOKENS = 'admin',
  body: unknown = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKENS[role].token}`, 'content-type': 'application/json' };
    const sent = request(new URL(path, server.url), { method, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(pieces);
        const isJson = String(response.headers['content-type']).startsWith('application/json');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          trailers: response.trailers,
          bytes,
          json: isJson ? JSON.parse(bytes.toString()) : undefined,
        });
      });
    });
    sent.on('error', reject);
    sent.end(method === 'GET' ? undefined : JSON.stringify(body));
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('answers', () => {
  it('the state of the journal, also to readers', async () => {
    const { status, json } = await ask('GET', '/v1/journal', 'read');
    expect([status, json]).toMatchObject([
      200,
      { state: 'on', entries: 5, base: { sequence: 0 }, head: { sequence: 5 } },
    ]);
  });

  it('a dump, and its place in the journal', async () => {
    const { status, headers, trailers, bytes } = await ask('GET', '/v1/snapshot');
    expect([status, headers['content-type'], headers['x-facet-sequence'], trailers]).toEqual([
      200,
      'application/octet-stream',
      '5',
      {},
    ]);
    const kinds: string[] = [];
    for await (const { kind } of readFrames(once(bytes))) kinds.push(kind);
    expect(kinds.slice(0, 3)).toEqual(['M', 'G', 'N']);
  });

  it('entries, from one to another, with what they stand behind', async () => {
    const { headers, bytes } = await ask('GET', '/v1/journal/export?from=3&to=4');
    const hash = (name: string) => Buffer.from(String(headers[name]), 'hex');
    expect([headers['x-facet-after-sequence'], headers['x-facet-sequence']]).toEqual(['2', '4']);
    const verdict = await verifyJournalFile(once(bytes), {
      after: { sequence: 2, hash: hash('x-facet-after-hash') },
      ends: { sequence: 4, hash: hash('x-facet-chain-hash') },
    });
    expect(verdict).toMatchObject({ entries: 2 });
    expect(verdict.fault).toBeUndefined();
  });

  it('the walk of a verification, as lines', async () => {
    const { headers, bytes } = await ask('POST', '/v1/journal/verify');
    expect(headers['content-type']).toBe('application/x-ndjson');
    const lines = bytes
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ result: { sound: true, entries: 5, head: { sequence: 5 } } });
  });

  it('no snapshots where there is no folder, with what to do', async () => {
    expect((await ask('GET', '/v1/snapshots')).json).toEqual({ snapshots: [] });
    expect((await ask('POST', '/v1/snapshot')).json).toMatchObject({
      type: 'error',
      message: 'This store has no folder for snapshots',
    });
  });
});

describe('refusals', () => {
  it.each([
    ['GET', '/v1/snapshot'],
    ['POST', '/v1/snapshot'],
    ['GET', '/v1/snapshots'],
    ['POST', '/v1/journal/enable'],
    ['POST', '/v1/journal/disable'],
    ['POST', '/v1/journal/verify'],
    ['POST', '/v1/journal/prune'],
    ['GET', '/v1/journal/export'],
  ])('%s %s is for admins', async (method, path) => {
    const { status, json } = await ask(method, path, 'write');
    expect(status).toBe(403);
    expect(json).toMatchObject({ type: 'error', code: 'FORBIDDEN' });
  });

  it.each([
    ['/v1/journal/export?from=two', 'from is the number of an entry'],
    ['/v1/journal/export?from=1&from=2', 'from is the number of an entry'],
    ['/v1/journal/export?until=2', "There is no parameter 'until'; there are from, to, format"],
    ['/v1/journal/export?from=9', 'There are no entries from 9 to 5'],
  ])('%s', async (path, message) => {
    const { status, json } = await ask('GET', path);
    expect([status, json]).toMatchObject([400, { message }]);
  });

  it('input that is not known', async () => {
    const { status, json } = await ask('POST', '/v1/journal/prune', 'admin', { upTo: 3 });
    expect([status, json]).toMatchObject([400, { code: 'INVALID_PARAMETER' }]);
  });
});

it('an answer that was broken off says why in a trailer', async () => {
  for (const text of [
    'ALTER TABLE graph.journal_entry DISABLE TRIGGER journal_kept',
    'DELETE FROM graph.journal_entry WHERE sequence = 3',
  ]) {
    await database.run(statement('test.damage', text));
  }
  const { status, trailers } = await ask('GET', '/v1/journal/export');
  expect(status).toBe(200);
  const told = JSON.parse(decodeURIComponent(String(trailers['x-facet-error'])));
  expect(told).toMatchObject({ type: 'error', code: 'JOURNAL_DAMAGED' });
  const { bytes } = await ask('POST', '/v1/journal/verify');
  expect(bytes.toString()).toContain('"sound":false');
});
