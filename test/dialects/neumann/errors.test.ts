/** Rows of the reference's table of errors that need something broken: stored bytes, PostgreSQL, a schema; and what is freed. */
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query as inside } from '../../../src/engine/query.ts';
import { grpcClient } from '../../support/grpc.ts';
import { asSuperuser } from '../../support/test-store.ts';
import { BLOB, failureOf, type Neumann, QUERY, startNeumann } from './service-client.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await startNeumann({ 'neumann-max-upload-size': '2000000' });
});
afterAll(async () => await neumann?.stop());

const MIB = 1024 * 1024;
const upload = (bytes: Buffer, filename = 'a') =>
  neumann.client.send(`${BLOB}/Upload`, [{ metadata: { filename } }, { chunk: bytes }]);

/** What calls hold while they run: all of it is free again. */
async function expectFree(): Promise<void> {
  const { store } = neumann.server;
  await expect
    .poll(async () => {
      const counts = store.opened.map(({ counts: { transactionsOpen, poolInUse, poolWaiting } }) => [
        ...[transactionsOpen, poolInUse, poolWaiting],
      ]);
      const { json } = await neumann.server.sql(
        `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
            AND backend_type = 'client backend' AND query NOT LIKE '%pg_stat_activity%'),
          (SELECT count(*)::int FROM pg_cursors WHERE name <> ''), (SELECT count(*)::int FROM blob.upload)`,
      );
      return [counts.flat().filter((n) => n > 0), json.rows];
    })
    .toEqual([[], [[0, 0, 0]]]);
}

describe('Blob: stored bytes that are not what they were', () => {
  it('INTERNAL, without a word of what is stored', async () => {
    const { artifact_id } = await upload(Buffer.alloc(1_000_000, 'damaged '));
    await neumann.server.sql(
      'UPDATE blob.chunk SET data = set_byte(data, 7, 0) WHERE sha256 IN (SELECT sha256 FROM blob.artifact_chunk WHERE artifact_id = $1::uuid)',
      [artifact_id],
    );
    const [code, text] = await failureOf(neumann.client.collect(`${BLOB}/Download`, { artifact_id }));
    expect([code, text.includes('damaged ')]).toEqual([status.INTERNAL, false]);
    // As an answer to a statement it is that of a blob, too.
    expect((await failureOf(neumann.run(`BLOB GET '${artifact_id}'`)))[0]).toBe(status.INTERNAL);
    await neumann.client.call(`${BLOB}/Delete`, { artifact_id });
    await expectFree();
  });
});

describe('Transport: connections to PostgreSQL that are cut', () => {
  it('UNAVAILABLE for the call, and the next one is answered', async () => {
    const query = "SELECT 'cut_off' AS a, pg_sleep(30)";
    const failing = failureOf(neumann.run(query));
    await expect
      .poll(async () =>
        asSuperuser('postgres', async (session) => {
          const { rows } = await inside(
            session,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%''cut_off''%' AND pid <> pg_backend_pid()",
          );
          return rows;
        }),
      )
      .toEqual([['t']]);
    expect((await failing)[0]).toBe(status.UNAVAILABLE);
    expect((await neumann.run('SELECT 1')).result).toBe('rows');
    await expectFree();
  });
});

describe('Query: whatever is wrong with one', () => {
  beforeAll(async () => {
    await neumann.run('CREATE TABLE users (name:string, age:int?)');
    await neumann.run("EMBED STORE 'doc1' [0.1, 0.2, 0.3]");
  });

  it.each([
    ["INSERT users name='x', size=1", 'size'],
    ['INSERT users age=1', 'name'],
    ['SELECT nobody', 'nobody'],
    ['SELEKT users', 'Did you mean SELECT?'],
    ['NODES CREATE person', 'NODE'],
    ["SELECT users WHERE name = 'x", 'not closed, at line 1, column 27'],
    ['SELECT users WHERE name = "x', 'not closed, at line 1, column 27'],
    ["NODE CREATE person {name: 'x", '1'],
    ['SELECT 1 /* and on', ''],
    ["EMBED STORE 'doc2' [0.1, 0.2]", '3'],
    ['SIMILAR [0.1, 0.2] LIMIT 3', '3'],
    ["SIMILAR 'doc1' TOP -1", 'TOP is at least 1'],
    ["SIMILAR 'doc1' TOP 0", 'TOP'],
    ["SIMILAR 'nobody' TOP 3", 'nobody'],
    ["EMBED STORE 'doc3' []", ''],
    ["EMBED STORE 'doc3' [NaN, 1, 2]", ''],
    ['NODE GET 999999', '999999'],
    ["BLOB GET '00000000-0000-4000-8000-000000000000'", 'artifact'],
    ['SELECT 1; SELECT 2', ''],
    ['SELECT 1\0', ''],
    ['COMMIT', ''],
    ["VAULT GET 'nothing'", ''],
  ])('%j: INVALID_ARGUMENT, by Execute, in a stream and in a batch', async (query, part) => {
    const [code, text] = await failureOf(neumann.run(query));
    expect([code, text]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining(part)]);
    expect((await failureOf(neumann.client.collect(`${QUERY}/ExecuteStream`, { query })))[0]).toBe(3);
    const { results } = await neumann.client.call(`${QUERY}/ExecuteBatch`, { queries: [{ query }] });
    expect(results[0].error).toMatchObject({ code: 'ERROR_CODE_INVALID_ARGUMENT', message: text });
  });

  it('and nothing is held by any of them', expectFree);
});

/** With everything around its text, just below the bound; those of a mebibyte are beyond it. */
describe('a statement of a megabyte', () => {
  const long = 'x'.repeat(1_000_000);

  it('is run where what it does may be so large', async () => {
    expect((await neumann.run(`SELECT length('${long}') AS n`)).result).toBe('rows');
    await neumann.run('CREATE TABLE texts (t:string)');
    expect((await neumann.run(`INSERT INTO texts (t) VALUES ('${long}')`)).result).toBe('ids');
  });

  it.each([
    ['words', 'NODE '.repeat(MIB / 5)],
    ['brackets', `SIMILAR ${'['.repeat(MIB)}`],
    ['parentheses', `SELECT ${'('.repeat(MIB / 2)}1${')'.repeat(MIB / 2)}`],
    ['an open text', `NODE CREATE a {b: '${long}`],
    ['a text beyond the bound', `SELECT '${'x'.repeat(MIB)}'`],
    ['a comment', `/*${long}`],
    ['one name', long],
  ])('of %s is refused at once, in few words', async (_what, query) => {
    const [code, text] = await failureOf(neumann.run(query));
    expect([status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED]).toContain(code);
    expect(text.length).toBeLessThan(700);
    await expectFree();
  });
});

describe('uploads that go wrong', () => {
  const metadata = { metadata: { filename: 'wrong' } };
  it.each([
    ['chunk first', [{ chunk: Buffer.alloc(9) }]],
    ['nothing', []],
    ['no bytes', [metadata]],
    ['metadata twice', [metadata, { chunk: Buffer.alloc(500_000) }, metadata]],
    ['a byte too much', [metadata, { chunk: Buffer.alloc(2_000_000) }, { chunk: Buffer.alloc(1) }]],
    ['a name that is too long', [{ metadata: { filename: 'x'.repeat(5_000) } }, { chunk: Buffer.alloc(9) }]],
    ['a name with a zero', [{ metadata: { filename: 'a\0b' } }, { chunk: Buffer.alloc(9) }]],
    ['no name', [{ metadata: { filename: '' } }, { chunk: Buffer.alloc(9) }]],
  ])('%s: leave nothing behind', async (_what, messages) => {
    const { json } = await neumann.server.sql('SELECT count(*)::int FROM blob.artifact');
    const [code] = await failureOf(neumann.client.send(`${BLOB}/Upload`, messages));
    expect([status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED]).toContain(code);
    expect((await neumann.server.sql('SELECT count(*)::int FROM blob.artifact')).json.rows).toEqual(
      json.rows,
    );
    await expectFree();
  });

  it.each([
    'by a cancel',
    'with its connection',
  ])('a client that leaves half-way %s holds nothing', async (how) => {
    const own = await grpcClient(neumann.server.running.neumannAddress ?? '', undefined, {
      'grpc.use_local_subchannel_pool': 1,
    });
    const { stream, answer } = own.openSend(`${BLOB}/Upload`);
    stream.on('error', () => {});
    stream.write(metadata);
    for (let n = 0; n < 3; n++) stream.write({ chunk: Buffer.alloc(500_000, `${how} ${n}`) });
    const uploads = async () => (await neumann.server.sql('SELECT count(*)::int FROM blob.upload')).json.rows;
    await expect.poll(uploads, { timeout: 5_000 }).toEqual([[1]]);
    stream.cancel();
    if (how !== 'by a cancel') own.close();
    expect((await failureOf(answer))[0]).toBe(status.CANCELLED);
    own.close();
    await expectFree();
    await neumann.run('BLOB GC FULL');
    expect((await neumann.run('BLOB STATS')).blob_stats.orphaned_chunks).toBe('0');
  });

  it('a chunk after the end of the stream: that call is reset, or has what came before, and others go on', async () => {
    const { rows: before } = (await neumann.server.sql('SELECT count(*)::int FROM blob.artifact')).json;
    const socket = connect(Number(neumann.server.running.neumannAddress?.split(':')[1]), '127.0.0.1');
    socket.on('error', () => {});
    const received: Buffer[] = [];
    socket.on('data', (piece: Buffer) => received.push(piece));
    const metadataFrame = message(Buffer.from([0x0a, 3, 0x0a, 1, 0x61]));
    const chunkFrame = message(Buffer.from([0x12, 2, 1, 2]));
    socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        http2Frame(4, 0, 0, Buffer.alloc(0)),
        http2Frame(1, 4, 1, headerBlock(`/${BLOB}/Upload`)),
        http2Frame(0, 0, 1, metadataFrame),
        http2Frame(0, 1, 1, chunkFrame),
        http2Frame(0, 0, 1, chunkFrame),
      ]),
    );
    await expect.poll(() => Buffer.concat(received).length).toBeGreaterThan(20);
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.destroy();
    const { rows: after } = (
      await neumann.server.sql('SELECT size::int FROM blob.artifact ORDER BY created_at DESC')
    ).json;
    expect([before[0][0], before[0][0] + 1]).toContain(after.length);
    if (after.length > before[0][0]) expect(after[0]).toEqual([2]);
    expect((await neumann.run('SELECT 1')).result).toBe('rows');
    await expectFree();
  });
});

/** A message of gRPC. */
function message(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** RFC 9113, section 4.1. */
function http2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Literal fields without indexing and Huffman codes (RFC 7541, section 6.2.2). */
function headerBlock(path: string): Buffer {
  const fields = {
    ...{ ':method': 'POST', ':scheme': 'http', ':path': path, ':authority': 'localhost' },
    ...{ 'content-type': 'application/grpc', te: 'trailers' },
  };
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      ...[Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)],
    ]),
  );
}
