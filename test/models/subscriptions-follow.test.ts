/** Following a table: what is delivered, in which order, from where, and how it ends. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { lsnText } from '../../src/engine/index.ts';
import { changesFollow, type RowChange, sqlQuery } from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';
import { collect, range, until } from './live-support.ts';

let model: Model;
const sql = async (text: string): Promise<void> => void (await model.call(sqlQuery, { sql: text }));

beforeAll(async () => {
  model = await openModel();
  await sql("CREATE TYPE state AS ENUM ('new', 'paid', 'sent')");
  await sql('CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0)');
  await sql(`CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2), status state, amount cents,
    tags text[], note text, "Odd ""Name" int)`);
}, 60_000);
afterAll(async () => await model.stop());
beforeEach(async () => await sql('DELETE FROM orders'));

const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends) end();
});

async function follow(input: Record<string, unknown>) {
  const session = new AbortController();
  ends.push(() => session.abort());
  const followed = await model.call(
    changesFollow,
    { table: 'orders', ...input },
    { principal: READER, signal: session.signal },
  );
  return { ...followed, got: collect(followed.feed), stop: () => session.abort() };
}

const ids = (changes: readonly RowChange[]): string[] =>
  changes.map(({ operation, newRow, oldRow }) => `${operation} ${(newRow ?? oldRow)?.[0]}`);

describe('following a table', () => {
  it('delivers inserts, updates and deletes with whole rows', async () => {
    const { got, table, stop } = await follow({});
    await sql(`INSERT INTO orders VALUES (1, 10.50, 'new', 5, '{a,"b c"}', 'x')`);
    await sql(`UPDATE orders SET status = 'paid', note = NULL WHERE id = 1`);
    await sql('DELETE FROM orders WHERE id = 1');
    await until(() => got.length === 3, 'three changes');
    expect(table.columns.map(({ name, type, key }) => [name, type, key])).toEqual([
      ['id', 'Int64', true],
      ['total', 'Decimal', false],
      ['status', 'Text', false],
      ['amount', 'Int64', false],
      ['tags', 'Array<Text>', false],
      ['note', 'Text', false],
      ['Odd "Name', 'Int32', false],
    ]);
    const [insert, update, gone] = got;
    expect(insert).toMatchObject({ operation: 'insert', oldRow: undefined, changedColumns: [] });
    expect(insert?.newRow).toEqual(['1', '10.50', 'new', '5', '{a,"b c"}', 'x', null]);
    expect(update).toMatchObject({ operation: 'update', changedColumns: [2, 5] });
    expect(update?.oldRow?.[2]).toBe('new');
    expect(gone?.oldRow?.[2]).toBe('paid');
    expect(gone?.newRow).toBeUndefined();
    expect(insert?.table).toEqual(table);
    stop();
  });

  it('begins with what commits after it was asked for', async () => {
    await sql('INSERT INTO orders (id) VALUES (1)');
    const first = await follow({});
    await sql('INSERT INTO orders (id) VALUES (2)');
    const second = await follow({});
    await sql('INSERT INTO orders (id) VALUES (3)');
    await until(() => first.got.length === 2 && second.got.length === 1, 'changes');
    expect(ids(first.got)).toEqual(['insert 2', 'insert 3']);
    expect(ids(second.got)).toEqual(['insert 3']);
    // All get the same object, so that its encoded form can be shared.
    expect(second.got[0]).toBe(first.got[1]);
    first.stop();
    second.stop();
  });

  it('delivers only the kinds that were asked for', async () => {
    const { got, stop } = await follow({ events: ['delete', 'update', 'delete'] });
    await sql('INSERT INTO orders (id) VALUES (1)');
    await sql("UPDATE orders SET note = 'a'");
    await sql('DELETE FROM orders');
    await until(() => got.length === 2, 'two changes');
    expect(ids(got)).toEqual(['update 1', 'delete 1']);
    stop();
  });

  it('resumes from a position, repeats that transaction, and joins those who are live', async () => {
    const live = await follow({});
    await sql('INSERT INTO orders (id) SELECT generate_series(1, 1000)');
    await sql('INSERT INTO orders (id) SELECT generate_series(1001, 1010)');
    await until(() => live.got.length === 1010, 'all');
    const from = lsnText(live.got[1005]?.commitLsn ?? 0n);
    const late = await follow({ fromLsn: from });
    await until(() => late.got.length === 10, 'the last transaction');
    expect(ids(late.got)).toEqual(ids(live.got.slice(1000)));
    for (const id of range(200, 2000)) await sql(`INSERT INTO orders (id) VALUES (${id})`);
    await until(() => late.got.length === 210 && live.got.length === 1210, 'what came later');
    expect(ids(late.got.slice(10))).toEqual(ids(live.got.slice(1010)));
    live.stop();
    late.stop();
  });

  it('drops a client that does not read, and says from where to resume', async () => {
    const session = new AbortController();
    const { feed } = await model.call(changesFollow, { table: 'orders' }, { signal: session.signal });
    await sql("INSERT INTO orders (id, note) SELECT n, repeat('x', 50) FROM generate_series(1, 10500) n");
    await until(() => feed.ended !== undefined, 'the end');
    expect(feed.ended?.reason.code).toBe('SUBSCRIBER_TOO_SLOW');
    const from = /^Resume from ([0-9A-F]+\/[0-9A-F]+)$/.exec(feed.ended?.reason.detail ?? '')?.[1];
    expect(from).toBeDefined();
    const again = await follow({ fromLsn: from });
    await until(() => again.got.length === 10_500, 'everything');
    again.stop();
    session.abort();
  });

  it('ends when the table is dropped, after what had committed', async () => {
    await sql('CREATE TABLE brief (id int PRIMARY KEY)');
    const { got, feed } = await follow({ table: 'brief' });
    await sql('INSERT INTO brief VALUES (1)');
    await sql('DROP TABLE brief');
    await until(() => feed.ended !== undefined, 'the end');
    expect(ids(got)).toEqual(['insert 1']);
    expect(feed.ended?.reason.code).toBe('TABLE_NOT_FOUND');
  });

  it('goes on under the new name and columns of a table', async () => {
    await sql('CREATE TABLE before (id int PRIMARY KEY)');
    const { got, stop } = await follow({ table: 'before' });
    await sql('INSERT INTO before VALUES (1)');
    await sql('ALTER TABLE before RENAME TO after');
    await sql("ALTER TABLE after ADD COLUMN word text DEFAULT 'w'");
    await sql('INSERT INTO after VALUES (2)');
    await until(() => got.length === 2, 'both');
    expect(got[1]?.table).toMatchObject({ name: 'after', columns: [{ name: 'id' }, { name: 'word' }] });
    expect(got[1]?.newRow).toEqual(['2', 'w']);
    stop();
  });

  it('refuses what cannot be followed', async () => {
    const code = async (input: object): Promise<string> => {
      const error = await model.fault(changesFollow, { table: 'orders', ...input });
      expect(error).toBeInstanceOf(FacetError);
      return error.code;
    };
    expect(await code({ table: 'nowhere' })).toBe('TABLE_NOT_FOUND');
    expect(await code({ events: [] })).toBe('INVALID_EVENT');
    expect(await code({ events: ['insert', 'truncate'] })).toBe('INVALID_EVENT');
    expect(await code({ fromLsn: 'yesterday' })).toBe('INVALID_PARAMETER');
    expect(await code({ fromLsn: '0/1' })).toBe('LSN_NOT_AVAILABLE');
    await sql('CREATE VIEW seen AS SELECT 1 AS one');
    expect(await code({ table: 'seen' })).toBe('FEATURE_NOT_SUPPORTED');
  });
});

describe('filters', () => {
  it('let through what PostgreSQL says they match', async () => {
    const filters = [
      'total > 100',
      "status = 'paid'::public.state",
      'amount % 2 = 1',
      "'b' = ANY (tags)",
      "note LIKE 'a%' -- with a comment",
      'orders.id IN (1, 3)',
      '"Odd ""Name" = 7',
      'note IS NULL',
      '(orders).total < 50',
      'NULL',
    ];
    const followed = await Promise.all(filters.map((filter) => follow({ filter })));
    await sql(`INSERT INTO orders VALUES (1, 150, 'new', 4, '{a,b}', NULL, 7), (2, 20, 'paid', 5, NULL, 'abc', 8),
      (3, NULL, NULL, NULL, '{}', 'it''s "quoted", {braced} \\ and NULL', NULL)`);
    await sql('DELETE FROM orders WHERE id = 1');
    await until(
      () => (followed[0]?.got.length ?? 0) === 2 && (followed[7]?.got.length ?? 0) === 2,
      'changes',
    );
    expect(followed.map(({ feed }) => feed.ended?.reason)).toEqual(filters.map(() => undefined));
    expect(followed.map(({ got }) => ids(got))).toEqual([
      ['insert 1', 'delete 1'],
      ['insert 2'],
      ['insert 2'],
      ['insert 1', 'delete 1'],
      ['insert 2'],
      ['insert 1', 'insert 3', 'delete 1'],
      ['insert 1', 'delete 1'],
      ['insert 1', 'delete 1'],
      ['insert 2'],
      [],
    ]);
    for (const { stop } of followed) stop();
  });

  it('do not match rows for which they raise, and harm nobody else', async () => {
    const raising = await follow({ filter: '1000 / id > 10' });
    const other = await follow({ filter: 'id >= 0' });
    await sql('INSERT INTO orders (id) VALUES (0), (1), (2), (500)');
    await sql('INSERT INTO orders (id) VALUES (3)');
    await until(() => other.got.length === 5 && raising.got.length === 3, 'changes');
    expect(ids(raising.got)).toEqual(['insert 1', 'insert 2', 'insert 3']);
    const told = model.observations.filter(
      (seen) => seen.type === 'warning' && seen.message.includes('could not be evaluated'),
    );
    expect(told).toHaveLength(1);
    raising.stop();
    other.stop();
  });

  it('see the new row of an update', async () => {
    const { got, stop } = await follow({ filter: 'total > 100' });
    await sql('INSERT INTO orders (id, total) VALUES (1, 50)');
    await sql('UPDATE orders SET total = 200');
    await sql('UPDATE orders SET total = 10');
    await sql('DELETE FROM orders');
    await sql('INSERT INTO orders (id, total) VALUES (2, 101)');
    await until(() => got.length === 2, 'changes');
    expect(ids(got)).toEqual(['update 1', 'insert 2']);
    stop();
  });

  it('end with the table that they no longer fit', async () => {
    await sql('CREATE TABLE changing (id int PRIMARY KEY, price int)');
    const { got, feed } = await follow({ table: 'changing', filter: 'price > 1' });
    await sql('INSERT INTO changing VALUES (1, 2)');
    await sql('ALTER TABLE changing ALTER COLUMN price TYPE numeric');
    await sql('INSERT INTO changing VALUES (2, 1.5)');
    await until(() => got.length === 2, 'both types');
    await sql('ALTER TABLE changing RENAME COLUMN price TO cost');
    await sql('INSERT INTO changing VALUES (3, 5)');
    await until(() => feed.ended !== undefined, 'the end');
    expect(feed.ended?.reason.code).toBe('INVALID_FILTER');
  });

  it('mean what is built in, whatever operators users make later', async () => {
    await sql('CREATE TABLE named (id int PRIMARY KEY, name varchar(10))');
    const { got, stop } = await follow({ table: 'named', filter: "name = 'x'" });
    await sql(
      `CREATE FUNCTION never(varchar, varchar) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN false; END'`,
    );
    await sql('CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = never)');
    await sql("INSERT INTO named VALUES (1, 'x')");
    const { rows } = await model.call(sqlQuery, { sql: "SELECT id FROM named WHERE name = 'x'" });
    expect(rows).toEqual([]);
    const later = await follow({ table: 'named', filter: "name = 'x' AND id > 1" });
    await sql("INSERT INTO named VALUES (2, 'x'), (3, 'y')");
    await until(() => got.length === 2 && later.got.length === 1, 'changes');
    expect(ids(got)).toEqual(['insert 1', 'insert 2']);
    stop();
    later.stop();
    await sql('DROP OPERATOR public.= (varchar, varchar)');
  });

  it('work on partitioned tables', async () => {
    await sql('CREATE TABLE parted (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)');
    await sql('CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10)');
    await sql('CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20)');
    const { got, stop } = await follow({ table: 'parted', filter: 'v = 1' });
    await sql('INSERT INTO parted VALUES (1, 1), (2, 2), (11, 1)');
    await until(() => got.length === 2, 'changes');
    expect(ids(got)).toEqual(['insert 1', 'insert 11']);
    stop();
  });

  it.each([
    ['id = 1) OR (1 = 1', /not one SQL expression/],
    ['id = 1; DROP TABLE orders', /not one SQL expression/],
    ["note = 'open", /not one SQL expression/],
    ['id = 1 /* open', /not one SQL expression/],
    ['', /not one SQL expression/],
    ['EXISTS (SELECT FROM account)', /subquery/],
    ['id IN (TABLE ids)', /subquery/],
    ['id = $1', /parameter/],
    ['pg_sleep(10) IS NULL', /arguments alone/],
    ['now() > $$2020-01-01$$', /arguments alone/],
    ["current_setting('a.b') = 'c'", /arguments alone/],
    ["nextval('orders_seq') > 1", /orders_seq|arguments alone/],
    ["pg_read_file('/etc/passwd') IS NULL", /arguments alone|permission/],
    ["set_config('a.b', 'c', false) IS NULL", /arguments alone/],
    ['public.harmless(id)', /function public\.harmless\(bigint\)/],
    ['id::public.checked = 1', /type public\.checked/],
    ['id::checked = 1', /Type "checked" does not exist/],
    ["'(1)'::public.checked_pair IS NULL", /type public\.checked/],
    ["'{1}'::public.checked[] IS NULL", /type public\.checked/],
    ['count(*) > 1', /aggregate/],
    ['row_number() OVER () = 1', /window/],
    ['total', /type boolean, not type numeric/],
    ['nothing = 1', /"nothing" does not exist in table 'orders'/],
    ["status = 'eaten'", /invalid input value for enum/i],
    ['ctid IS NULL', /system column/],
    ['orders.id = other.id', /other/],
    ['id = 1 AND', /syntax error/i],
    ['1 / 0 = 1', /division by zero/i],
  ])('%s is refused', async (filter, because) => {
    if (filter === 'id::public.checked = 1') {
      await sql(
        "CREATE FUNCTION slow(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(1) IS NOT NULL'",
      );
      await sql('CREATE DOMAIN checked AS bigint CHECK (slow(VALUE))');
      await sql('CREATE TYPE checked_pair AS (a checked)');
    }
    if (filter.startsWith('harmless')) {
      await sql("CREATE FUNCTION harmless(bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'");
    }
    const error = await model.fault(changesFollow, { table: 'orders', filter });
    expect([error.code, `${error.message} ${error.detail ?? ''}`]).toEqual([
      'INVALID_FILTER',
      expect.stringMatching(because),
    ]);
  });

  it('are bounded in length', async () => {
    const filter = `note <> '${'x'.repeat(5_000)}'`;
    expect((await model.fault(changesFollow, { table: 'orders', filter })).code).toBe('LIMIT_EXCEEDED');
  });
});
