/** The Chinook record shop, loaded statement by statement over HTTP, and reports that are checked by other means. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, rowsText, startThunder, type Thunder } from './harness.ts';

/** Beside the repository, where it is not carried along: the data is large and has its own licence. */
const SCRIPT = fileURLToPath(
  new URL('../../../../shared/data/chinook/chinook_postgresql.sql', import.meta.url),
);
const there = existsSync(SCRIPT);
if (!there) process.stdout.write(`Chinook is not checked: ${SCRIPT} is not there\n`);

let thunder: Thunder;
const statements = there ? statementsOf(readFileSync(SCRIPT, 'utf8')) : [];

// The script is not part of the repository.
describe.runIf(there)('Chinook', () => {
  beforeAll(async () => {
    thunder = await startThunder();
  }, 60_000);
  afterAll(async () => await thunder.stop());

  it('loads statement by statement', async () => {
    expect(statements.length).toBeGreaterThan(40);
    let rows = 0;
    for (const sql of statements) rows += Number((await thunder.sql(sql)).json.rows_affected ?? 0);
    expect(rows).toBe(15_607);
    const { json } = await thunder.get('/api/v1/tables');
    expect((json.tables as unknown as Json[]).map(({ name }) => name)).toEqual([
      'album',
      'artist',
      'customer',
      'employee',
      'genre',
      'invoice',
      'invoice_line',
      'media_type',
      'playlist',
      'playlist_track',
      'track',
    ]);
  }, 120_000);

  it('a report over five joined tables is what the rows of the script add up to', async () => {
    const reply = await thunder.sql(
      `SELECT c.country, g.name AS genre, sum(l.unit_price * l.quantity) AS revenue, count(*) AS lines
       FROM customer c
       JOIN invoice i ON i.customer_id = c.customer_id
       JOIN invoice_line l ON l.invoice_id = i.invoice_id
       JOIN track t ON t.track_id = l.track_id
       JOIN genre g ON g.genre_id = t.genre_id
       WHERE c.country <> $1
       GROUP BY c.country, g.name
       ORDER BY c.country COLLATE "C", g.name COLLATE "C"`,
      ['Chile'],
    );
    expect(reply.json.column_types).toEqual(['Varchar', 'Varchar', 'Decimal', 'Int64']);
    expect(rowsText(reply)).toBe(expectedReport());
  });

  it('foreign keys of the script hold', async () => {
    const reply = await thunder.post('/api/v1/query', {
      sql: 'INSERT INTO invoice_line VALUES ($1, $2, $3, $4, $5)',
      params: [99_999, 99_999, 1, 0.99, 1],
    });
    expect([reply.status, reply.json.error?.code]).toEqual([409, 'FOREIGN_KEY_VIOLATION']);
  });
});

/** Statements end with a semicolon at the end of a line, outside quotes and comments, in this script. */
function statementsOf(script: string): string[] {
  const text = script.replace(/^\uFEFF/, '').replace(/\/\*[\s\S]*?\*\//g, '');
  const found: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (text[at] === ';' && !quoted) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return found.filter((statement) => statement !== '');
}

/** The same report computed from the text of the script, in cents. */
function expectedReport(): string {
  const country = columnOf('customer', 0, 7);
  const customer = columnOf('invoice', 0, 1);
  const genreOfTrack = columnOf('track', 0, 4);
  const genre = columnOf('genre', 0, 1);
  const sums = new Map<string, { place: string; name: string; cents: number; lines: number }>();
  for (const [, invoice = '', track = '', price = '', quantity = ''] of rowsOf('invoice_line')) {
    const place = country.get(customer.get(invoice) ?? '') ?? '';
    if (place === 'Chile') continue;
    const name = genre.get(genreOfTrack.get(track) ?? '') ?? '';
    const sum = sums.get(`${place}\n${name}`) ?? { place, name, cents: 0, lines: 0 };
    sum.cents += Math.round(Number(price) * 100) * Number(quantity);
    sum.lines += 1;
    sums.set(`${place}\n${name}`, sum);
  }
  const rows = [...sums.values()].sort((a, b) => compare(a.place, b.place) || compare(a.name, b.name));
  return `[${rows
    .map(
      ({ place, name, cents, lines }) =>
        `[${JSON.stringify(place)},${JSON.stringify(name)},${(cents / 100).toFixed(2)},${lines}]`,
    )
    .join(',')}]`;
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const columnOf = (table: string, key: number, value: number): Map<string, string> =>
  new Map(rowsOf(table).map((row) => [row[key] ?? '', row[value] ?? '']));

/** Cells of the rows that the script inserts into a table, as written, without quotes. */
function rowsOf(table: string): string[][] {
  return statements
    .filter((statement) => statement.startsWith(`INSERT INTO ${table} (`))
    .flatMap((statement) => {
      const values = statement.slice(statement.indexOf('VALUES') + 'VALUES'.length);
      return [...values.matchAll(/\(((?:N?'(?:[^']|'')*'|[^'()])*)\)/g)].map(([, cells = '']) =>
        [...cells.matchAll(/N?'((?:[^']|'')*)'|([^,\s][^,]*)/g)].map(
          ([, quoted, bare = '']) => quoted?.replaceAll("''", "'") ?? bare.trim(),
        ),
      );
    });
}
