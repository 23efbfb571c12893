/** Tables and indexes with the requests of the ThunderDB API reference, and pages of lists. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, keysOf, type Reply, startThunder, type Thunder } from './harness.ts';

let thunder: Thunder;
beforeAll(async () => {
  thunder = await startThunder();
  await thunder.sql(`CREATE TABLE users (id bigserial PRIMARY KEY, name varchar(255) NOT NULL,
    email varchar(255) NOT NULL, active boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL DEFAULT now())`);
  await thunder.sql('CREATE UNIQUE INDEX users_email_idx ON users (email)');
}, 60_000);
afterAll(async () => await thunder.stop());

const refusal = ({ status, json }: Reply): [number, Json | undefined] => [status, json.error?.code];
const names = (list: Json | undefined): unknown[] => (list as unknown as Json[]).map(({ name }) => name);

describe('tables', () => {
  it('are listed', async () => {
    const { status, json } = await thunder.get('/api/v1/tables');
    expect(status).toBe(200);
    expect(keysOf(json)).toEqual(['pagination', 'tables']);
    expect(keysOf(json.tables?.[0])).toEqual([
      'created_at',
      'engine',
      'name',
      'row_count',
      'schema',
      'size_bytes',
    ]);
    expect(json.tables?.[0]).toMatchObject({ name: 'users', schema: 'public', engine: 'row', row_count: 0 });
    expect(json.pagination).toEqual({ total: 1, limit: 100, has_more: false, next_cursor: null });
  });

  it('are described', async () => {
    const { status, json } = await thunder.get('/api/v1/tables/users');
    expect(status).toBe(200);
    expect(keysOf(json)).toEqual(
      [
        'name',
        'schema',
        'engine',
        'columns',
        'indexes',
        'row_count',
        'size_bytes',
        'created_at',
        'last_modified_at',
      ].sort(),
    );
    const column = (name: string, type: string, primary_key: boolean, value: string | null): unknown => ({
      name,
      type,
      nullable: false,
      primary_key,
      default: value,
    });
    expect(json.columns).toEqual([
      column('id', 'Int64', true, "nextval('users_id_seq')"),
      column('name', 'Varchar(255)', false, null),
      column('email', 'Varchar(255)', false, null),
      column('active', 'Boolean', false, 'true'),
      column('created_at', 'TimestampTz', false, 'now()'),
    ]);
    expect(json.indexes).toEqual(
      expect.arrayContaining([
        { name: 'users_pkey', columns: ['id'], type: 'btree', unique: true },
        { name: 'users_email_idx', columns: ['email'], type: 'btree', unique: true },
      ]),
    );
    expect(json.created_at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect((await thunder.get('/api/v1/tables/public.users')).json.name).toBe('users');
    expect((await thunder.get('/api/v1/tables/users?schema=public')).status).toBe(200);
  });

  it('are created and dropped', async () => {
    const body = {
      name: 'products',
      schema: 'public',
      engine: 'row',
      columns: [
        { name: 'id', type: 'Int64', primary_key: true },
        { name: 'name', type: 'Varchar(255)', nullable: false },
        { name: 'description', type: 'Text', nullable: true },
        { name: 'price', type: 'Decimal(10,2)', nullable: false },
        { name: 'category', type: 'Varchar(100)', nullable: true },
        { name: 'embedding', type: 'Vector(768)', nullable: true },
        { name: 'created_at', type: 'TimestampTz', default: 'now()' },
      ],
      if_not_exists: true,
    };
    const created = await thunder.post('/api/v1/tables', body);
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      name: 'products',
      schema: 'public',
      created: true,
      message: "Table 'public.products' created successfully",
    });
    const again = await thunder.post('/api/v1/tables', body);
    expect([again.status, again.json.created]).toEqual([200, false]);
    const strict = await thunder.post('/api/v1/tables', { ...body, if_not_exists: false });
    expect(refusal(strict)).toEqual([409, 'TABLE_ALREADY_EXISTS']);

    const dropped = await thunder.del('/api/v1/tables/products?if_exists=true&cascade=false');
    expect(dropped.status).toBe(200);
    expect(dropped.json).toEqual({
      name: 'products',
      dropped: true,
      message: "Table 'public.products' dropped successfully",
    });
    const gone = await thunder.del('/api/v1/tables/products?if_exists=true');
    expect([gone.status, keysOf(gone.json), gone.json.dropped]).toEqual([
      200,
      ['dropped', 'message', 'name'],
      false,
    ]);
    expect(refusal(await thunder.del('/api/v1/tables/products'))).toEqual([404, 'TABLE_NOT_FOUND']);
  });

  it('may say they are columnar, and are told what that means', async () => {
    const created = await thunder.post('/api/v1/tables', {
      name: 'analytics_events',
      engine: 'columnar',
      columns: [{ name: 'at', type: 'TimestampTz' }],
    });
    expect(created.status).toBe(201);
    expect(String(created.json.message)).toMatch(/BRIN/i);
    expect((await thunder.get('/api/v1/tables/analytics_events')).json.engine).toBe('columnar');
    await thunder.del('/api/v1/tables/analytics_events');
  });

  it('are refused by name where they cannot be', async () => {
    const create = async (columns: unknown, rest = {}): Promise<unknown> =>
      refusal(await thunder.post('/api/v1/tables', { name: 't', columns, ...rest }));
    expect(await create([{ name: 'a', type: 'Nope' }])).toEqual([422, 'INVALID_TYPE']);
    expect(
      await create([
        { name: 'a', type: 'Int64' },
        { name: 'a', type: 'Int64' },
      ]),
    ).toEqual([422, 'DUPLICATE_COLUMN']);
    expect(await create([{ name: 'a', type: 'Int64' }], { schema: 'nope' })).toEqual([
      404,
      'SCHEMA_NOT_FOUND',
    ]);
    expect(await create([])).toEqual([400, 'INVALID_PARAMETER']);
    expect(await create(undefined)).toEqual([400, 'MISSING_PARAMETER']);
    expect(await create([{ name: 'a', type: 'Int64', primaryKey: true }])).toEqual([
      400,
      'INVALID_PARAMETER',
    ]);
    expect(await create([{ name: 'a', type: 'Int64' }], { engine: 'paper' })).toEqual([
      400,
      'INVALID_PARAMETER',
    ]);
    expect(refusal(await thunder.get('/api/v1/tables/nope'))).toEqual([404, 'TABLE_NOT_FOUND']);
    const unknown = await thunder.get('/api/v1/tables?sort=name');
    expect([...refusal(unknown), unknown.json.error?.message]).toEqual([
      400,
      'INVALID_PARAMETER',
      "Unknown field: 'sort'",
    ]);
    expect(refusal(await thunder.get('/api/v1/tables?include_system=yes'))).toEqual([
      400,
      'INVALID_PARAMETER',
    ]);
  });

  it('that others need are dropped only with cascade', async () => {
    await thunder.sql('CREATE TABLE parent (id int PRIMARY KEY)');
    await thunder.sql('CREATE TABLE child (id int REFERENCES parent)');
    expect(refusal(await thunder.del('/api/v1/tables/parent'))).toEqual([409, 'DEPENDENT_OBJECTS_EXIST']);
    expect((await thunder.del('/api/v1/tables/parent?cascade=true')).json.dropped).toBe(true);
    await thunder.del('/api/v1/tables/child');
  });
});

describe('indexes', () => {
  it('are listed, all or of a table', async () => {
    const { status, json } = await thunder.get('/api/v1/indexes?table=users');
    expect(status).toBe(200);
    expect(keysOf(json)).toEqual(['indexes', 'pagination']);
    expect(names(json.indexes)).toEqual(['users_pkey', 'users_email_idx']);
    expect(keysOf(json.indexes?.[0])).toEqual(['columns', 'name', 'size_bytes', 'table', 'type', 'unique']);
    expect(json.indexes?.[0]).toMatchObject({
      name: 'users_pkey',
      table: 'users',
      columns: ['id'],
      type: 'btree',
      unique: true,
    });
    expect(names((await thunder.get('/api/v1/indexes')).json.indexes)).toContain('users_pkey');
    expect(refusal(await thunder.get('/api/v1/indexes?table=nope'))).toEqual([404, 'TABLE_NOT_FOUND']);
  });

  it.each([
    ['btree', ['name'], { fillfactor: 80 }],
    ['hash', ['name'], {}],
    ['brin', ['created_at'], { pages_per_range: 64 }],
    ['gin', ['name'], { fastupdate: false }],
  ])('%s: is created, found again, and dropped', async (type, columns, options) => {
    const body = { name: 'an_index', table: 'users', columns, type, options, if_not_exists: true };
    const created = await thunder.post('/api/v1/indexes', body);
    expect([created.status, keysOf(created.json)]).toEqual([
      201,
      ['build_time_ms', 'created', 'name', 'table', 'type'],
    ]);
    expect(created.json).toMatchObject({ name: 'an_index', table: 'users', type, created: true });
    expect(Number.isInteger(created.json.build_time_ms)).toBe(true);
    const again = await thunder.post('/api/v1/indexes', body);
    expect([again.status, again.json.created, again.json.build_time_ms]).toEqual([200, false, 0]);
    const strict = await thunder.post('/api/v1/indexes', { ...body, if_not_exists: false });
    expect(refusal(strict)).toEqual([409, 'INDEX_ALREADY_EXISTS']);
    const dropped = await thunder.del('/api/v1/indexes/an_index?if_exists=true');
    expect([dropped.status, dropped.json]).toEqual([200, { name: 'an_index', dropped: true }]);
  });

  it('are refused by name where they cannot be', async () => {
    const create = async (body: object): Promise<unknown> =>
      refusal(
        await thunder.post('/api/v1/indexes', { name: 'i', table: 'users', columns: ['name'], ...body }),
      );
    expect(
      await create({ type: 'hnsw', options: { m: 16, ef_construction: 200, distance_metric: 'cosine' } }),
    ).toEqual([422, 'NOT_A_VECTOR_COLUMN']);
    expect(await create({ type: 'ivf_pq' })).toEqual([422, 'NOT_A_VECTOR_COLUMN']);
    expect(await create({ type: 'rtree' })).toEqual([422, 'INVALID_INDEX_TYPE']);
    expect(await create({ options: { fillfactor: 5 } })).toEqual([422, 'INVALID_INDEX_OPTION']);
    expect(await create({ columns: ['nope'] })).toEqual([422, 'COLUMN_NOT_FOUND']);
    expect(await create({ table: 'nope' })).toEqual([404, 'TABLE_NOT_FOUND']);
    expect(refusal(await thunder.del('/api/v1/indexes/nope'))).toEqual([404, 'INDEX_NOT_FOUND']);
    expect((await thunder.del('/api/v1/indexes/nope?if_exists=true')).json).toEqual({
      name: 'nope',
      dropped: false,
    });
    expect(refusal(await thunder.del('/api/v1/indexes/users_pkey'))).toEqual([
      409,
      'DEPENDENT_OBJECTS_EXIST',
    ]);
  });
});

describe('pages', () => {
  it('follow each other by cursor', async () => {
    await thunder.sql('CREATE SCHEMA many');
    for (let at = 0; at < 25; at++)
      await thunder.sql(`CREATE TABLE many.t${String(at).padStart(2, '0')} (a int)`);
    const seen: unknown[] = [];
    const cursors: unknown[] = [];
    let cursor = '';
    do {
      const { status, json } = await thunder.get(`/api/v1/tables?schema=many&limit=10${cursor}`);
      expect(status).toBe(200);
      expect(keysOf(json.pagination)).toEqual(['has_more', 'limit', 'next_cursor', 'total']);
      expect(json.pagination).toMatchObject({ total: 25, limit: 10 });
      seen.push(...names(json.tables));
      cursors.push(json.pagination?.next_cursor);
      expect(json.pagination?.has_more).toBe(json.pagination?.next_cursor !== null);
      cursor =
        json.pagination?.next_cursor === null ? '' : `&cursor=${encodeURIComponent(String(cursors.at(-1)))}`;
    } while (cursor !== '');
    expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => `t${String(at).padStart(2, '0')}`));
    expect(cursors).toEqual(['eyJvZmZzZXQiOjEwfQ==', 'eyJvZmZzZXQiOjIwfQ==', null]);
  });

  it.each([
    ['cursor=nonsense', 'INVALID_CURSOR'],
    ['cursor=', 'INVALID_CURSOR'],
    ['limit=0', 'INVALID_PARAMETER'],
    ['limit=-1', 'INVALID_PARAMETER'],
    ['limit=1001', 'INVALID_PARAMETER'],
    ['limit=ten', 'INVALID_PARAMETER'],
    ['limit=1.5', 'INVALID_PARAMETER'],
    ['limit=1&limit=2', 'INVALID_PARAMETER'],
  ])('%s is refused', async (query, code) => {
    for (const path of ['/api/v1/tables', '/api/v1/indexes', '/api/v1/cluster/nodes']) {
      expect(refusal(await thunder.get(`${path}?${query}`))).toEqual([400, code]);
    }
  });
});
