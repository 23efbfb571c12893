/** QueryService: one query, a stream of one, batches and pages; errors as the reference's table has them. */
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellsOf, failureOf, type Neumann, QUERY, startNeumann } from './service-client.ts';

const WIRES = ['documented', 'released'] as const;

describe.each(WIRES)('with the %s numbers', (wire) => {
  let neumann: Neumann;
  beforeAll(async () => {
    neumann = await startNeumann({ 'neumann-wire': wire, 'neumann-stream-channel-capacity': '3' });
    await neumann.run('CREATE TABLE users (name:string, age:int?)');
    for (const age of [30, 25, 35]) await neumann.run(`INSERT users name='user ${age}', age=${age}`);
  });
  afterAll(async () => await neumann?.stop());

  const stream = (query: string) => neumann.client.collect(`${QUERY}/ExecuteStream`, { query });
  /** The id that a statement made. */
  const run = async (query: string): Promise<string> => (await neumann.run(query)).ids.ids[0];
  const batch = (queries: readonly string[]) =>
    neumann.client.call(`${QUERY}/ExecuteBatch`, { queries: queries.map((query) => ({ query })) });

  it('Execute: rows, counts, ids, and nothing', async () => {
    const { result, rows } = await neumann.run('SELECT users WHERE age > 26');
    expect(result).toBe('rows');
    expect(rows.rows.map(cellsOf)).toEqual([
      { name: 'user 30', age: '30' },
      { name: 'user 35', age: '35' },
    ]);
    expect((await neumann.run("INSERT users name='x'")).ids.ids).toEqual(['4']);
    expect((await neumann.run("DELETE users WHERE name = 'x'")).count).toEqual({ count: '1' });
    expect((await neumann.run('CREATE TABLE other (a:int)')).result).toBe('empty');
    expect((await neumann.run('SHOW TABLES')).table_list.tables).toContain('users');
  });

  it('ExecuteStream: a chunk for each row, then an empty last one', async () => {
    const chunks = await stream('SELECT n FROM generate_series(1, 1000) n');
    expect(chunks).toHaveLength(1_001);
    expect(chunks.slice(0, -1).every(({ chunk, is_final }) => chunk === 'row' && !is_final)).toBe(true);
    expect(chunks.slice(0, -1).map(({ row }) => Number(cellsOf(row.row).n))).toEqual(
      Array.from({ length: 1_000 }, (_, at) => at + 1),
    );
    const last = chunks.at(-1);
    expect([last?.chunk, last?.is_final]).toEqual([undefined, true]);
    expect(await stream('SELECT users WHERE age > 1000')).toMatchObject([{ is_final: true }]);
  });

  it('ExecuteStream of what has no items is refused before it runs', async () => {
    const [code, text] = await failureOf(stream("INSERT users name='never'"));
    expect([code, text.split('.')[0]]).toEqual([
      status.INVALID_ARGUMENT,
      'Result type not supported for streaming',
    ]);
    expect((await neumann.run("SELECT users WHERE name = 'never'")).rows.rows).toEqual([]);
  });

  it('ExecuteStream of nodes and of similar keys', async () => {
    await neumann.run("NODE CREATE person {name: 'Ada'}");
    await neumann.run("EMBED STORE 'doc1' [0.1, 0.2]");
    expect((await stream('NODE LIST person')).map(({ chunk }) => chunk)).toEqual(['node', undefined]);
    const similar = await stream("SIMILAR 'doc1' LIMIT 3");
    expect(similar.map(({ chunk }) => chunk)).toEqual(['similar_item', undefined]);
    expect(similar[0]?.similar_item.item).toMatchObject({ key: 'doc1' });
  });

  it('ExecuteStream of edges and of a blob, in pieces of 64 KiB', async () => {
    const [a, b] = [await run("NODE CREATE port {name: 'a'}"), await run("NODE CREATE port {name: 'b'}")];
    await run(`EDGE CREATE ${a} -> ${b} : route`);
    const [edge, ...rest] = await stream('EDGE LIST route');
    expect([edge?.chunk, edge?.edge.edge.label]).toEqual(['edge', 'route']);
    expect(rest).toMatchObject([{ is_final: true }]);

    const bytes = Buffer.alloc(150_000, 'blob ');
    const upload = [{ metadata: { filename: 'b' } }, { chunk: bytes }];
    const { artifact_id } = await neumann.client.send('neumann.v1.BlobService/Upload', upload);
    const chunks = await stream(`BLOB GET '${artifact_id}'`);
    const pieces = chunks.flatMap(({ chunk, blob_data }) =>
      chunk === 'blob_data' ? [blob_data as Buffer] : [],
    );
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(pieces.map(({ length }) => length)).toEqual([65_536, 65_536, 150_000 - 2 * 65_536]);
    expect(chunks.at(-1)).toMatchObject({ is_final: true });
  });

  it('ExecuteStream that fails at a later row: the rows before it, then the status', async () => {
    const query = 'SELECT 10 / (3000 - n) FROM generate_series(1, 5000) n';
    const call = neumann.client.open(`${QUERY}/ExecuteStream`, { query });
    let rows = 0;
    const failure = failureOf(
      (async () => {
        for await (const _chunk of call) rows++;
      })(),
    );
    expect(await failure).toEqual([status.INVALID_ARGUMENT, 'division by zero']);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(3_000);
  });

  it('ExecuteBatch: in order, each on its own', async () => {
    const { results } = await batch([
      'CREATE TABLE batched (a:int)',
      'INSERT batched a=1',
      'SELECT * FROM nowhere',
      'NOED CREATE x',
      'SELECT a FROM batched',
    ]);
    expect(results.map(({ result }: { result: string }) => result)).toEqual([
      ...['empty', 'ids', undefined, undefined, 'rows'],
    ]);
    expect(results[2].error).toMatchObject({
      code: 'ERROR_CODE_INVALID_ARGUMENT',
      details: 'TABLE_NOT_FOUND',
    });
    expect(results[2].error.message).toContain('nowhere');
    expect(results[3].error.message).toContain('NODE');
    expect(results[4].error).toBeUndefined();
    expect((await batch([])).results).toEqual([]);
  });

  it('ExecuteBatch: at most 100', async () => {
    expect((await batch(Array.from({ length: 100 }, () => 'SELECT 1'))).results).toHaveLength(100);
    expect(await failureOf(batch(Array.from({ length: 101 }, () => 'SELECT 1')))).toEqual([
      status.INVALID_ARGUMENT,
      'Batch size 101 exceeds maximum of 100',
    ]);
  });
});

describe('pages', () => {
  let neumann: Neumann;
  beforeAll(async () => {
    neumann = await startNeumann();
    await neumann.run('CREATE TABLE numbers (n:int)');
    await neumann.run('INSERT INTO numbers (n) SELECT g FROM generate_series(1, 250) g');
  });
  afterAll(async () => await neumann?.stop());

  const query = 'SELECT n FROM numbers ORDER BY n';
  const page = (request: object, text = query) =>
    neumann.client.call(`${QUERY}/ExecutePaginated`, { query: text, ...request });
  // What released clients send when nothing was said.
  const unsaid = { identity: '', cursor: '', page_size: 0, count_total: false, cursor_ttl_secs: 0 };

  it('follow one another until the last', async () => {
    const seen: number[] = [];
    let cursor = '';
    const sizes: string[] = [];
    do {
      const answer = await page({ ...unsaid, cursor });
      seen.push(...answer.result.rows.rows.map((row: never) => Number(cellsOf(row).n)));
      sizes.push(String(answer.result.rows.rows.length));
      expect([answer.page_size, answer.has_more]).toEqual([100, answer.next_cursor !== undefined]);
      expect(answer.total_count).toBeUndefined();
      cursor = answer.next_cursor ?? '';
    } while (cursor !== '');
    expect(sizes).toEqual(['100', '100', '50']);
    expect(seen).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
  });

  it('count when asked to, go back, and take another size', async () => {
    const first = await page({ page_size: 10, count_total: true });
    expect([first.total_count, first.has_more, first.result.rows.rows.length]).toEqual(['250', true, 10]);
    const second = await page({ cursor: first.next_cursor, page_size: 5 });
    expect([second.total_count, second.page_size]).toEqual(['250', 5]);
    const back = await page({ cursor: second.prev_cursor });
    expect(Number(cellsOf(back.result.rows.rows[0]).n)).toBe(6);
  });

  it.each([
    ['another query', (cursor: string) => page({ cursor }, 'SELECT 1')],
    ['a changed cursor', (cursor: string) => page({ cursor: `x${cursor}` })],
    ['no cursor at all', () => page({ cursor: 'nonsense' })],
    ['a page that is too large', () => page({ page_size: 10_001 })],
    ['a statement that writes', () => page({}, 'DELETE FROM numbers RETURNING n')],
    ['a result without items', () => page({}, 'SHOW TABLES')],
  ])('%s: INVALID_ARGUMENT', async (_what, ask) => {
    const { next_cursor } = await page({ page_size: 1 });
    expect((await failureOf(ask(next_cursor)))[0]).toBe(status.INVALID_ARGUMENT);
    expect((await page({ page_size: 1, count_total: true })).total_count).toBe('250');
  });

  it('end when their time is over', async () => {
    const { next_cursor } = await page({ page_size: 1, cursor_ttl_secs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await failureOf(page({ cursor: next_cursor }))).toEqual([
      status.INVALID_ARGUMENT,
      expect.stringContaining('expired'),
    ]);
  });

  it('are closed once, with every cursor of the listing', async () => {
    const first = await page({ page_size: 1 });
    const second = await page({ cursor: first.next_cursor });
    const close = (cursor: string) => neumann.client.call(`${QUERY}/CloseCursor`, { cursor });
    expect(await close(first.next_cursor)).toEqual({ success: true });
    expect(await close(second.next_cursor)).toEqual({ success: false });
    expect(await close('nonsense')).toEqual({ success: false });
    expect((await failureOf(page({ cursor: second.next_cursor })))[0]).toBe(status.INVALID_ARGUMENT);
  });
});
