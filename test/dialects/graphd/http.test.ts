/** `/v1/execute`, `/v1/batch` and `/v1/pipeline`, in both encodings. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BatchSchema,
  ExecuteSchema,
  type ServerMessage,
  ServerMessageSchema,
} from '../../../src/strana/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { entriesOf, errorOf, valuesOf } from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const TYPE = 'application/x-protobuf';

async function protobuf(path: string, body: Uint8Array, type = TYPE) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Buffer.from(body),
  });
  expect(response.headers.get('content-type')).toBe(TYPE);
  const { msg } = fromBinary(ServerMessageSchema, Buffer.from(await response.arrayBuffer()));
  return { status: response.status, msg };
}
const execute = (message: MessageInitShape<typeof ExecuteSchema>) =>
  protobuf('/v1/execute', toBinary(ExecuteSchema, create(ExecuteSchema, message)));
const statements = (path: string, ...queries: string[]) =>
  protobuf(
    path,
    toBinary(
      BatchSchema,
      create(BatchSchema, { statements: queries.map((query) => ({ query })), requestId: 'b' }),
    ),
  );
const rowsOf = (msg: ServerMessage['msg']) => (msg.case === 'result' ? valuesOf(msg.value) : msg);
const json = (path: string, ...queries: string[]) =>
  server.post(path, { statements: queries.map((query) => ({ query })) });
const TIMED = { timing_ms: expect.any(Number) };

describe('/v1/execute', () => {
  it('answers JSON with JSON, all digits and dots in place', async () => {
    const { status, text, headers } = await server.post(
      '/v1/execute',
      '{"query":"RETURN $i, $f, $s, $l, $m, $n","params":{"i":9007199254740993,"f":1.0,"s":"ü\\"","l":[1,[2.5]],"m":{"k":[null]},"n":null},"fetch_size":0,"request_id":"x"}',
    );
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(text.replace(/"timing_ms":[\d.]+/, '"timing_ms":1')).toBe(
      '{"type":"result","columns":["$i","$f","$s","$l","$m","$n"],"rows":[[9007199254740993,1.0,"ü\\"",[1,[2.5]],{"k":[null]},null]],"timing_ms":1}',
    );
  });

  it.each([
    ['without params', { query: 'RETURN 1 AS x' }],
    ['with params null', { query: 'RETURN 1 AS x', params: null }],
    ['with params that are no object', { query: 'RETURN 1 AS x', params: [1] }],
    ['with members that nobody knows', { query: 'RETURN 1 AS x', other: true }],
    ['with a member that every object of JavaScript has', { query: 'RETURN 1 AS x', constructor: 1 }],
    ['with a parameter of such a name', { query: 'RETURN $constructor AS x', params: { constructor: 1 } }],
  ])('runs a statement %s', async (_, body) => {
    expect((await server.post('/v1/execute', body)).json).toEqual({
      type: 'result',
      columns: ['x'],
      rows: [[1]],
      ...TIMED,
    });
  });

  it.each([
    [''],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/json; charset=utf-8'],
  ])('takes a body of the type "%s" for JSON', async (type) => {
    const { json: answer } = await server.post('/v1/execute', '{"query":"RETURN 1"}', {
      headers: { 'content-type': type },
    });
    expect(answer.rows).toEqual([[1]]);
  });

  it('takes no such body from pages of browsers', async () => {
    const answer = await server.post('/v1/execute', '{"query":"RETURN 1"}', {
      headers: { 'content-type': 'text/plain', origin: 'http://127.0.0.1' },
    });
    expect(answer.json).toMatchObject({ type: 'error', code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it.each([
    [TYPE],
    ['application/protobuf'],
    ['application/vnd.google.protobuf; x=1'],
  ])('answers protobuf of the type %s with protobuf', async (type) => {
    const params = entriesOf(new Map([['x', [1n, 2.5, 'x']]]));
    const body = toBinary(
      ExecuteSchema,
      create(ExecuteSchema, { query: 'RETURN $x', params, fetchSize: 1n }),
    );
    const { status, msg } = await protobuf('/v1/execute', body, type);
    expect([status, rowsOf(msg)]).toEqual([200, [[[1n, 2.5, 'x']]]]);
    expect(msg).not.toHaveProperty('value.requestId', expect.anything());
    expect(msg).toMatchObject({ value: { columns: ['$x'] } });
  });

  it('answers a failing statement with status 200', async () => {
    const answer = await server.post('/v1/execute', { query: 'RETURN 1 / 0' });
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        type: 'error',
        message: expect.stringMatching(/^Runtime exception: /),
        code: 'CYPHER_ARITHMETIC_ERROR',
      },
    ]);
    const { status, msg } = await execute({ query: 'RETURN 1 / 0' });
    expect([status, msg]).toMatchObject([200, errorOf(expect.stringMatching(/^Runtime exception: /))]);
    expect((await execute({ query: 'RETURN $nothing' })).msg).toMatchObject({ case: 'error' });
  });

  it('answers a large result, in both encodings', async () => {
    const query = 'UNWIND range(1, 30000) AS n RETURN n, toString(n) AS s';
    const { json: answer } = await server.post('/v1/execute', { query });
    expect(answer.rows).toHaveLength(30_000);
    expect([answer.rows[0], answer.rows[29_999]]).toEqual([
      [1, '1'],
      [30_000, '30000'],
    ]);
    const rows = rowsOf((await execute({ query })).msg);
    expect(rows).toHaveLength(30_000);
    expect(rows).toMatchObject({ 0: [1n, '1'], 29999: [30_000n, '30000'] });
  });

  it('runs within the transaction that a header names', async () => {
    const { json: begun } = await server.post('/api/v1/transactions', {});
    const id = begun.txn_id ?? begun.data?.txn_id;
    expect(id).toEqual(expect.any(String));
    const headers = { 'x-facet-txn-id': id };
    await server.post('/v1/execute', { query: 'CREATE (:Named)' }, { headers });
    const seen = { query: 'MATCH (n:Named) RETURN count(n)' };
    expect((await server.post('/v1/execute', seen, { headers })).json.rows).toEqual([[1]]);
    expect((await server.post('/v1/execute', seen)).json.rows).toEqual([[0]]);
    await server.post('/v1/pipeline', { statements: [{ query: 'CREATE (:Named)' }] }, { headers });
    expect((await server.post('/v1/execute', seen)).json.rows).toEqual([[0]]);
    await server.post(`/api/v1/transactions/${id}/rollback`, undefined, {});
  });
});

describe('/v1/batch', () => {
  it('stops at the first failure and keeps what went before', async () => {
    const { json: answer } = await json(
      '/v1/batch',
      'CREATE (:B)',
      'RETURN 1 AS x',
      'NONSENSE',
      'CREATE (:B)',
    );
    expect(answer).toEqual({
      type: 'batch_result',
      results: [
        { type: 'result', columns: [], rows: [], ...TIMED },
        { type: 'result', columns: ['x'], rows: [[1]], ...TIMED },
        { type: 'error', message: expect.stringMatching(/^Parser exception: /), code: 'INVALID_CYPHER' },
      ],
    });
    const { msg } = await statements('/v1/batch', 'CREATE (:B)', 'NONSENSE', 'CREATE (:B)');
    expect(msg).toMatchObject({
      case: 'batchResult',
      value: { results: [{ entry: { case: 'result' } }, { entry: { case: 'error' } }] },
    });
    expect(msg).not.toMatchObject({ value: { requestId: 'b' } });
    expect(rowsOf((await execute({ query: 'MATCH (n:B) RETURN count(n)' })).msg)).toEqual([[2n]]);
  });

  it('of nothing is nothing', async () => {
    expect((await json('/v1/batch')).json).toEqual({ type: 'batch_result', results: [] });
    expect((await statements('/v1/batch')).msg).toMatchObject({
      case: 'batchResult',
      value: { results: [] },
    });
  });
});

describe('/v1/pipeline', () => {
  it('does all of it or nothing', async () => {
    const counted = 'MATCH (n:P) RETURN count(n) AS n';
    const { json: done } = await json('/v1/pipeline', 'CREATE (:P)', counted);
    expect(done).toMatchObject({ type: 'pipeline_result', results: [{ rows: [] }, { rows: [[1]] }] });
    const { json: failed } = await json(
      '/v1/pipeline',
      'CREATE (:P)',
      counted,
      'RETURN 1 / 0',
      'CREATE (:P)',
    );
    expect(failed).toMatchObject({
      type: 'pipeline_result',
      results: [{}, { rows: [[2]] }, { type: 'error' }],
    });
    expect(failed.results).toHaveLength(3);
    const { msg } = await statements('/v1/pipeline', 'CREATE (:P)', 'NONSENSE');
    expect(msg).toMatchObject({
      case: 'batchResult',
      value: { results: [{}, { entry: { case: 'error' } }] },
    });
    expect((await server.post('/v1/execute', { query: counted })).json.rows).toEqual([[1]]);
  });

  it('of nothing is nothing', async () => {
    expect((await json('/v1/pipeline')).json).toEqual({ type: 'pipeline_result', results: [] });
  });
});

describe('a request that is none', () => {
  it.each([
    ['/v1/execute', '{', /it ends too early/],
    ['/v1/execute', '', /it is empty/],
    ['/v1/execute', '[]', /not an object/],
    ['/v1/execute', '{}', /missing field `query`/],
    ['/v1/execute', '{"query":1}', /`query` is not a string/],
    ['/v1/batch', '{}', /missing field `statements`/],
    ['/v1/batch', '{"statements":{}}', /not an array/],
    ['/v1/pipeline', '{"statements":[1]}', /a statement is not an object/],
    ['/v1/pipeline', '{"statements":[{"params":{}}]}', /missing field `query`/],
  ])('%s %s', async (path, body, reason) => {
    const { status, json: answer } = await server.post(path, body);
    expect([status, answer.type]).toEqual([400, 'error']);
    expect(answer.message).toMatch(/^Invalid request body: /);
    expect(answer.message).toMatch(reason);
  });

  it.each([
    ['/v1/execute'],
    ['/v1/batch'],
    ['/v1/pipeline'],
  ])('%s with bytes that are no message', async (path) => {
    const { status, msg } = await protobuf(path, Buffer.from('0a05', 'hex'));
    expect([status, msg]).toMatchObject([400, errorOf('Invalid request body: the message ends too early')]);
  });

  it('has another method, another path, or asks /ws for an answer', async () => {
    expect((await server.get('/v1/execute')).status).toBe(405);
    expect((await server.get('/v1/nothing')).json).toMatchObject({ type: 'error', code: 'NOT_FOUND' });
    expect((await server.get('/ws')).status).toBe(426);
    expect((await server.post('/ws', {})).status).toBe(426);
  });

  it('is too large', async () => {
    const body = JSON.stringify({ query: `RETURN '${'x'.repeat(11 * 1024 * 1024)}'` });
    const answer = await server.post('/v1/execute', body);
    expect([answer.status, answer.json]).toMatchObject([413, { type: 'error', code: 'PAYLOAD_TOO_LARGE' }]);
  });

  it('is compressed', async () => {
    const answer = await server.post('/v1/execute', '{}', { headers: { 'content-encoding': 'gzip' } });
    expect([answer.status, answer.json.type]).toEqual([415, 'error']);
  });
});

it('health is answered on the path that graphd has it at', async () => {
  expect((await server.get('/health')).status).toBe(200);
});
