/** `facet demo` against a real server: the numbers, running it again, and tables that are not its own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FacetServer, type Finished, facet, startFacet } from '../support/facet-process.ts';

const TOKEN = 'a-token-of-thirty-two-characters!';
let server: FacetServer;
let first: Finished;
beforeAll(async () => {
  server = await startFacet(['--auth-token', TOKEN]);
  first = await run(['demo']);
});
afterAll(async () => {
  await server?.stop();
});

const run = (args: readonly string[]) =>
  facet(args, { environment: { FACET_URL: server.url, FACET_TOKEN: TOKEN } });

const questions = (): string[] => first.stdout.split(/^\d\. /m).slice(1);

/** Rows of an answer of the graph, without the names of columns. */
async function cypher(query: string): Promise<unknown[][]> {
  const response = await fetch(`${server.url}/v0/cypher`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as { columns: string[]; rows: Record<string, unknown>[] };
  return answer.rows.map((row) => answer.columns.map((column) => row[column]));
}

/** Rows of an answer as the server wrote them. */
async function rows(sql: string): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql }),
  });
  return /"rows":(.*),"row_count"/.exec(await response.text())?.[1] ?? `status ${response.status}`;
}

test('loads all rows and accounts for the others', async () => {
  expect([first.code, first.stderr]).toEqual([
    0,
    'loaded airports: 7,698 rows\nloaded airlines: 6,162 rows\nloaded routes: 66,315 rows\n' +
      'constraints, indexes, statistics …\n' +
      'loaded countries: 315 rows\nloaded airports: 7,698 rows\nloaded airlines: 6,162 rows\n' +
      'loaded routes: 66,315 rows\n',
  ]);
  expect(first.stdout).toContain('airports: 7,698 rows of 7,698 records\n');
  expect(first.stdout).toContain('airlines: 6,162 rows of 6,162 records\n');
  const account =
    /routes: ([\d,]+) rows of ([\d,]+) records, ([\d,]+) skipped:\n((?: +[\d,]+ {2}.*\n)+)/.exec(
      first.stdout,
    );
  const [loaded, records, skipped] = [1, 2, 3].map((at) => Number(account?.[at]?.replaceAll(',', '')));
  const reasons = [...(account?.[4] ?? '').matchAll(/^ +(\d+) {2}/gm)].map((match) => Number(match[1]));
  expect([loaded, records]).toEqual([66_315, 67_663]);
  expect(reasons.length).toBe(6);
  expect(reasons.reduce((sum, count) => sum + count, 0)).toBe(skipped);
  expect((loaded ?? 0) + (skipped ?? 0)).toBe(records);
  const counts =
    'SELECT (SELECT count(*) FROM airports), (SELECT count(*) FROM airlines), (SELECT count(*) FROM routes)';
  expect(await rows(counts)).toBe('[[7698,6162,66315]]');
});

test('answers its questions to the tables', () => {
  const answers = questions().slice(0, 5);
  for (const answer of answers) expect(answer).toMatch(/^\d+ rows \(server .*, round trip .*\)$/m);
  expect(answers[0]).toMatch(/^ FRA +\| Frankfurt am Main Airport +\| Germany +\| +239 \| +100 \| +497$/m);
  expect(answers[1]).toMatch(/^ Air France +\| France +\| +121 \| +1069 \| +57\.9$/m);
  expect([...(answers[2] ?? '').matchAll(/^ +\d \| (\w{3})/gm)].map((match) => match[1])).toEqual(
    'LYR OSL BKK BNE POM GKA'.split(' '),
  );
  expect(answers[3]).toMatch(/^ Germany +\| +1 \| FRA .*\| +21\.1$/m);
  expect(answers[4]).toMatch(/^ SYD +\| DFW .*\| +13808 \| American Airlines, Qantas$/m);
});

test('answers its questions to the graph', () => {
  const [path = '', hubs = '', reached = '', ...others] = questions().slice(5);
  expect(others).toEqual([]);
  const stops = [...path.matchAll(/^ +\d \| (\w{3})/gm)].map((match) => match[1]);
  expect([stops.length, stops[0], stops.at(-1)]).toEqual([6, 'LYR', 'GKA']);
  const ranks = [...hubs.matchAll(/^ (\w{3}) .* \| +([\d.]+)$/gm)].map((match) => Number(match[2]));
  expect(hubs).toMatch(/^ ATL +\| Hartsfield/m);
  expect([ranks.length, ranks]).toEqual([8, [...ranks].sort((one, other) => other - one)]);
  expect(reached).toMatch(/^ United States +\| +230$/m);
});

test('the graph is the tables', async () => {
  const same = async (sql: string, query: string): Promise<void> => {
    expect(await cypher(query)).toEqual(JSON.parse(await rows(sql)));
  };
  await same(
    'SELECT count(*), sum(stops) FROM routes',
    'MATCH (:Airport)-[r:ROUTE]->(:Airport) RETURN count(r), sum(r.stops)',
  );
  await same(
    'SELECT country, count(*) FROM airports GROUP BY country ORDER BY 2 DESC, 1 LIMIT 9',
    'MATCH (:Airport)-[:IN]->(c:Country) RETURN c.name AS country, count(*) AS n ORDER BY n DESC, country LIMIT 9',
  );
  await same(
    "SELECT l.name, a.name, r.stops FROM routes r JOIN airlines l ON l.id = r.airline_id JOIN airports f ON f.id = r.source_id JOIN airports a ON a.id = r.destination_id WHERE f.iata = 'LYR' ORDER BY 1, 2",
    "MATCH (:Airport {iata: 'LYR'})-[r:ROUTE]->(a) RETURN r.airline AS airline, a.name AS airport, r.stops ORDER BY airline, airport",
  );
  await same(
    'SELECT count(*), count(country), count(*) FILTER (WHERE active) FROM airlines',
    'MATCH (l:Airline) OPTIONAL MATCH (l)-[:BASED_IN]->(c:Country) RETURN count(l), count(c), count(CASE WHEN l.active THEN 1 END)',
  );
});

test('values arrive as they are in the files', async () => {
  const goroka = "SELECT latitude, longitude, utc_offset, iata FROM airports WHERE name = 'Goroka Airport'";
  expect(await rows(goroka)).toBe('[[-6.081689834590001,145.391998291,10.00,"GKA"]]');
  expect(await rows('SELECT name FROM airports WHERE id = 332')).toBe('[["Magdeburg \\"City\\" Airport"]]');
  expect(await rows('SELECT iata, icao FROM airlines WHERE id = 13394')).toBe(
    JSON.stringify([["\\'", "\\'\\"]]),
  );
  expect(await rows("SELECT count(*) FROM airports WHERE iata = '' OR city = ''")).toBe('[[0]]');
});

test('running it again replaces the rows, --keep does not touch them', async () => {
  await rows('DELETE FROM routes');
  await rows("UPDATE airports SET name = 'changed' WHERE id = 1");
  await cypher("MATCH (a:Airport {id: 1}) SET a.name = 'changed'");
  const kept = await run(['demo', '--keep']);
  expect([kept.code, kept.stdout.split('\n')[0]]).toEqual([0, 'Kept airlines, airports, routes.']);
  expect(kept.stdout).toContain('\nKept the graph.\n');
  expect(await rows('SELECT count(*) FROM routes')).toBe('[[0]]');
  expect((await run(['demo'])).code).toBe(0);
  expect(await cypher('MATCH (a:Airport {id: 1}) RETURN a.name')).toEqual([['Goroka Airport']]);
  expect(await cypher('MATCH (n) RETURN count(n)')).toEqual([[7_698 + 6_162 + 315 + 1]]);
  expect(await rows('SELECT count(*), min(a.name) FROM routes, airports a WHERE a.id = 1')).toBe(
    '[[66315,"Goroka Airport"]]',
  );
});

test('a graph that is not its own is left alone', async () => {
  await cypher('MATCH (demo:OpenFlightsDemo) DELETE demo');
  const refused = await run(['demo']);
  expect([refused.code, refused.stderr.split('\n').at(-2)]).toEqual([
    1,
    'error: The graph has nodes labelled Airport, Airline, Country that were not made by the demo. Run the demo on another store.',
  ]);
  expect(await cypher('MATCH (n:Airport) RETURN count(n)')).toEqual([[7_698]]);
});

test('a table that is not its own is left alone, and a failed load leaves the old rows', async () => {
  await rows('CREATE VIEW busy AS SELECT * FROM routes');
  const blocked = await run(['demo']);
  expect([blocked.code, blocked.stderr]).toEqual([
    1,
    expect.stringMatching(/^error DEPENDENT_OBJECTS_EXIST/),
  ]);
  expect(await rows('SELECT count(*) FROM routes')).toBe('[[66315]]');
  await rows('DROP VIEW busy');
  await rows('DROP TABLE routes');
  await rows('CREATE TABLE routes (mine int)');
  const refused = await run(['demo']);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/^error: routes: .* not made by the demo/),
  ]);
  expect(await rows('SELECT count(*) FROM airports')).toBe('[[7698]]');
});

test('a wrong token and a missing server are told as such', async () => {
  const denied = await facet(['demo', '--url', server.url, '--token', 'wrong']);
  expect([denied.code, denied.stderr.split(':')[0]]).toEqual([1, 'error UNAUTHORIZED']);
  const nobody = await facet(['demo', '--url', 'http://127.0.0.1:1']);
  expect([nobody.code, nobody.stderr]).toEqual([
    2,
    'no server at http://127.0.0.1:1, start one with npm start\n',
  ]);
});
