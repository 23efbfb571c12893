/** What clients get wrong: messages that are none, are too large or come too late, and statements likewise. */
import { type ClientHttp2Session, connect } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcClient } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { BLOB, failureOf, QUERY } from './service-client.ts';

const MIB = 1024 * 1024;
let server: TestServer;
let client: Awaited<ReturnType<typeof grpcClient>>;
let session: ClientHttp2Session;

/** On the listener that all gRPC dialects share. */
beforeAll(async () => {
  server = await startTestServer({
    flags: { 'grpc-listen': '127.0.0.1:0', 'neumann-max-message-size': String(2 * MIB) },
  });
  client = await grpcClient(server.running.grpcAddress ?? '', undefined, {
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
  });
  session = connect(`http://${server.running.grpcAddress}`);
  session.on('error', () => {});
});
afterAll(async () => {
  session?.destroy();
  client?.close();
  await server?.stop();
});

const run = (query: string) => client.call(`${QUERY}/Execute`, { query });

/** Frames as they are. `[status, text]` */
function raw(path: string, frames: readonly Buffer[], end = true): Promise<readonly [string, string]> {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': `/${path}`, 'content-type': 'application/grpc', te: 'trailers' },
  });
  stream.on('error', () => {});
  for (const each of frames) stream.write(each);
  if (end) stream.end();
  stream.resume();
  return new Promise((resolve) => {
    const told = (found: Record<string, unknown>): void => {
      if (found['grpc-status'] === undefined) return;
      resolve([String(found['grpc-status']), decodeURI(String(found['grpc-message'] ?? ''))]);
      stream.close();
    };
    stream.on('response', told);
    stream.on('trailers', told);
  });
}

function frame(message: Buffer, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

describe('messages', () => {
  const METADATA = frame(Buffer.from([0x0a, 3, 0x0a, 1, 0x61]));

  it('that are no protobuf: INVALID_ARGUMENT', async () => {
    const [code, text] = await raw(`${QUERY}/Execute`, [frame(Buffer.from([0xff, 0xff]))]);
    expect([code, text.includes('neumann.v1.QueryRequest')]).toEqual(['3', true]);
    const [second, said] = await raw(`${BLOB}/Upload`, [METADATA, frame(Buffer.from([0x12, 9, 1]))]);
    expect([second, said.includes('neumann.v1.BlobUploadRequest')]).toEqual(['3', true]);
  });

  it('that are too large: RESOURCE_EXHAUSTED, by what they announce, also in a stream', async () => {
    const told = ['8', expect.stringContaining('neumann-max-message-size')];
    const announced = frame(Buffer.alloc(10), 3 * MIB);
    expect(await raw(`${QUERY}/Execute`, [announced], false)).toEqual(told);
    expect(await raw(`${BLOB}/Upload`, [METADATA, announced], false)).toEqual(told);
    expect((await failureOf(run(`SELECT '${'x'.repeat(3 * MIB)}'`)))[0]).toBe(status.RESOURCE_EXHAUSTED);
  });

  it('of other dialects keep their own bound', async () => {
    const [code, text] = await failureOf(
      client.call('thunder.ThunderQuery/Execute', { sql: `SELECT '${'x'.repeat(11 * MIB)}'` }),
    );
    expect([code, text]).toEqual([status.RESOURCE_EXHAUSTED, expect.stringContaining('body-bytes-max')]);
    const params = [{ string_value: 'x'.repeat(5 * MIB) }];
    const longer = { sql: 'SELECT length($1::text)', params };
    expect((await client.call('thunder.ThunderQuery/Execute', longer)).row_count).toBe('1');
  });

  it('cut off in the middle leave nothing', async () => {
    const stream = session.request({
      ...{
        ':method': 'POST',
        ':path': `/${BLOB}/Upload`,
        'content-type': 'application/grpc',
        te: 'trailers',
      },
    });
    stream.on('error', () => {});
    stream.write(METADATA);
    stream.write(frame(Buffer.alloc(1_000), 100_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    stream.destroy();
    expect((await run('BLOB STATS')).blob_stats.artifact_count).toBe('0');
  });

  it('of a procedure that is not there: UNIMPLEMENTED', async () => {
    expect((await raw(`${QUERY}/Nothing`, [frame(Buffer.alloc(0))]))[0]).toBe('12');
  });
});

describe('statements', () => {
  it.each([
    ['', 'INVALID'],
    ['NOED CREATE person', 'NODE'],
    ["NODE CREATE person {name: 'x", 'line 1'],
    ['SIMILAR [1, 2] TOP -1', 'line 1'],
    ['SELECT * FROM nowhere', 'nowhere'],
    ['CHAIN BEGIN', ''],
  ])('%j: INVALID_ARGUMENT', async (query, part) => {
    const [code, text] = await failureOf(run(query));
    expect(code).toBe(status.INVALID_ARGUMENT);
    if (part !== 'INVALID') expect(text).toContain(part);
  });

  it('of a megabyte are run or refused, and nothing else', async () => {
    const [code] = await failureOf(run(`NODE CREATE person {name: '${'x'.repeat(MIB)}'`));
    expect([status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED]).toContain(code);
    expect((await run('SELECT 1')).result).toBe('rows');
  });

  it('whose answer is larger than a message: RESOURCE_EXHAUSTED', async () => {
    const query = "SELECT repeat('x', 3000000) AS big";
    expect(await failureOf(run(query))).toEqual([
      status.RESOURCE_EXHAUSTED,
      expect.stringContaining('neumann-max-message-size'),
    ]);
  });
});

it('reflection is silent about them when it is told to be', async () => {
  const silent = await startTestServer({
    flags: { 'grpc-listen': '127.0.0.1:0', 'neumann-enable-reflection': 'false' },
  });
  const asked = await grpcClient(silent.running.grpcAddress ?? '');
  expect(asked.services.filter((name) => name.startsWith('neumann'))).toEqual([]);
  expect(asked.services).toContain('thunder.ThunderQuery');
  asked.close();
  await silent.stop();
});
