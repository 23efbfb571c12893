/**
 * A client as they were released: @grpc/grpc-js with a .proto file that has their numbers and none of ours, sending what they
 * send, on a listener that was told to speak like that; and what becomes of it on one that was not.
 */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type Client,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { failureOf, keyOf } from './service-client.ts';

const KEY = 'sk-released-key-12345';
/** Names, numbers and enums as the JavaScript client reads them. */
const READ_AS = { keepCase: false, longs: Number, enums: String, defaults: true, oneofs: true };

type Stub = Client & Record<string, (...args: unknown[]) => unknown>;
type Stubs = Readonly<Record<'QueryService' | 'BlobService' | 'Health', Stub>>;

function connect(address: string): Stubs {
  const path = fileURLToPath(new URL('./released.proto', import.meta.url));
  const tree = loadPackageDefinition(loadSync(path, READ_AS)) as unknown as {
    readonly neumann: { readonly v1: Record<string, new (...args: unknown[]) => Stub> };
  };
  const make = (name: string): Stub => {
    const Service = tree.neumann.v1[name];
    if (Service === undefined) throw new Error(`no service ${name}`);
    return new Service(address, credentials.createInsecure());
  };
  return { QueryService: make('QueryService'), BlobService: make('BlobService'), Health: make('Health') };
}

const metadata = (): Metadata => {
  const made = new Metadata();
  made.set('x-api-key', KEY);
  return made;
};

const call = (stub: Stub, name: string, request: object): Promise<Leaves> =>
  new Promise((resolve, reject) => {
    stub[name]?.(request, metadata(), (error: ServiceError | null, answer: Leaves) =>
      error === null ? resolve(answer) : reject(error),
    );
  });

async function collect(stub: Stub, name: string, request: object): Promise<Leaves[]> {
  const messages: Leaves[] = [];
  const stream = stub[name]?.(request, metadata()) as ClientReadableStream<Leaves>;
  for await (const message of stream) messages.push(message as Leaves);
  return messages;
}

const upload = (stub: Stub, messages: readonly object[]): Promise<Leaves> =>
  new Promise((resolve, reject) => {
    const stream = stub.upload?.(metadata(), (error: ServiceError | null, answer: Leaves) =>
      error === null ? resolve(answer) : reject(error),
    ) as ClientWritableStream<object>;
    for (const message of messages) stream.write(message);
    stream.end();
  });

const start = (wire: 'documented' | 'released') =>
  startTestServer({
    flags: { 'neumann-bind-addr': '127.0.0.1:0', 'neumann-wire': wire },
    config: { credentials: [keyOf('service:released', KEY, 'admin')] },
  });

describe('on a listener with their numbers', () => {
  let server: TestServer;
  let stubs: Stubs;
  beforeAll(async () => {
    server = await start('released');
    stubs = connect(server.running.neumannAddress ?? '');
  });
  afterAll(async () => {
    for (const stub of Object.values(stubs ?? {})) stub.close();
    await server?.stop();
  });

  /** `identity` is there and empty when nobody gave one. */
  const run = (query: string) => call(stubs.QueryService, 'execute', { query, identity: '' });

  it('every kind of answer arrives in its member', async () => {
    expect((await run('CREATE TABLE ships (name:string, crew:int)')).result).toBe('empty');
    expect(await run("INSERT ships name='Galileo', crew=7")).toMatchObject({
      ...{ result: 'ids', ids: { ids: [1] } },
    });
    const { result, rows } = await run('SELECT ships');
    expect([result, rows.rows[0].id]).toEqual(['rows', 1]);
    expect(rows.rows[0].values).toMatchObject([
      { name: 'name', value: { kind: 'stringValue', stringValue: 'Galileo' } },
      { name: 'crew', value: { kind: 'intValue', intValue: 7 } },
    ]);
    expect(await run('UPDATE ships SET crew = 8 WHERE crew = 7')).toMatchObject({ count: { count: 1 } });
    expect((await run('SHOW TABLES')).tableList.tables).toContain('ships');
    const a = (await run("NODE CREATE port {name: 'Aden'}")).ids.ids[0];
    const b = (await run("NODE CREATE port {name: 'Bari'}")).ids.ids[0];
    const edge = (await run(`EDGE CREATE ${a} -> ${b} : route`)).ids.ids[0];
    expect((await run(`NODE GET ${a}`)).nodes.nodes).toMatchObject([
      { id: a, label: 'port', properties: { name: 'Aden' } },
    ]);
    expect((await run(`EDGE GET ${edge}`)).edges.edges).toMatchObject([{ from: a, to: b, label: 'route' }]);
    expect((await run(`PATH ${a} -> ${b}`)).path.nodeIds).toEqual([a, b]);
    await run("EMBED STORE 'doc' [1, 0]");
    expect((await run("SIMILAR 'doc' LIMIT 1")).similar.items).toMatchObject([{ key: 'doc' }]);
    expect((await run("ENTITY CREATE 'ship:1' {name: 'Galileo'}")).error).toBeFalsy();
    expect((await run("ENTITY GET 'ship:1'")).unified.items).toMatchObject([{ key: 'ship:1' }]);
    const artifact = (await run("BLOB PUT 'a.txt' 'hello'")).value.value;
    expect(String((await run(`BLOB GET '${artifact}'`)).blob.data)).toBe('hello');
    expect((await run(`BLOB INFO '${artifact}'`)).artifactInfo).toMatchObject({ filename: 'a.txt', size: 5 });
    expect((await run('BLOBS')).artifactList.artifactIds).toContain(artifact);
    expect((await run('BLOB STATS')).blobStats.artifactCount).toBe(1);
  });

  it('streams: items, then one that is final and empty', async () => {
    const query = 'SELECT n FROM generate_series(1, 300) n';
    const chunks = await collect(stubs.QueryService, 'executeStream', { query, identity: '' });
    expect(chunks.map(({ chunk, isFinal }) => [chunk, isFinal])).toEqual([
      ...Array.from({ length: 300 }, () => ['row', false]),
      [undefined, true],
    ]);
    expect(chunks.at(0)?.row.row.values[0].value.intValue).toBe(1);
  });

  it('batches: an error where the query failed', async () => {
    const queries = ['SELECT 1 AS one', 'SELECT * FROM nowhere'].map((query) => ({ query, identity: '' }));
    const { results } = await call(stubs.QueryService, 'executeBatch', { queries });
    expect(results[0]).toMatchObject({ result: 'rows' });
    expect(results[1].error).toMatchObject({
      code: 'ERROR_CODE_INVALID_ARGUMENT',
      message: expect.stringContaining('nowhere'),
    });
  });

  it('pages, with everything there that was not said', async () => {
    const query = 'SELECT n FROM generate_series(1, 150) n';
    const unsaid = { identity: '', cursor: '', pageSize: 0, countTotal: false, cursorTtlSecs: 0 };
    const first = await call(stubs.QueryService, 'executePaginated', { query, ...unsaid });
    expect([first.result.rows.rows.length, first.hasMore, first.pageSize]).toEqual([100, true, 100]);
    const rest = { query, ...unsaid, cursor: first.nextCursor };
    const second = await call(stubs.QueryService, 'executePaginated', rest);
    expect([second.result.rows.rows.length, second.hasMore]).toEqual([50, false]);
    const cursor = first.nextCursor;
    expect(await call(stubs.QueryService, 'closeCursor', { cursor })).toEqual({ success: true });
  });

  it('uploads with all of the metadata, downloads, deletes', async () => {
    const bytes = Buffer.alloc(200_000, 'released ');
    const about = {
      ...{ filename: 'log.txt', contentType: 'text/plain', createdBy: 'ts', tags: ['daily'] },
      ...{ linkedTo: ['ship:1'], custom: { k: 'v' } },
    };
    const pieces: object[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) {
      pieces.push({ chunk: bytes.subarray(at, at + 65_536) });
    }
    const answer = await upload(stubs.BlobService, [{ metadata: about }, ...pieces]);
    const checksum = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    expect(answer).toMatchObject({ size: 200_000, checksum });
    const { artifactId } = answer;
    expect(await call(stubs.BlobService, 'getMetadata', { artifactId })).toMatchObject({
      ...about,
      ...{ id: artifactId, checksum },
    });
    const chunks = await collect(stubs.BlobService, 'download', { artifactId });
    expect(Buffer.concat(chunks.map(({ data }) => data as Buffer)).equals(bytes)).toBe(true);
    expect(chunks.map(({ isFinal }) => isFinal)).toEqual([false, false, false, true]);
    expect(await call(stubs.BlobService, 'delete', { artifactId })).toEqual({ success: true });
    const gone = call(stubs.BlobService, 'getMetadata', { artifactId });
    expect(await failureOf(gone)).toEqual([status.NOT_FOUND, `artifact not found: ${artifactId}`]);
  });

  it('health by its names', async () => {
    expect(await call(stubs.Health, 'check', {})).toEqual({ status: 'SERVING_STATUS_SERVING' });
    const unknown = await call(stubs.Health, 'check', { service: 'somebody.else' });
    expect(unknown).toEqual({ status: 'SERVING_STATUS_UNSPECIFIED' });
  });
});

it('on a listener with the numbers of the reference an answer is not in its member', async () => {
  const server = await start('documented');
  const { QueryService } = connect(server.running.neumannAddress ?? '');
  const { result } = await call(QueryService, 'execute', { query: 'SELECT 1 AS one', identity: '' });
  // Number 3 has the rows there, and the count here.
  expect(result).toBe('count');
  QueryService.close();
  await server.stop();
});
