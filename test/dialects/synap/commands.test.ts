/** The command endpoint: envelopes, strings and keys, batches, transactions of a client. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, refused, send } from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('the envelope', () => {
  test('repeats the id of the request and has the members of both generations', async () => {
    const { status, json } = await server.post('/api/v1/command', {
      command: 'kv.set',
      request_id: 'id-1',
      payload: { key: 'user:1001', value: { name: 'Alice', age: 30 }, ttl: 3600, nx: false, xx: false },
    });
    expect(status).toBe(200);
    expect(json).toStrictEqual({
      type: 'response',
      status: 'success',
      success: true,
      request_id: 'id-1',
      payload: { key: 'user:1001', success: true, previous: null },
      error: null,
    });
  });

  test('makes an id where there is none', async () => {
    const { json } = await send(server, 'kv.dbsize');
    expect(json.request_id).toMatch(/^req_/);
  });

  test.each([
    ['[1]', 'INVALID_REQUEST', 400],
    ['{', 'INVALID_REQUEST', 400],
    ['{}', 'INVALID_REQUEST', 400],
    ['{"command":5}', 'INVALID_REQUEST', 400],
    ['{"command":"kv.get","request_id":5,"payload":{"key":"a"}}', 'INVALID_REQUEST', 400],
    ['{"type":"other","command":"kv.get"}', 'INVALID_REQUEST', 400],
    ['{"type":"batch"}', 'INVALID_REQUEST', 400],
    ['{"command":"kv.nothing"}', 'INVALID_COMMAND', 400],
    ['{"command":"constructor"}', 'INVALID_COMMAND', 400],
    ['{"command":"kv.get"}', 'INVALID_PAYLOAD', 422],
    ['{"command":"kv.get","payload":[]}', 'INVALID_PAYLOAD', 422],
    ['{"command":"kv.get","payload":{"key":5}}', 'INVALID_PAYLOAD', 422],
  ])('%s is %s', async (body, code, status) => {
    const answer = await server.post('/api/v1/command', body);
    expect(answer.json).toMatchObject({ type: 'response', status: 'error', success: false, error: { code } });
    expect(answer.status).toBe(status);
  });

  test("curl's own media type is taken for JSON, a page's is not", async () => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = JSON.stringify({ command: 'kv.get', payload: { key: 'none' } });
    expect((await server.post('/api/v1/command', body, { headers: type })).status).toBe(200);
    const page = await server.post('/api/v1/command', body, {
      headers: { ...type, origin: 'http://example.com' },
    });
    expect(page.status).toBe(415);
  });
});

describe('values', () => {
  test.each([
    '"text"',
    '42',
    '{"b":1,"a":[1,2.5,null,true]}',
    '9007199254740993',
    '1.0',
    'null',
    '""',
    '{"__proto__":1}',
  ])('%s comes back as it was', async (value) => {
    await server.post('/api/v1/command', `{"command":"kv.set","payload":{"key":"v","value":${value}}}`);
    const { text } = await send(server, 'kv.get', { key: 'v' });
    expect(text).toContain(`"payload":{"found":true,"value":${value},"ttl":null}`);
  });

  test('time to live is in seconds', async () => {
    await ok(server, 'kv.set', { key: 't', value: 1, ttl: 3600 });
    const { ttl } = await ok(server, 'kv.get', { key: 't' });
    expect(ttl).toBeGreaterThan(3590);
    expect(ttl).toBeLessThanOrEqual(3600);
    expect(await ok(server, 'kv.expire', { key: 't', ttl: 10 })).toStrictEqual({ result: true });
    expect(await ok(server, 'kv.persist', { key: 't' })).toStrictEqual({ result: true });
    expect(await ok(server, 'kv.ttl', { key: 't' })).toStrictEqual({ ttl: null });
    expect(await refused(server, 'kv.ttl', { key: 'none' })).toMatchObject({
      code: 'KEY_NOT_FOUND',
      status: 404,
    });
  });

  test.each([0, -1, 1.5, '60'])('a time to live of %s is refused', async (ttl) => {
    const { code } = await refused(server, 'kv.set', { key: 't', value: 1, ttl });
    expect(code).toBe('INVALID_PAYLOAD');
  });

  test('nx and xx', async () => {
    await ok(server, 'kv.set', { key: 'n', value: 'a', nx: true });
    expect(await refused(server, 'kv.set', { key: 'n', value: 'b', nx: true })).toMatchObject({
      code: 'KEY_EXISTS',
      status: 409,
    });
    expect((await ok(server, 'kv.set', { key: 'n', value: 'c', xx: true })).previous).toBe('a');
    expect(await refused(server, 'kv.set', { key: 'nn', value: 'b', xx: true })).toMatchObject({
      code: 'KEY_NOT_FOUND',
      status: 404,
    });
    expect(await refused(server, 'kv.set', { key: 'n', value: 1, nx: true, xx: true })).toMatchObject({
      status: 422,
    });
  });
});

describe('batches', () => {
  test('the example of the reference', async () => {
    const { json } = await server.post('/api/v1/command', {
      type: 'batch',
      request_id: 'batch-001',
      commands: [
        { command: 'kv.set', payload: { key: 'user:1', value: 'data1' } },
        { command: 'kv.set', payload: { key: 'user:2', value: 'data2' } },
        { command: 'kv.get', payload: { key: 'user:1' } },
      ],
    });
    expect(json).toMatchObject({
      type: 'batch_response',
      request_id: 'batch-001',
      results: [
        { status: 'success', payload: { success: true } },
        { status: 'success', payload: { success: true } },
        { status: 'success', payload: { found: true, value: 'data1' } },
      ],
    });
  });

  test('a wrong command fails alone, and the order is kept', async () => {
    const { json } = await server.post('/api/v1/command', {
      type: 'batch',
      commands: [
        { command: 'kv.set', payload: { key: 'o', value: 1 } },
        { command: 'kv.set', payload: { key: 'o', value: 2 } },
        { command: 'kv.set', payload: { key: '', value: 2 } },
        { command: 'kv.incr', payload: { key: 'o' } },
        { command: 'kv.incr', payload: { key: 'o' } },
        { command: 'nothing' },
        5,
        { command: 'kv.get', payload: { key: 'o' } },
      ],
    });
    const shown = json.results.map((r: { payload?: { value?: unknown }; error?: { code: string } }) =>
      r.error === undefined ? (r.payload?.value ?? 'ok') : r.error.code,
    );
    expect(shown).toStrictEqual([
      'ok',
      'ok',
      'INVALID_PAYLOAD',
      3,
      4,
      'INVALID_COMMAND',
      'INVALID_REQUEST',
      4,
    ]);
  });

  test('an atomic one takes effect as a whole or not at all', async () => {
    const commands = [
      { command: 'kv.set', payload: { key: 'at', value: 1 } },
      { command: 'kv.incr', payload: { key: 'at', amount: 'x' } },
    ];
    const failed = await server.post('/api/v1/command', { type: 'batch', atomic: true, commands });
    expect(failed.status).toBe(422);
    expect(failed.json.error.details.detail).toContain('command 1 of the batch');
    expect((await ok(server, 'kv.get', { key: 'at' })).found).toBe(false);
    const done = await server.post('/api/v1/command', {
      type: 'batch',
      atomic: true,
      commands: commands.slice(0, 1),
    });
    expect(done.json.results).toHaveLength(1);
    expect((await ok(server, 'kv.get', { key: 'at' })).value).toBe(1);
  });

  test('an empty one has no results', async () => {
    const { json } = await server.post('/api/v1/command', { type: 'batch', commands: [] });
    expect(json.results).toStrictEqual([]);
  });
});

describe('transactions of a client', () => {
  test('queued commands run at EXEC', async () => {
    const client_id = 'c1';
    await ok(server, 'transaction.multi', { client_id });
    expect(await ok(server, 'kv.set', { key: 'm', value: 1, client_id })).toStrictEqual({
      success: true,
      queued: true,
    });
    await ok(server, 'kv.incr', { key: 'm', client_id });
    expect((await ok(server, 'kv.get', { key: 'm' })).found).toBe(false);
    const { success, results } = await ok(server, 'transaction.exec', { client_id });
    expect(success).toBe(true);
    expect(results[1]).toStrictEqual({ value: 2 });
    expect((await ok(server, 'kv.get', { key: 'm' })).value).toBe(2);
  });

  test('a watched key that changed aborts', async () => {
    const client_id = 'c2';
    await ok(server, 'kv.set', { key: 'w', value: 1 });
    await ok(server, 'transaction.watch', { keys: ['w'], client_id });
    await ok(server, 'transaction.multi', { client_id });
    await ok(server, 'kv.set', { key: 'w', value: 3, client_id });
    await ok(server, 'kv.set', { key: 'w', value: 2 });
    expect(await ok(server, 'transaction.exec', { client_id })).toMatchObject({ aborted: true });
    expect((await ok(server, 'kv.get', { key: 'w' })).value).toBe(2);
  });

  test('EXEC and DISCARD without MULTI, and a second MULTI', async () => {
    expect((await refused(server, 'transaction.exec', { client_id: 'c3' })).status).toBe(409);
    expect((await refused(server, 'transaction.discard', { client_id: 'c3' })).status).toBe(409);
    await ok(server, 'transaction.multi', { client_id: 'c3' });
    expect((await refused(server, 'transaction.multi', { client_id: 'c3' })).status).toBe(409);
    await ok(server, 'transaction.discard', { client_id: 'c3' });
  });
});

test('a request that names a transaction takes part in it', async () => {
  const { json } = await server.post('/api/v1/transactions', {});
  const options = { headers: { 'X-Facet-Txn-Id': json.txn_id } };
  await send(server, 'kv.set', { key: 'x', value: 1 }, options);
  expect((await send(server, 'kv.get', { key: 'x' }, options)).payload.found).toBe(true);
  expect((await ok(server, 'kv.get', { key: 'x' })).found).toBe(false);
  await server.post(`/api/v1/transactions/${json.txn_id}/commit`, {});
  expect((await ok(server, 'kv.get', { key: 'x' })).found).toBe(true);
});

describe('health and routes', () => {
  test('health', async () => {
    const { status, json } = await server.get('/health');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'healthy',
      service: 'synap',
      role: 'master',
      components: { kv_store: 'operational', replication: 'operational' },
    });
    expect((await server.post('/health', {})).status).toBe(405);
  });

  test('routes of strings and keys', async () => {
    expect((await server.post('/kv/set', { key: 'r', value: 'v', get: true })).json).toStrictEqual({
      success: true,
      key: 'r',
      written: true,
      old_value: null,
    });
    expect((await server.post('/kv/set', { key: 'r', value: 'v', nx: true })).json.written).toBe(false);
    expect((await server.get('/kv/get/r')).text).toBe('"v"');
    expect((await server.get('/kv/get/r?type=bytes')).text).toBe('[118]');
    expect((await server.get('/kv/get/none')).json).toStrictEqual({ error: 'Key not found' });
    expect((await server.post('/kv/msetnx', { key: 'r1', value: { a: 1 } })).json).toStrictEqual({
      success: true,
    });
    expect((await server.post('/kv/msetnx', ['r2', { a: 1 }])).json).toStrictEqual({ success: true });
    expect((await server.post('/kv/msetnx', ['r2', 1])).json).toStrictEqual({ success: false });
    expect((await server.post('/kv/r/append', { value: 'w' })).json).toStrictEqual({ length: 2 });
    expect((await server.get('/kv/r/getrange?start=0&end=-1')).text).toBe('"vw"');
    expect((await server.get('/kv/r/strlen')).json).toStrictEqual({ length: 2 });
    expect((await server.get('/key/r/type')).json).toStrictEqual({ key: 'r', type: 'string' });
    expect((await server.get('/memory/none/usage')).json).toMatchObject({ bytes: 0, human: '0B' });
    expect((await server.delete('/kv/del/r')).json).toStrictEqual({ deleted: true, key: 'r' });
    expect((await server.delete('/kv/del/r')).json).toStrictEqual({ deleted: false, key: 'r' });
    expect((await server.get('/cluster/info')).status).toBe(400);
  });

  test('the others', async () => {
    expect((await ok(server, 'admin.config'))['synap-wire']).toBe('documented');
    expect(await ok(server, 'replication.status')).toMatchObject({ role: 'master', replicas: [] });
    expect((await refused(server, 'replication.promote', { force: true })).status).toBe(409);
    expect((await refused(server, 'replication.resync')).status).toBe(409);
    expect((await refused(server, 'script.eval', { script: 'return 1' })).code).toBe('FEATURE_NOT_SUPPORTED');
    expect((await refused(server, 'kv.flushdb')).status).toBe(403);
  });
});
