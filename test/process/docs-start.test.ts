/** The commands of docs/start.md do what the page says: each block marked to be run is run, in order, as written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FacetServer, ROOT, runProgram, startFacet } from '../support/facet-process.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'start.md'), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^<!-- run -->\n```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
/** The page has the address of a default installation. */
const ADDRESS = 'http://127.0.0.1:8088';

let server: FacetServer;
beforeAll(async () => {
  server = await startFacet();
});
afterAll(async () => {
  await server?.stop();
});

/** Runs a block with the address of the test's server; the commands of Facet find it by their variable. */
async function runBlock(block: string): Promise<string> {
  const environment = { FACET_URL: server.url };
  const { code, stdout, stderr } = await runProgram(
    'sh',
    ['-eu', '-c', block.replaceAll(ADDRESS, server.url)],
    {
      environment,
    },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/^error/m) });
  expect(stdout).not.toMatch(/"error":(?!null)/);
  return stdout;
}

/** Something of the answer to each block, in the order of the page. */
const EXPECTED: readonly RegExp[] = [
  /"columns":\["two","time"\],"column_types":\["Int32","TimestampTz"\],"rows":\[\[2,"/,
  /^ two \| time/,
  /routes: 66,315 rows of 67,663 records, 1,348 skipped/,
  /KEF {2}\| Keflavik International Airport[\s\S]*\{"count":66315\}\nid,name,callsign\r\n/,
  / name\n-+\n(?: .+\n){5}/,
  /"Frankfurt am Main Airport",50\.0333/,
  /"created":true[\s\S]*"rows_affected":2[\s\S]*"Decimal\(12,2\)"/,
  /"status":"committed"[\s\S]*"rows_affected":2[\s\S]*Ada +\| +74\.50\n Alan +\| +45\.50/,
  /"success":true,[\s\S]*"found":true,"value":\{"user":"Ada"\},"ttl":3\d{3}[\s\S]*"value":1/,
  /"position":1[\s\S]*"success":true/,
  /"offset":0,[\s\S]*"data":\{"order":7\}/,
  /"batch_response"[\s\S]*"offset":1,[\s\S]*"status":"committed"[\s\S]* letters \| \{"to": ?"Ada", ?"about": ?"balance"\} +\| +1$/m,
  /"plan":"[\s\S]*actual[\s\S]*"execution_time_ms"/,
  /"status":"healthy"[\s\S]*"ready":true[\s\S]*thunderdb_queries_total\{type="select"\}/,
];

test('every block that can be run is marked', () => {
  const all = [...PAGE.matchAll(/^```sh$/gm)].length;
  // All but the first one, which installs and starts the server.
  expect([BLOCKS.length, EXPECTED.length]).toEqual([all - 1, all - 1]);
});

describe('each block runs as written', () => {
  test.each(BLOCKS.map((block, at) => [block.split('\n')[0] ?? '', at] as const))('%s', async (_line, at) => {
    expect(await runBlock(BLOCKS[at] ?? '')).toMatch(EXPECTED[at] ?? /never/);
  });
});

test('the commands of the README work', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  // The first one installs and starts the server.
  const [, demo = '', commands = '', ...others] = blocks;
  expect(others).toEqual([]);
  expect(demo.startsWith('npm run demo\n')).toBe(true);
  expect(await runBlock(demo)).toMatch(/"rows":\[\["Frankfurt am Main Airport","Frankfurt"\]\]/);
  expect(await runBlock(commands)).toMatch(
    /"rows":\[\{"reached":239\}\][\s\S]*"value":\{"name":"Ada"\}[\s\S]*"message":\{"send":"letter"\}[\s\S]*"data":\{"text":"Hello"\}/,
  );
});
