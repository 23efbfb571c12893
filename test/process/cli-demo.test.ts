/** `facet demo` against a real server: the numbers, running it again, and tables that are not its own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FacetServer, type Finished, facet, runProgram, startFacet } from '../support/facet-process.ts';

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

const questions = (): string[] => first.stdout.split(/^\d+\. /m).slice(1);

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

/** The payload of a command's answer. */
async function command(name: string, payload: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/api/v1/command`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ command: name, payload }),
  });
  return ((await response.json()) as { payload: Record<string, unknown> }).payload;
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
      'loaded routes: 66,315 rows\n' +
      'keys: 6,072\nplaces: 6,072\nqueued: 2,000\ndrained: 2,000\nevents: 10,000\nembeddings: 7,698\n',
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
  expect(others.length).toBe(3);
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

test('keys are there, and answer by code and by place', async () => {
  const [keys = '', places = ''] = questions().slice(8);
  expect(keys).toMatch(/^ demo:airport:ZRH +\| Zürich Airport +\| Zurich +\| Switzerland$/m);
  expect(keys).toMatch(/^ demo:airport:XXX +\| NULL/m);
  expect(places).toMatch(/^ ZRH +\| 0\.0\n EML +\| 45\.3$/m);
  expect(first.stdout).toContain('\n6,072 keys and their places in ');
  expect(await command('kv.mget', { keys: ['demo:airport:GKA'] })).toEqual({
    values: [
      {
        name: 'Goroka Airport',
        city: 'Goroka',
        country: 'Papua New Guinea',
        icao: 'AYGA',
        latitude: -6.081689834590001,
        longitude: 145.391998291,
      },
    ],
  });
  const stored = "SELECT count(*) FROM kv.strings WHERE key LIKE 'demo:airport:%'";
  expect(await rows(stored)).toBe('[[6072]]');
});

test('workers drain the queue: each message is done once or is a dead letter', async () => {
  const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
  const account = /^([\d,]+) deliveries: ([\d,]+) done, ([\d,]+) failed\.$/m.exec(first.stdout);
  const [deliveries = 0, done = 0, failed = 0] = (account ?? []).slice(1).map(number);
  const dead = number(/^([\d,]+) dead letters, each after three attempts/m.exec(first.stdout)?.[1]);
  // Each dead letter failed three times; each fiftieth of the 2,000 failed once, and for some of the dead that was one of the three.
  expect([deliveries, done + dead]).toEqual([done + failed, 2_000]);
  expect(dead).toBe(12);
  expect(failed).toBeGreaterThanOrEqual(dead * 3 + 40 - dead);
  expect(failed).toBeLessThanOrEqual(dead * 3 + 40);
  expect(first.stdout).toMatch(/^The longest route: LAX to DXB, 13,400 km\.$/m);
  expect(await command('queue.stats', { queue: 'demo-routes' })).toMatchObject({
    depth: 0,
    in_flight: 0,
    dead_letters: 12,
    published_total: 2_000,
    acked_total: 1_988,
  });
  const { messages } = await command('queue.dead_letters', { queue: 'demo-routes' });
  expect(messages).toContainEqual(
    expect.objectContaining({
      message: expect.objectContaining({ from: 'LUN', to: 'no-code-5613' }),
      reason: 'max_retries',
    }),
  );
});

test('a subscriber gets the events while they are published, each once and in order', async () => {
  expect(first.stdout).toMatch(/^ {2}offset 0: flight 0, \w{3} to \w{3}\n {2}offset 1: flight 1, /m);
  expect(first.stdout).toMatch(/^10,000 events published in .*: [\d,]+ events\/s\. All had arrived after /m);
  expect(first.stdout).toContain('\neach came once, in the order of its offset.\n');
  const { events, newest_offset } = await command('stream.history', {
    room: 'demo-departures',
    from_offset: -2,
  });
  expect([newest_offset, events]).toMatchObject([9_999, [{ offset: 9_998 }, { offset: 9_999 }]]);
});

test('one question goes across filter, graph and vector, and its answer is kept as an artifact', async () => {
  const answer = questions()[10] ?? '';
  const found = [...answer.matchAll(/^ (airports:\d+) \| (\w{3}) .* \| (\S.*?) +\| +(\d+)$/gm)];
  const near = `SELECT DISTINCT 'airports:' || a.id, a.iata, a.country, round(2 * 6371 * asin(sqrt(
      sind((a.latitude - k.latitude) / 2) ^ 2
      + cosd(k.latitude) * cosd(a.latitude) * sind((a.longitude - k.longitude) / 2) ^ 2))) AS km
    FROM airports k, airports f, airports a JOIN routes r ON a.id IN (r.source_id, r.destination_id)
    WHERE k.iata = 'KEF' AND f.iata = 'FRA' AND f.id IN (r.source_id, r.destination_id) AND a.id <> f.id
      AND a.country <> 'Iceland'
    ORDER BY km LIMIT 8`;
  const expected = JSON.parse(await rows(near)) as [string, string, string, number][];
  expect(found.map(([, key, iata, country]) => [key, iata, country])).toEqual(
    expected.map(([key, iata, country]) => [key, iata, country]),
  );
  for (const [at, [, , , , km]] of found.entries()) {
    expect(Math.abs(Number(km) - Number(expected[at]?.[3]))).toBeLessThan(5);
  }
  const csv = [
    'key,iata,country',
    ...found.map(([, key, iata, country]) => `${key},${iata},${country}`),
    '',
  ].join('\n');
  const id = /^ {3}facet shell: BLOB GET '([0-9a-f-]{36})'$/m.exec(answer)?.[1];
  const printed = await run([
    'shell',
    '--mode',
    'neumann',
    '--command',
    `BLOB GET '${id}'\nBLOBS FOR 'airports:16'`,
  ]);
  expect([printed.code, printed.stdout]).toEqual([0, `${csv} artifact\n${'-'.repeat(38)}\n ${id}\n`]);
  const entity = await run(['shell', '--mode', 'neumann', '--command', "ENTITY GET 'airports:16'"]);
  expect(entity.stdout).toContain('Keflavik International Airport');
});

test('the commands that it prints can be run', async () => {
  const lines = [...first.stdout.matchAll(/^ {3}(curl .*)$/gm)].map((match) => match[1] ?? '');
  expect(lines.length).toBe(5);
  for (const line of lines) {
    const ran = await runProgram('sh', ['-eu', '-c', line], { environment: { FACET_TOKEN: TOKEN } });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('"success":true')]);
  }
});

test('running it again replaces the rows, --keep does not touch them', async () => {
  await rows('DELETE FROM routes');
  await rows("UPDATE airports SET name = 'changed' WHERE id = 1");
  await cypher("MATCH (a:Airport {id: 1}) SET a.name = 'changed'");
  const kept = await run(['demo', '--keep']);
  expect([kept.code, kept.stdout.split('\n')[0]]).toEqual([0, 'Kept airlines, airports, routes.']);
  expect(kept.stdout).toContain('\nKept the graph.\n');
  expect(kept.stdout).toContain('\nKept the keys.\n');
  expect(kept.stdout).toContain('\nKept the embeddings.\n');
  expect(kept.stdout).toContain('\neach came once, in the order of its offset.\n');
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
