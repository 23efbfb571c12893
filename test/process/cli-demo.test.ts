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
      'constraints, indexes, statistics …\n',
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

test('answers its five questions', () => {
  const answers = first.stdout.split(/^\d\. /m).slice(1);
  expect(answers).toHaveLength(5);
  for (const answer of answers) expect(answer).toMatch(/^\d+ rows \(server .*, round trip .*\)$/m);
  expect(answers[0]).toMatch(/^ FRA +\| Frankfurt am Main Airport +\| Germany +\| +239 \| +100 \| +497$/m);
  expect(answers[1]).toMatch(/^ Air France +\| France +\| +121 \| +1069 \| +57\.9$/m);
  expect([...(answers[2] ?? '').matchAll(/^ +\d \| (\w{3})/gm)].map((match) => match[1])).toEqual(
    'LYR OSL BKK BNE POM GKA'.split(' '),
  );
  expect(answers[3]).toMatch(/^ Germany +\| +1 \| FRA .*\| +21\.1$/m);
  expect(answers[4]).toMatch(/^ SYD +\| DFW .*\| +13808 \| American Airlines, Qantas$/m);
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
  const kept = await run(['demo', '--keep']);
  expect([kept.code, kept.stdout.split('\n')[0]]).toEqual([0, 'Kept airlines, airports, routes.']);
  expect(await rows('SELECT count(*) FROM routes')).toBe('[[0]]');
  expect((await run(['demo'])).code).toBe(0);
  expect(await rows('SELECT count(*), min(a.name) FROM routes, airports a WHERE a.id = 1')).toBe(
    '[[66315,"Goroka Airport"]]',
  );
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
