/** `facet query` against a real server: formats, exact values, sources of the statement, errors and exit codes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FacetServer, facet, MAIN, runProgram, startFacet } from '../support/facet-process.ts';

let server: FacetServer;
beforeAll(async () => {
  server = await startFacet();
});
afterAll(async () => {
  await server?.stop();
});

const query = (args: readonly string[], input?: string) =>
  facet(['query', ...args], {
    environment: { FACET_URL: server.url },
    ...(input === undefined ? {} : { input }),
  });

const VALUES = `SELECT 9223372036854775807 AS big, 1.50::numeric AS price, 'São, "x"' AS text, NULL::int AS none,
  '' AS empty, '{"a":[1.10,12345678901234567890]}'::jsonb AS doc, true AS yes`;

describe('formats', () => {
  test('a table, with counts and times beside it', async () => {
    const { code, stdout, stderr } = await query(["SELECT 1 AS one, NULL AS nothing, 'NULL' AS word"]);
    expect(stdout).toBe(" one | nothing | word\n-----+---------+--------\n   1 | NULL    | 'NULL'\n");
    expect(stderr).toMatch(/^1 row \(server [\d.]+ ms, round trip [\d.]+ m?s\)\n$/);
    expect(code).toBe(0);
  });
  test('JSON lines keep every digit', async () => {
    const { stdout } = await query([VALUES, '--format', 'json']);
    expect(stdout).toBe(
      '{"big":9223372036854775807,"price":1.50,"text":"São, \\"x\\"","none":null,"empty":"",' +
        '"doc":{"a":[1.10,12345678901234567890]},"yes":true}\n',
    );
  });
  test('CSV quotes, and tells NULL from an empty text', async () => {
    const { stdout } = await query([VALUES, '--format', 'csv']);
    expect(stdout).toBe(
      'big,price,text,none,empty,doc,yes\r\n' +
        '9223372036854775807,1.50,"São, ""x""",,"","{""a"":[1.10,12345678901234567890]}",true\r\n',
    );
  });
  test('columns of one name stay apart in JSON', async () => {
    expect((await query(['SELECT 1 AS a, 2 AS a', '--format', 'json'])).stdout).toBe('{"a":1,"a_2":2}\n');
  });
  test('a large result streams', async () => {
    const { stdout, stderr } = await query(['SELECT n FROM generate_series(1, 200000) n', '--format', 'csv']);
    const lines = stdout.trimEnd().split('\r\n');
    expect([lines.length, lines[1], lines.at(-1)]).toEqual([200_001, '1', '200000']);
    expect(stderr).toMatch(/^200,000 rows/);
  });
  test('a reader that leaves early ends it quietly', async () => {
    const command = `"${process.execPath}" "${MAIN}" query "SELECT n FROM generate_series(1, 5000000) n" --format csv | head -n 2`;
    const { stdout, stderr } = await runProgram('sh', ['-c', command], {
      environment: { FACET_URL: server.url },
    });
    expect([stdout, stderr]).toEqual(['n\r\n1\r\n', '']);
  });
});

describe('statements', () => {
  test('without rows say how many they changed', async () => {
    const created = await query(['CREATE TABLE cli_things (id int PRIMARY KEY)']);
    expect([created.code, created.stdout]).toEqual([0, '']);
    expect(created.stderr).toMatch(/^(done|0 rows affected) \(/);
    const inserted = await query(['INSERT INTO cli_things SELECT * FROM generate_series(1, 3)']);
    expect(inserted.stderr).toMatch(/^3 rows affected \(/);
    const returned = await query(['DELETE FROM cli_things WHERE id = 1 RETURNING id']);
    expect([returned.stdout, returned.stderr.split(' (')[0]]).toEqual([
      ' id\n----\n  1\n',
      '1 row, 1 row affected',
    ]);
    const streamed = await query(['INSERT INTO cli_things VALUES (9) RETURNING id', '--format', 'json']);
    expect(streamed.stdout).toBe('{"id":9}\n');
  });
  test('come from standard input or a file, with parameters', async () => {
    expect((await query(['-', '--format', 'csv'], 'SELECT 1 AS a')).stdout).toBe('a\r\n1\r\n');
    const folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
    await writeFile(join(folder, 'q.sql'), '-- two values\nSELECT $1::int + 1 AS a, $2::text AS b');
    const args = ['--file', join(folder, 'q.sql'), '--param', '41', '--param', '\\N', '--format', 'json'];
    expect((await query(args)).stdout).toBe('{"a":42,"b":null}\n');
    await rm(folder, { recursive: true });
  });
  test('come from exactly one place', async () => {
    const { code, stderr } = await query([]);
    expect([code, stderr]).toEqual([
      1,
      'error: Give the statement as an argument, as - for standard input, or by --file.\n',
    ]);
    expect((await query(['SELECT 1', '--file', 'x.sql'])).code).toBe(1);
    expect((await query(['--file', '/nowhere/q.sql'])).stderr).toMatch(/ENOENT/);
  });
});

describe('failures', () => {
  test('of SQL show code, message and place, and exit 1', async () => {
    const { code, stdout, stderr } = await query(['SELECT *\nFORM airports']);
    expect([code, stdout]).toEqual([1, '']);
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^error INVALID_SQL: .*FORM|airports/);
    const [line = '', caret = ''] = lines.slice(1, 3);
    expect(line).toBe('line 2: FORM airports');
    expect(['FORM', 'airports']).toContain(/^\w+/.exec(line.slice(caret.indexOf('^')))?.[0]);
    expect(stderr).toMatch(/^request: \S+$/m);
  });
  test('in the middle of a stream exit 1 after the rows that came', async () => {
    const { code, stdout, stderr } = await query([
      'SELECT 1 / (3000 - n) AS x FROM generate_series(1, 5000) n',
      '--format',
      'csv',
    ]);
    expect(code).toBe(1);
    expect(stdout.startsWith('x\r\n')).toBe(true);
    expect(stderr).toMatch(/^error DIVISION_BY_ZERO: /);
  });
  test('of time cancel the statement', async () => {
    const { code, stderr } = await query(['SELECT pg_sleep(30)', '--timeout', '200']);
    expect([code, stderr.split(':')[0]]).toEqual([1, 'error QUERY_TIMEOUT']);
    expect((await query(['SELECT 1', '--timeout', '0'])).code).toBe(1);
  });
  test('of reaching a server exit 2 and say how to start one', async () => {
    const { port, close } = await unusedPort();
    await close();
    const url = `http://127.0.0.1:${port}`;
    const { code, stderr } = await facet(['query', 'SELECT 1', '--url', url]);
    expect([code, stderr]).toEqual([2, `no server at ${url}, start one with npm start\n`]);
    expect((await facet(['query', 'SELECT 1', '--url', 'ftp://x'])).code).toBe(1);
  });
  test('of talking to something else say so', async () => {
    const { port, close } = await unusedPort();
    const { code, stderr } = await facet(['query', 'SELECT 1', '--url', `http://127.0.0.1:${port}`]);
    await close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/The answer is not one of a Facet server: HTTP status 200, text\/html/);
  });
});

/** A server that is none of ours, on a free port. */
async function unusedPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const other = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<p>'),
  );
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  return {
    port: (other.address() as AddressInfo).port,
    close: () => new Promise((resolve) => other.close(() => resolve())),
  };
}
