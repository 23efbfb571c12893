/** What the pages of docs/concepts about keys, queues, streams and topics show can be run as it stands there. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type FacetServer, facet, ROOT, runProgram, startFacet } from '../support/facet-process.ts';

/** The pages have the address of a default installation. */
const ADDRESS = '127.0.0.1:8088';
const PATIENCE_MS = 10_000;

let server: FacetServer;
beforeAll(async () => {
  server = await startFacet();
});
afterAll(async () => {
  await server?.stop();
});

/** The blocks of a language on a page, with the address of the test's server. */
async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'docs', 'concepts', `${page}.md`), 'utf8');
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...blocks].map((match) => (match[1] ?? '').replaceAll(ADDRESS, new URL(server.url).host));
}

const SHOWN: readonly (readonly [string, RegExp])[] = [
  [
    'kv',
    /"found":true,"value":\{"name":"Zürich"\},"ttl":3\d{3}[\s\S]*"value":9007199254740993[\s\S]*"keys":\["airport:ZRH"\]/,
  ],
  [
    'queues',
    /"created":true[\s\S]*"position":1[\s\S]*"action":"requeued"[\s\S]*"action":"dead_lettered"[\s\S]*"reason":"max_retries"[\s\S]*"redriven":1/,
  ],
  ['streams', /"offset":0,[\s\S]*"data":\{"ship":"Alma"\}[\s\S]*"oldest_offset":0/],
  ['pubsub', /"subscribers_notified":0/],
  ['changes', /"name":"large_orders"[\s\S]*"delivery":"websocket","endpoint":null,"status":"active"/],
  [
    'vectors',
    /"build_time_ms":\d+[\s\S]*"results":\[\{"id":1,"topic":"sea","distance":0\.00[\s\S]*"status":"ready"/,
  ],
];

test.each(SHOWN)('the commands of %s', async (page, expected) => {
  const [block = '', ...others] = await blocksOf(page, 'sh');
  expect(others).toEqual([]);
  const { code, stdout } = await runProgram('sh', ['-eu', '-c', block]);
  expect(code).toBe(0);
  expect(stdout).toMatch(expected);
  expect(stdout).not.toContain('"status":"error"');
});

test.each([
  ['kv', 'Zürich'],
  ['queues', 'mail'],
])('the SQL of %s sees what the commands wrote', async (page, expected) => {
  const statements = (await blocksOf(page, 'sql')).flatMap((block) => block.split(/;\n/));
  const queries = statements.filter((statement) => statement.startsWith('SELECT'));
  expect(queries.length).toBeGreaterThan(0);
  const answers: string[] = [];
  for (const query of queries) {
    const answer = await facet(['query', query], { environment: { FACET_URL: server.url } });
    expect([answer.code, query]).toEqual([0, query]);
    answers.push(answer.stdout);
  }
  expect(answers.join('\n')).toContain(expected);
});

test('the SQL of streams is a statement', async () => {
  for (const query of await blocksOf('streams', 'sql')) {
    const answer = await facet(['query', query], { environment: { FACET_URL: server.url } });
    expect([answer.code, query]).toEqual([0, query]);
  }
});

test('the program of streams follows the room', async () => {
  const [program = ''] = await blocksOf('streams', 'js');
  const directory = await mkdtemp(join(tmpdir(), 'facet-docs-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const leave = `\nsocket.on('message', (text) => JSON.parse(text).type === 'event' && process.exit(0));\n`;
    await writeFile(join(directory, 'follow.mjs'), program + leave);
    const { code, stdout } = await runProgram(process.execPath, ['follow.mjs'], { directory });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/"offset":0,.*"data":\{"ship":"Alma"\}/)]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('the subscription of pubsub gets what is published', async () => {
  const [subscription = ''] = await blocksOf('pubsub', 'json');
  const [publish = ''] = await blocksOf('pubsub', 'sh');
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/ws`);
  try {
    const received = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('No message came')), PATIENCE_MS);
      socket.on('error', reject);
      socket.on('open', () => socket.send(subscription));
      socket.on('message', (bytes: Buffer) => {
        const text = bytes.toString();
        if (text.includes('"subscribed":true')) {
          runProgram('sh', ['-eu', '-c', publish]).catch(reject);
        } else {
          clearTimeout(timer);
          resolve(text);
        }
      });
    });
    expect(await received).toMatch(/"topic":"orders\.eu\.created".*"message":\{"order":7\}/);
  } finally {
    socket.terminate();
  }
});
