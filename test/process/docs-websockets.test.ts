/** The programs of docs/guides/websockets.md run as they stand there, and print what the page shows. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FacetServer, ROOT, runProgram, startFacet } from '../support/facet-process.ts';

let server: FacetServer;
beforeAll(async () => {
  server = await startFacet();
});
afterAll(async () => {
  await server?.stop();
});

/** Ends the program at the last message that the page shows. */
const leaveAt = (condition: string): string =>
  `\nsocket.on('message', (text) => { if (${condition}) setTimeout(() => process.exit(0), 50); });\n`;

async function runExample(at: number, more: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs', 'guides', 'websockets.md'), 'utf8');
  const programs = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  const program = (programs[at] ?? '').replaceAll('127.0.0.1:8088', new URL(server.url).host);
  expect(program).not.toBe('');
  const directory = await mkdtemp(join(tmpdir(), 'facet-docs-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    await writeFile(join(directory, 'example.mjs'), program + more);
    const { code, stdout } = await runProgram(process.execPath, ['example.mjs'], { directory });
    expect([code, stdout]).toEqual([0, expect.any(String)]);
    return stdout;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test('the query', async () => {
  const lines = (await runExample(0, leaveAt("JSON.parse(text).type === 'complete'"))).trim().split('\n');
  expect(lines.slice(0, -1)).toEqual([
    '{"type":"metadata","id":"q1","columns":["g","n"],"column_types":["Int32","Int64"]}',
    '{"type":"row","id":"q1","data":[1,7]}',
    '{"type":"row","id":"q1","data":[2,14]}',
    '{"type":"row","id":"q1","data":[3,21]}',
  ]);
  expect(lines.at(-1)).toMatch(/^\{"type":"complete","id":"q1","row_count":3,"execution_time_ms":[\d.]+\}$/);
});

test('the changes of a table', async () => {
  const lines = (await runExample(1, leaveAt("JSON.parse(text).operation === 'update'"))).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { type: 'subscribed', id: 'heavy', table: 'parcels', events: ['insert', 'update'] },
    { operation: 'insert', row: { id: 2, place: 'Bern', weight: 12.5 }, sequence: 1 },
    {
      operation: 'update',
      old_row: { id: 2, place: 'Bern' },
      new_row: { id: 2, place: 'Chur' },
      sequence: 1,
    },
  ]);
});

test('the replication', async () => {
  const write = `
    const ask = (sql) => fetch('${server.url}/api/v1/query', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sql }),
    });
    await ask('CREATE TABLE replicated (n int)');
    socket.once('message', () => ask('INSERT INTO replicated VALUES (1)'));
  `;
  const lines = await runExample(2, write + leaveAt("JSON.parse(text).type === 'commit'"));
  const types = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).type);
  expect(types.filter((type) => type !== 'keepalive')).toEqual(['begin', 'insert', 'commit']);
});
