/** Tables through their operations, on a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  sqlCreateTable,
  sqlDescribeTable,
  sqlDropTable,
  sqlListTables,
  sqlQuery,
  transactionBegin,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

const query = (sql: string) => model.call(sqlQuery, { sql });

/** The example of the ThunderDB API reference. */
const PRODUCTS = {
  name: 'products',
  schema: 'public',
  engine: 'row',
  columns: [
    { name: 'id', type: 'Int64', primaryKey: true },
    { name: 'name', type: 'Varchar(255)', nullable: false },
    { name: 'description', type: 'Text', nullable: true },
    { name: 'price', type: 'Decimal(10,2)', nullable: false },
    { name: 'category', type: 'Varchar(100)', nullable: true },
    { name: 'embedding', type: 'Vector(768)', nullable: true },
    { name: 'created_at', type: 'TimestampTz', default: 'now()' },
  ],
  ifNotExists: true,
};

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('creating, describing and dropping', () => {
  test('the example of the reference', async () => {
    expect(await model.call(sqlCreateTable, PRODUCTS)).toEqual({
      name: 'products',
      schema: 'public',
      created: true,
      message: "Table 'public.products' created successfully",
    });
    expect(await model.call(sqlCreateTable, PRODUCTS)).toMatchObject({ created: false });
    expect((await model.fault(sqlCreateTable, { ...PRODUCTS, ifNotExists: false })).code).toBe(
      'TABLE_ALREADY_EXISTS',
    );

    const table = await model.call(sqlDescribeTable, { table: 'products' });
    expect(table).toMatchObject({ name: 'products', schema: 'public', engine: 'row', rowCount: 0 });
    expect(table.columns).toEqual([
      { name: 'id', type: 'Int64', nullable: false, primaryKey: true, default: null },
      { name: 'name', type: 'Varchar(255)', nullable: false, primaryKey: false, default: null },
      { name: 'description', type: 'Text', nullable: true, primaryKey: false, default: null },
      { name: 'price', type: 'Decimal(10,2)', nullable: false, primaryKey: false, default: null },
      { name: 'category', type: 'Varchar(100)', nullable: true, primaryKey: false, default: null },
      { name: 'embedding', type: 'Vector(768)', nullable: true, primaryKey: false, default: null },
      { name: 'created_at', type: 'TimestampTz', nullable: true, primaryKey: false, default: 'now()' },
    ]);
    expect(table.indexes).toEqual([{ name: 'products_pkey', columns: ['id'], type: 'btree', unique: true }]);
    expect(table.sizeBytes).toBeGreaterThan(0);
    expect(table.createdAt).toMatch(RFC3339);
    expect(table.lastModifiedAt).toMatch(RFC3339);
  });

  test('a vector holds its length', async () => {
    const insert = (vector: string) =>
      model.fault(sqlQuery, {
        sql: `INSERT INTO products (id, name, price, embedding) VALUES (1, '', 0, ${vector})`,
      });
    expect((await insert("'{1,2,3}'")).code).toBe('VECTOR_DIMENSION_MISMATCH');
    expect((await insert('array_fill(NULL::real, ARRAY[768])')).code).toBe('INVALID_VECTOR');
    expect((await insert('array_fill(1::real, ARRAY[2, 384])')).code).toBe('VECTOR_DIMENSION_MISMATCH');
    await query(
      "INSERT INTO products (id, name, price, embedding) VALUES (1, '', 0, array_fill(1::real, ARRAY[768]))",
    );
    await query("INSERT INTO products (id, name, price) VALUES (2, '', 0)");
  });

  test('every type that can be asked for is reported by its name', async () => {
    const types =
      `Boolean Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 Decimal Decimal(38,10)
      Text Varchar Varchar(3) Char(3) Binary Date Time Time(3) Timestamp TimestampTz TimestampTz(0) Interval Uuid Json
      Jsonb Vector(3) Array<Int32> Array<Varchar(10)> Array<Jsonb>`.split(/\s+/);
    const columns = types.map((type, at) => ({ name: `Column ${at}`, type }));
    await model.call(sqlCreateTable, { name: 'All types', columns });
    const described = await model.call(sqlDescribeTable, { table: 'All types' });
    expect(described.columns.map(({ type }) => type)).toEqual(types);
    expect(
      (await model.fault(sqlQuery, { sql: `INSERT INTO "All types" ("Column 1") VALUES (128)` })).code,
    ).toBe('CHECK_VIOLATION');
  });

  test('types that PostgreSQL knows beyond those', async () => {
    await query("CREATE TYPE color AS ENUM ('red')");
    await query('CREATE DOMAIN positive AS integer CHECK (value > 0)');
    await query('CREATE DOMAIN code AS varchar(7)');
    const columns = ['color', 'positive', 'code', 'inet', 'bigserial'].map((type) => ({ name: type, type }));
    await model.call(sqlCreateTable, { name: 'others', columns });
    const described = await model.call(sqlDescribeTable, { table: 'others' });
    expect(described.columns.map(({ type }) => type)).toEqual([
      'Text',
      'Int32',
      'Varchar(7)',
      'Text',
      'Int64',
    ]);
    expect(described.columns[4]).toMatchObject({
      default: "nextval('others_bigserial_seq')",
      nullable: false,
    });
  });

  test('a composite key', async () => {
    await model.call(sqlCreateTable, {
      name: 'pairs',
      columns: [
        { name: 'b', type: 'int', primaryKey: true },
        { name: 'a', type: 'int', primaryKey: true, nullable: false },
        { name: 'c', type: 'text', default: "'(;)' || $$x$$" },
      ],
    });
    const { columns, indexes } = await model.call(sqlDescribeTable, { table: 'pairs' });
    expect(columns.map(({ primaryKey }) => primaryKey)).toEqual([true, true, false]);
    expect(indexes).toEqual([{ name: 'pairs_pkey', columns: ['b', 'a'], type: 'btree', unique: true }]);
  });

  test('a columnar table says what it is', async () => {
    const created = await model.call(sqlCreateTable, {
      name: 'events',
      engine: 'columnar',
      columns: [
        { name: 'id', type: 'Int64' },
        { name: 'at', type: 'TimestampTz' },
      ],
    });
    expect(created.message).toContain('stored as rows');
    expect(created.message).toContain("BRIN index on 'at'");
    const described = await model.call(sqlDescribeTable, { table: 'events' });
    expect(described).toMatchObject({ engine: 'columnar', indexes: [{ columns: ['at'], type: 'brin' }] });
    const { tables } = await model.call(sqlListTables, {});
    expect(tables.find(({ name }) => name === 'events')?.engine).toBe('columnar');
    const plain = await model.call(sqlCreateTable, {
      name: 'notes',
      engine: 'columnar',
      columns: [{ name: 'a', type: 'Text' }],
    });
    expect(plain.message).not.toContain('BRIN');
  });

  const one = (column: object) => ({ name: 'never', columns: [{ name: 'a', type: 'int', ...column }] });
  test.each([
    ['an unknown type', one({ type: 'Money9' }), 'INVALID_TYPE'],
    ['a type with SQL in it', one({ type: 'int); DROP TABLE products; --' }), 'INVALID_TYPE'],
    ['a default with a second column', one({ default: '1), b int DEFAULT (2' }), 'INVALID_SQL'],
    ['a default that is no SQL', one({ default: '1 +' }), 'INVALID_SQL'],
    ['a default of another type', one({ default: "'2020-01-31'::date" }), 'TYPE_MISMATCH'],
    ['a default that reads a table', one({ default: '(SELECT 1)' }), 'FEATURE_NOT_SUPPORTED'],
    ['an unknown function', one({ default: 'missing()' }), 'FUNCTION_NOT_FOUND'],
    ['a nullable key', one({ primaryKey: true, nullable: true }), 'INVALID_PARAMETER'],
    ['an unknown schema', { ...one({}), schema: 'missing' }, 'SCHEMA_NOT_FOUND'],
    ['a schema of the server', { ...one({}), schema: 'facet' }, 'PERMISSION_DENIED'],
    ['a name that is too long', { ...one({}), name: 'n'.repeat(64) }, 'INVALID_PARAMETER'],
    [
      'a column twice',
      {
        name: 'never',
        columns: [
          { name: 'a', type: 'int' },
          { name: 'a', type: 'text' },
        ],
      },
      'DUPLICATE_COLUMN',
    ],
  ])('%s is refused', async (_, input, code) => {
    const error = await model.fault(sqlCreateTable, input);
    expect(error.code).toBe(code);
    expect(error.position).toBeUndefined();
    expect((await model.fault(sqlDescribeTable, { table: 'never' })).code).toBe('TABLE_NOT_FOUND');
  });

  test.each([
    { name: 'x', columns: [] },
    { name: '', columns: [{ name: 'a', type: 'int' }] },
    { columns: [{ name: 'a', type: 'int' }] },
    { name: 'x', engine: 'heap', columns: [{ name: 'a', type: 'int' }] },
    { name: 'x', columns: [{ name: 'a', type: 'int', unique: true }] },
  ])('%j does not fit the schema', (input) => {
    expect(sqlCreateTable.input.safeParse(input).success).toBe(false);
  });

  test('two that create one table at once: one wins, nobody breaks', async () => {
    const input = { name: 'raced', columns: [{ name: 'a', type: 'int' }], ifNotExists: true };
    await query("CREATE TYPE taken AS ENUM ('a')");
    expect((await model.fault(sqlCreateTable, { ...input, name: 'taken' })).code).toBe(
      'OBJECT_ALREADY_EXISTS',
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => model.call(sqlCreateTable, input)));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  test('dropping', async () => {
    await query('CREATE TABLE parent (id int PRIMARY KEY)');
    await query('CREATE VIEW child AS SELECT * FROM parent');
    expect((await model.fault(sqlDropTable, { table: 'parent' })).code).toBe('DEPENDENT_OBJECTS_EXIST');
    expect((await model.fault(sqlDropTable, { table: 'child' })).kind).toBe('invalid');
    expect(await model.call(sqlDropTable, { table: 'parent', cascade: true })).toEqual({
      name: 'parent',
      dropped: true,
      message: "Table 'public.parent' dropped successfully",
    });
    expect((await model.fault(sqlDropTable, { table: 'parent' })).code).toBe('TABLE_NOT_FOUND');
    expect(await model.call(sqlDropTable, { table: 'parent', ifExists: true })).toMatchObject({
      dropped: false,
    });
    expect(await model.call(sqlDropTable, { table: 'missing.parent', ifExists: true })).toMatchObject({
      dropped: false,
    });
    expect((await model.fault(sqlDropTable, { table: 'facet.table_info' })).code).toBe('PERMISSION_DENIED');
  });
});

describe('listing tables', () => {
  beforeAll(async () => {
    await query('CREATE SCHEMA shelf');
    for (const name of ['c', 'a', 'b']) await query(`CREATE TABLE shelf.${name} (id int)`);
    await query('INSERT INTO shelf.a SELECT * FROM generate_series(1, 1234)');
    await query('CREATE TABLE shelf.parted (id int) PARTITION BY RANGE (id)');
    await query('CREATE TABLE shelf.parted_1 PARTITION OF shelf.parted FOR VALUES FROM (0) TO (10)');
    await query('INSERT INTO shelf.parted VALUES (1), (2)');
  });

  test('by name, with the rows that were counted', async () => {
    const { tables, pagination } = await model.call(sqlListTables, { schema: 'shelf' });
    expect(tables.map(({ name, rowCount }) => [name, rowCount])).toEqual([
      ['a', 1234],
      ['b', 0],
      ['c', 0],
      ['parted', 2],
      ['parted_1', 2],
    ]);
    expect(tables[0]).toMatchObject({
      schema: 'shelf',
      engine: 'row',
      createdAt: expect.stringMatching(RFC3339),
    });
    expect(tables[0]?.sizeBytes).toBeGreaterThan(8_192);
    expect(pagination).toEqual({ total: 5, limit: 100, hasMore: false, nextCursor: null });
  });

  test('in pages', async () => {
    const first = await model.call(sqlListTables, { schema: 'shelf', limit: 3 });
    expect(first.pagination).toMatchObject({ total: 5, limit: 3, hasMore: true });
    const second = await model.call(sqlListTables, {
      schema: 'shelf',
      limit: 3,
      cursor: first.pagination.nextCursor ?? undefined,
    });
    expect(second.tables.map(({ name }) => name)).toEqual(['parted', 'parted_1']);
    const beyond = await model.call(sqlListTables, {
      schema: 'shelf',
      cursor: Buffer.from('{"offset":99}').toString('base64'),
    });
    expect(beyond).toEqual({
      tables: [],
      pagination: { total: 5, limit: 100, hasMore: false, nextCursor: null },
    });
    expect((await model.fault(sqlListTables, { cursor: 'nonsense' })).code).toBe('INVALID_CURSOR');
    expect(sqlListTables.input.safeParse({ limit: 0 }).success).toBe(false);
  });

  test('system tables on request, an unknown schema is empty', async () => {
    const { tables } = await model.call(sqlListTables, { includeSystem: true, limit: 1_000 });
    const schemas = new Set(tables.map(({ schema }) => schema));
    expect([...schemas]).toEqual(expect.arrayContaining(['public', 'pg_catalog', 'facet']));
    expect((await model.call(sqlListTables, { schema: 'missing' })).tables).toEqual([]);
  });

  test('a table that someone else locks does not hold up the list', async () => {
    const { txnId } = await model.call(transactionBegin, {});
    await model.call(
      sqlQuery,
      { sql: 'LOCK TABLE shelf.a IN ACCESS EXCLUSIVE MODE' },
      { transactionId: txnId },
    );
    const { tables } = await model.call(sqlListTables, { schema: 'shelf' });
    expect(tables).toHaveLength(5);
    const inside = await model.call(sqlListTables, { schema: 'shelf' }, { transactionId: txnId });
    expect(inside.tables[0]).toMatchObject({ name: 'a', rowCount: 1234 });
    await model.call(transactionRollback, { txnId });
  });

  test('a table is described by schema and by dotted name', async () => {
    expect(await model.call(sqlDescribeTable, { table: 'a', schema: 'shelf' })).toEqual(
      await model.call(sqlDescribeTable, { table: 'shelf.a' }),
    );
    expect((await model.fault(sqlDescribeTable, { table: 'a' })).message).toBe(
      "Table 'public.a' does not exist",
    );
  });
});
