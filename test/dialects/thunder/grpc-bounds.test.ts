/** What clients of gRPC may hold of the server's memory: before the gate, with messages, and by not reading. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import { type GrpcClient, grpcClient } from '../../support/grpc.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const TOKEN = 'a-token-for-the-bounds-of-grpc';
const BEARER = { metadata: { authorization: `Bearer ${TOKEN}` } };
const EXECUTE = '/thunder.ThunderQuery/Execute';
const MIB = 1024 * 1024;

let server: TestServer;
let client: GrpcClient;
let session: ClientHttp2Session;

beforeAll(async () => {
  const flags = { 'grpc-listen': '127.0.0.1:0', 'auth-token': TOKEN };
  server = await startTestServer({ flags });
  const address = server.running.grpcAddress ?? '';
  client = await grpcClient(address);
  session = connect(`http://${address}`);
  session.on('error', () => {});
});
afterAll(async () => {
  session?.destroy();
  client?.close();
  await server?.stop();
});

interface Opened {
  readonly stream: ClientHttp2Stream;
  /** Status and message, once the server has answered. */
  readonly answer: Promise<readonly [string, string]>;
}

function open(path: string, headers: Record<string, string> = {}): Opened {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    ...headers,
  });
  stream.on('error', () => {});
  const answer = new Promise<readonly [string, string]>((resolve) => {
    const told = (found: Record<string, unknown>): void => {
      if (found['grpc-status'] !== undefined) {
        resolve([String(found['grpc-status']), decodeURI(String(found['grpc-message'] ?? ''))]);
      }
    };
    stream.on('response', told);
    stream.on('trailers', told);
  });
  stream.resume();
  return { stream, answer };
}

const head = (bytes: number, compressed = 0): Buffer => {
  const frame = Buffer.from([compressed, 0, 0, 0, 0]);
  frame.writeUInt32BE(bytes, 1);
  return frame;
};

describe('strangers', () => {
  it('are refused by their headers: of the message not a byte is waited for', async () => {
    const { stream, answer } = open(EXECUTE);
    expect((await answer)[0]).toBe('16');
    stream.close();
  });

  it('may ask health small questions, not large ones, and no bombs', async () => {
    const check = '/grpc.health.v1.Health/Check';
    const large = open(check);
    large.stream.write(Buffer.concat([head(5 * MIB), Buffer.alloc(60_000)]));
    expect(await large.answer).toEqual(['8', expect.stringContaining('grpcPublicBytesMax')]);
    const bomb = open(check, { 'grpc-encoding': 'gzip' });
    const packed = gzipSync(Buffer.alloc(5 * MIB));
    bomb.stream.end(Buffer.concat([head(packed.length, 1), packed]));
    expect(await bomb.answer).toEqual(['8', expect.stringContaining('grpcPublicBytesMax')]);
    const small = open(check);
    small.stream.end(head(0));
    expect((await small.answer)[0]).toBe('0');
    for (const { stream } of [large, bomb, small]) stream.close();
  });
});

describe('messages under way', () => {
  const authorized = { authorization: BEARER.metadata.authorization };

  it('share a budget, also as compressed ones that never end; what is ended is given back', async () => {
    // Each may become 10 MB, so that some fifty of them are what all calls may hold.
    const piece = Buffer.concat([head(MIB, 1), Buffer.alloc(10_000)]);
    const opened: Opened[] = [];
    let refused: readonly [string, string] | undefined;
    for (let count = 0; count < 100 && refused === undefined; count++) {
      const each = open(EXECUTE, { ...authorized, 'grpc-encoding': 'gzip' });
      opened.push(each);
      each.stream.write(piece);
      refused = await Promise.race([
        each.answer,
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 10)),
      ]);
    }
    const said = refused ?? (await Promise.race(opened.map(({ answer }) => answer)));
    expect(said).toEqual(['14', expect.stringContaining('bodiesBytesMax')]);
    expect(opened.length).toBeGreaterThan(LIMITS.bodiesBytesMax / (10_005 * 1_032) - 1);
    for (const { stream } of opened) stream.close();
    await expect
      .poll(() => client.call('thunder.ThunderQuery/Execute', { sql: 'SELECT 1' }, BEARER).catch(() => ({})))
      .toMatchObject({ row_count: '1' });
  });

  it('that inflate beyond the bound of a message are told so, and hold no more than it', async () => {
    // Two thirds of a gigabyte, as members of gzip one after the other: more than all messages may hold together.
    const member = gzipSync(Buffer.alloc(MIB));
    const bomb = Buffer.concat(Array.from({ length: 680 }, () => member));
    const before = process.memoryUsage().rss;
    const calls = Array.from({ length: 6 }, () => {
      const each = open(EXECUTE, { ...authorized, 'grpc-encoding': 'gzip' });
      each.stream.end(Buffer.concat([head(bomb.length, 1), bomb]));
      return each.answer;
    });
    const bound = `larger than ${LIMITS.bodyBytesMax} bytes (body-bytes-max)`;
    for (const answer of calls) expect(await answer).toEqual(['8', expect.stringContaining(bound)]);
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * MIB);
  });

  it('may be compressed', async () => {
    const sql = Buffer.from(`SELECT '${'x'.repeat(100_000)}' AS long`);
    const length = Buffer.from([
      0x0a,
      (sql.length & 0x7f) | 0x80,
      ((sql.length >> 7) & 0x7f) | 0x80,
      sql.length >> 14,
    ]);
    const packed = gzipSync(Buffer.concat([length, sql]));
    const calls = Array.from({ length: 60 }, () => {
      const each = open(EXECUTE, { ...authorized, 'grpc-encoding': 'gzip' });
      each.stream.end(Buffer.concat([head(packed.length, 1), packed]));
      return each.answer;
    });
    expect(new Set((await Promise.all(calls)).map(([status]) => status))).toEqual(new Set(['0']));
  });
});

it('many streams that nobody reads hold bounded memory', async () => {
  const sql = "SELECT repeat('x', 1000) FROM generate_series(1, 1000000)";
  const before = process.memoryUsage().rss;
  // Raw streams: what a client library buffers would count, for it lives in this process, too.
  const request = Buffer.concat([Buffer.from([0x0a, sql.length]), Buffer.from(sql)]);
  const streams = Array.from({ length: 6 }, () => {
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/thunder.ThunderQuery/ExecuteStream' },
      ...{ 'content-type': 'application/grpc', te: 'trailers', authorization: BEARER.metadata.authorization },
    });
    stream.on('error', () => {});
    stream.end(Buffer.concat([head(request.length), request]));
    return stream;
  });
  await Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('response', resolve))));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  // Each result is a gigabyte.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
  for (const stream of streams) stream.close();
});
