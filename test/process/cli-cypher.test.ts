/** `facet cypher` against a real server: formats, parameters, changes, sources of the query, errors and exit codes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FacetServer, facet, startFacet } from '../support/facet-process.ts';

let server: FacetServer;
beforeAll(async () => {
  server = await startFacet();
});
afterAll(async () => {
  await server?.stop();
});

const cypher = (args: readonly string[], input?: string) =>
  facet(['cypher', ...args], {
    environment: { FACET_URL: server.url },
    ...(input === undefined ? {} : { input }),
  });

test('changes are told beside a table of nodes, relationships and paths', async () => {
  const created = await cypher([
    "CREATE p = (a:Person {name: 'Ann'})-[r:KNOWS]->(:Person {name: 'Bob'}) RETURN a, r, length(p) AS hops",
  ]);
  expect(created.stdout).toBe(
    ' a                        | r        | hops\n' +
      '--------------------------+----------+------\n' +
      ' (:Person {"name":"Ann"}) | [:KNOWS] |    1\n',
  );
  expect(created.stderr).toMatch(/^1 row, 2 nodes created, 1 relationship created \(round trip .*\)\n$/);
  const path = await cypher(["MATCH p = ({name: 'Bob'})--() RETURN p"]);
  expect(path.stdout.split('\n')[2]).toBe(' (:Person {"name":"Bob"})<-[:KNOWS]-(:Person {"name":"Ann"})');
  const deleted = await cypher(['MATCH (n) DETACH DELETE n']);
  expect([deleted.code, deleted.stdout]).toEqual([0, '']);
  expect(deleted.stderr).toMatch(/^2 nodes deleted, 1 relationship deleted \(/);
});

test('JSON and CSV keep every digit, and columns may have any name', async () => {
  const query =
    "UNWIND [9223372036854775807, 2] AS row_count RETURN row_count, 1.0 AS error, 'a,b' AS text, null AS none";
  expect((await cypher([query, '--format', 'json'])).stdout).toBe(
    '{"row_count":9223372036854775807,"error":1.0,"text":"a,b","none":null}\n' +
      '{"row_count":2,"error":1.0,"text":"a,b","none":null}\n',
  );
  const csv = await cypher([query, '--format', 'csv']);
  expect(csv.stdout).toBe('row_count,error,text,none\r\n9223372036854775807,1.0,"a,b",\r\n2,1.0,"a,b",\r\n');
  expect(csv.stderr).toMatch(/^2 rows \(/);
});

test('queries come from standard input or a file, with parameters', async () => {
  expect((await cypher(['-', '--format', 'csv'], 'RETURN 1 AS a')).stdout).toBe('a\r\n1\r\n');
  const folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
  await writeFile(join(folder, 'q.cypher'), '// two values\nRETURN $n + 1 AS a, $text AS b, $list[1] AS c');
  const parameters = ['--param', 'n=41', '--param', 'text=x=y', '--param', 'list=[1.0, null]'];
  const args = ['--file', join(folder, 'q.cypher'), ...parameters, '--format', 'json'];
  expect((await cypher(args)).stdout).toBe('{"a":42,"b":"x=y","c":null}\n');
  await rm(folder, { recursive: true });
  const none = await cypher([]);
  expect([none.code, none.stderr]).toEqual([
    1,
    'error: Give the statement as an argument, as - for standard input, or by --file.\n',
  ]);
  expect((await cypher(['RETURN 1', '--param', 'n'])).stderr).toContain('Write it as name=value.');
});

test('procedures can be called', async () => {
  const { stdout } = await cypher(['CALL dbms.components() YIELD name RETURN name', '--format', 'csv']);
  expect(stdout).toBe('name\r\nFacet\r\n');
});

test('failures show code, message and place, and exit 1', async () => {
  const unknown = await cypher(["MATCH (ä)\nRETURN 'ü', nobody"]);
  expect([unknown.code, unknown.stdout]).toEqual([1, '']);
  const [head, line, caret = ''] = unknown.stderr.split('\n');
  expect(head).toMatch(/^error INVALID_CYPHER: .*nobody is not defined/);
  expect(line).toBe("line 2: RETURN 'ü', nobody");
  expect(line?.slice(caret.indexOf('^'))).toBe('nobody');
  const late = await cypher(['RETURN 1 / 0', '--format', 'json']);
  expect([late.code, late.stdout, late.stderr.split(':')[0]]).toEqual([
    1,
    '',
    'error CYPHER_ARITHMETIC_ERROR',
  ]);
  const slow = await cypher([
    'UNWIND range(1, 2000) AS a UNWIND range(1, 2000) AS b UNWIND range(1, 2000) AS c RETURN count(*)',
    '--timeout',
    '300',
  ]);
  expect([slow.code, slow.stderr.split(':')[0]]).toEqual([1, 'error QUERY_TIMEOUT']);
});

test('PROFILE shows the rows of each step', async () => {
  const { code, stdout } = await cypher(['PROFILE UNWIND [1, 2, 3] AS x WITH x WHERE x > 1 RETURN x']);
  expect(code).toBe(0);
  const [head, , ...lines] = stdout.split('\n');
  expect(head?.split('|').map((cell) => cell.trim())).toEqual([
    'operator',
    'details',
    'rows',
    'time_ms',
    'sql',
  ]);
  const rows = lines.filter((line) => line !== '').map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([operator, , count]) => [operator, count])).toEqual([
    ['UNWIND', '3'],
    ['WITH', '2'],
    ['RETURN', '2'],
  ]);
});

test('schema commands tell what they did', async () => {
  const made = await cypher(['CREATE INDEX by_x FOR (n:A) ON (n.x)']);
  expect(made.stderr).toMatch(/^1 index added \(round trip /);
  const dropped = await cypher(['DROP INDEX by_x']);
  expect(dropped.stderr).toMatch(/^1 index removed \(round trip /);
});

test('a missing server exits 2', async () => {
  const { code, stderr } = await facet(['cypher', 'RETURN 1', '--url', 'http://127.0.0.1:1']);
  expect([code, stderr]).toEqual([2, 'no server at http://127.0.0.1:1, start one with npm start\n']);
});
