/** Results that are fetched in parts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import type { ServerMessage } from '../../../src/strana/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import {
  begin,
  COMMIT,
  closeStream,
  errorOf,
  execute,
  fetchFrom,
  type GraphdClient,
  open,
  ROLLBACK,
  valuesOf,
} from './client.ts';

let server: TestServer;
let client: GraphdClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await open(server);
  await client.run('UNWIND range(1, 5000) AS n CREATE (:N {n: n})');
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

function resultOf(answer: ServerMessage['msg']) {
  if (answer.case !== 'result') throw new Error(JSON.stringify(answer));
  const { columns, streamId, hasMore, timingMs, requestId } = answer.value;
  return { columns, streamId, hasMore, timingMs, requestId, values: valuesOf(answer.value).flat() };
}

const counted = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, at) => BigInt(from + at));

const FROM_MEMORY = (rows: number): string => `UNWIND range(1, ${rows}) AS n RETURN n`;
const FROM_GRAPH = (rows: number): string => `MATCH (m:N) WHERE m.n <= ${rows} RETURN m.n AS n ORDER BY n`;

describe.each([
  ['computed', FROM_MEMORY],
  ['from the graph', FROM_GRAPH],
])('rows %s', (_, query) => {
  test.each([
    [0, 5],
    [1, 1],
    [4, 5],
    [5, 5],
    [6, 5],
    [10, 5],
    [11, 5],
    [3, 1],
    [999, 1_000],
    [1_000, 1_000],
    [1_001, 1_000],
    [2_500, 1_000],
    [4_096, 4_095],
    [4_999, 777],
    [5_000, 5_000],
    [5_000, 2 ** 40],
  ])('%i of them, %i at a time', async (rows, size) => {
    let part = resultOf(await client.ask(execute(query(rows), { fetchSize: BigInt(size) })));
    const got = [...part.values];
    const id = part.streamId;
    expect(part.columns).toEqual(['n']);
    let parts = 1;
    while (part.hasMore !== undefined) {
      expect(part).toMatchObject({ hasMore: true, streamId: id, values: { length: size } });
      part = resultOf(await client.ask(fetchFrom(id ?? 0n)));
      expect(part).toMatchObject({ columns: ['n'], timingMs: 0 });
      got.push(...part.values);
      parts++;
    }
    expect(part.streamId).toBeUndefined();
    expect(got).toEqual(counted(1, rows));
    expect(parts).toBe(Math.max(1, Math.ceil(rows / size)));
    if (id !== undefined)
      expect(await client.ask(fetchFrom(id))).toMatchObject(errorOf(`Unknown stream_id: ${id}`));
  });
});

test('streams have numbers of their own, which are never used again', async () => {
  const own = await open(server);
  const opened = async (rows: number): Promise<bigint | undefined> =>
    resultOf(await own.ask(execute(FROM_GRAPH(rows), { fetchSize: 10n }))).streamId;
  expect(await opened(100)).toBe(1n);
  expect(await opened(10)).toBeUndefined();
  expect(await opened(200)).toBe(2n);
  expect(resultOf(await own.ask(fetchFrom(2n))).values).toEqual(counted(11, 20));
  expect(resultOf(await own.ask(fetchFrom(1n))).values).toEqual(counted(11, 20));
  expect(await own.ask(closeStream(1n))).toMatchObject({ case: 'closeStreamOk', value: { streamId: 1n } });
  expect(await own.ask(closeStream(1n))).toMatchObject(errorOf('Unknown stream_id: 1'));
  expect(await own.ask(fetchFrom(1n))).toMatchObject(errorOf('Unknown stream_id: 1'));
  expect(await opened(100)).toBe(3n);
  expect(resultOf(await own.ask(fetchFrom(2n))).values).toEqual(counted(21, 30));
  await own.close();
});

test('the id of a request is in the answer to each, and only there', async () => {
  const asked = async (requestId: string) =>
    resultOf(await client.ask({ case: 'fetch', value: { streamId: id, requestId } })).requestId;
  const first = resultOf(await client.ask(execute(FROM_GRAPH(50), { fetchSize: 10n, requestId: 'first' })));
  const id = first.streamId ?? 0n;
  expect(first.requestId).toBe('first');
  expect(await asked('second')).toBe('second');
  expect(await asked('')).toBe('');
  expect(resultOf(await client.ask(fetchFrom(id))).requestId).toBeUndefined();
  expect(await client.ask({ case: 'closeStream', value: { streamId: id, requestId: 'c' } })).toMatchObject({
    case: 'closeStreamOk',
    value: { streamId: id, requestId: 'c' },
  });
  expect(await client.ask({ case: 'fetch', value: { streamId: 999n, requestId: 'x' } })).toMatchObject(
    errorOf('Unknown stream_id: 999', 'x'),
  );
});

test('a write is done when its first rows come', async () => {
  const answer = resultOf(
    await client.ask(execute('UNWIND range(1, 30) AS n CREATE (m:W {n: n}) RETURN m.n', { fetchSize: 10n })),
  );
  expect(answer).toMatchObject({ hasMore: true, values: counted(1, 10) });
  expect(await client.run('MATCH (m:W) RETURN count(m)')).toEqual([[30n]]);
  await client.ask(closeStream(answer.streamId ?? 0n));
});

test.each([
  ['commit', COMMIT],
  ['rollback', ROLLBACK],
])('what is left of a stream outlives the %s of its transaction', async (_, end) => {
  await client.ask(begin());
  await client.run('CREATE (:Own {n: 1})');
  const small = resultOf(await client.ask(execute(FROM_GRAPH(30), { fetchSize: 10n }))).streamId ?? 0n;
  const large = resultOf(await client.ask(execute(FROM_GRAPH(5_000), { fetchSize: 1_000n }))).streamId ?? 0n;
  await client.run('MATCH (m:N) WHERE m.n > 4990 SET m.n = m.n');
  expect(resultOf(await client.ask(fetchFrom(small))).values).toEqual(counted(11, 20));
  expect(await client.ask(end)).not.toMatchObject({ case: 'error' });
  expect(resultOf(await client.ask(fetchFrom(small))).values).toEqual(counted(21, 30));
  const got: unknown[] = [];
  for (let part = 0; part < 4; part++) got.push(...resultOf(await client.ask(fetchFrom(large))).values);
  expect(got).toEqual(counted(1_001, 5_000));
  expect(await client.ask(fetchFrom(large))).toMatchObject(errorOf(`Unknown stream_id: ${large}`));
});

test('more than can be kept is lost with its transaction, and says so', async () => {
  await client.ask(begin());
  const rows = LIMITS.graphdFetchRowsMax + 10_000;
  const id = resultOf(await client.ask(execute(FROM_MEMORY(rows), { fetchSize: 10n }))).streamId ?? 0n;
  expect(await client.ask(COMMIT)).toMatchObject({ case: 'commitOk' });
  expect(await client.ask(fetchFrom(id))).toMatchObject(
    errorOf(expect.stringContaining('not kept when its transaction ends')),
  );
  expect(await client.ask(fetchFrom(id))).toMatchObject(errorOf(`Unknown stream_id: ${id}`));
});

test('a stream that fails later says so, and is gone', async () => {
  const query = 'UNWIND range(-2500, 10) AS n RETURN 1 / n';
  const id = resultOf(await client.ask(execute(query, { fetchSize: 1_000n }))).streamId ?? 0n;
  let answer = await client.ask(fetchFrom(id));
  for (let tries = 0; answer.case === 'result' && tries < 5; tries++)
    answer = await client.ask(fetchFrom(id));
  expect(answer).toMatchObject(errorOf(expect.stringMatching(/^Runtime exception: .*divide by zero/)));
  expect(await client.ask(fetchFrom(id))).toMatchObject(errorOf(`Unknown stream_id: ${id}`));
});

test('there is a bound on the streams of a connection, and closing one makes room', async () => {
  const own = await open(server);
  for (let at = 0; at < LIMITS.graphdStreamsMax; at++) {
    expect(resultOf(await own.ask(execute(FROM_MEMORY(20), { fetchSize: 10n }))).hasMore).toBe(true);
  }
  expect(await own.ask(execute('CREATE (:Refused)', { fetchSize: 10n }))).toMatchObject(
    errorOf(expect.stringContaining('graphdStreamsMax')),
  );
  expect(await own.run('MATCH (n:Refused) RETURN n')).toEqual([]);
  await own.ask(closeStream(3n));
  expect(resultOf(await own.ask(execute(FROM_MEMORY(20), { fetchSize: 10n }))).hasMore).toBe(true);
  await own.close();
});

test('streams that are left open hold nothing when their client has gone', async () => {
  const own = await open(server);
  await own.ask(begin());
  await own.ask(execute(FROM_GRAPH(5_000), { fetchSize: 1n }));
  await own.ask(ROLLBACK);
  for (let at = 0; at < 3; at++)
    await own.ask(execute('MATCH (a:N), (b:N) RETURN a.n, b.n', { fetchSize: 1n }));
  own.ws.terminate();
  await own.closed;
  // The server's own look at what is left is at its stop.
  expect(await client.run('RETURN 1')).toEqual([[1n]]);
});

test('one value may be too large for an answer, and the connection goes on', async () => {
  const query = "RETURN [n IN range(1, 80) | 'x' + reduce(t = 'y', i IN range(1, 20) | t + t)] AS huge";
  expect(await client.ask(execute(query))).toMatchObject({ case: 'error' });
  expect(await client.run('RETURN 1')).toEqual([[1n]]);
});
