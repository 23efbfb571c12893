/** Artifacts as streams: bounded memory, back-pressure, uploads that are broken off, transactions, damage. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import {
  blobCollect,
  blobDelete,
  blobDownload,
  blobGet,
  blobInfo,
  blobList,
  blobPut,
  blobRepair,
  blobStats,
  blobUpload,
  blobVerify,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import {
  bytesOf,
  CHUNK,
  checksumOf,
  downloaded,
  gathered,
  noise,
  piecesOf,
  uploaded,
} from './blob-support.ts';
import { type Model, openModel } from './call-operation.ts';

const MIB = 1024 * 1024;

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

const sql = async (text: string) => (await model.call(sqlQuery, { sql: text })).rows;
const total = async () => (await model.call(blobList, {})).pagination.total;
const begin = async () => (await model.call(transactionBegin, {})).txnId;

/** Nothing of a broken upload is left: not to be seen, and after collecting not in the tables either. */
async function expectNothingLeft(): Promise<void> {
  await model.call(blobCollect, {});
  expect(await sql('SELECT count(*) FROM blob.upload')).toEqual([['0']]);
  expect(await sql('SELECT count(*) FROM blob.garbage')).toEqual([['0']]);
  expect(
    await sql(
      'SELECT count(*) FROM blob.artifact_chunk AS r WHERE NOT EXISTS (SELECT FROM blob.artifact AS a WHERE a.id = r.artifact_id)',
    ),
  ).toEqual([['0']]);
  expect(
    await sql(
      'SELECT count(*) FROM blob.chunk AS c WHERE NOT EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.sha256 = c.sha256)',
    ),
  ).toEqual([['0']]);
}

setFlagsFromString('--expose-gc');
const collectHeap = runInNewContext('gc') as () => void;
const heldMb = (): number => {
  collectHeap();
  // The second one ends the sweeping of the first.
  collectHeap();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MIB;
};

it('holds a few chunks in memory, however large the artifact', async () => {
  const block = noise(MIB);
  const before = heldMb();
  let peak = before;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < 64; n++) {
      block.writeUInt32LE(n, 0);
      yield block;
      if (n % 4 === 3) peak = Math.max(peak, heldMb());
    }
  }
  const { artifact } = await model.call(blobUpload, { filename: 'large', pieces: source() });
  expect(artifact).toMatchObject({ size: 64 * MIB, chunkCount: 256 });
  const { pieces } = await model.call(blobDownload, { artifactId: artifact.artifactId });
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes % (8 * MIB) === 0) peak = Math.max(peak, heldMb());
  }
  expect(bytes).toBe(64 * MIB);
  expect(peak - before).toBeLessThan(40);
  await model.call(blobDelete, { artifactId: artifact.artifactId });
});

it('takes no more from a client than it has room for', async () => {
  const bytes = noise(12 * MIB);
  let taken = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for await (const piece of piecesOf(bytes)) {
      taken += piece.length;
      yield piece;
    }
  }
  const transactionId = await begin();
  await model.call(sqlQuery, { sql: 'LOCK TABLE blob.chunk IN ACCESS EXCLUSIVE MODE' }, { transactionId });
  const uploading = model.call(blobUpload, { filename: 'f', pieces: source() });
  await expect.poll(() => taken).toBeGreaterThanOrEqual(2 * MIB);
  await sleep(300);
  expect(taken).toBeLessThanOrEqual(3 * MIB);
  await model.call(transactionRollback, { txnId: transactionId });
  const { artifact } = await uploading;
  expect((await downloaded(model, artifact.artifactId)).equals(bytes)).toBe(true);
});

it('reads no further than its consumer', async () => {
  const artifactId = await uploaded(model, noise(8 * MIB));
  const { pieces } = await model.call(blobDownload, { artifactId });
  const iterator = pieces[Symbol.asyncIterator]();
  await iterator.next();
  model.observations.length = 0;
  await sleep(200);
  const reads = model.observations.filter((one) => one.type === 'statement' && one.statement === 'blob.read');
  expect(reads.length).toBeLessThanOrEqual(1);
  await iterator.return?.();
});

it('leaves nothing of an upload whose client goes away, whose source fails, or that is too large', async () => {
  const before = await total();
  const sizes = [10, CHUNK, MIB, 3 * MIB, 5 * MIB + 7];
  for (const size of sizes) {
    const abort = new AbortController();
    let returned = false;
    async function* hangs(): AsyncGenerator<Uint8Array> {
      try {
        yield noise(size);
        abort.abort();
        yield noise(1);
        yield noise(1);
      } finally {
        returned = true;
      }
    }
    const cancelled = await model.fault(
      blobUpload,
      { filename: 'f', pieces: hangs() },
      { signal: abort.signal },
    );
    expect(cancelled.code).toBe('QUERY_CANCELLED');
    await expect.poll(() => returned).toBe(true);
    async function* fails(): AsyncGenerator<Uint8Array> {
      yield noise(size);
      throw new FacetError('INVALID_PARAMETER', 'metadata can only appear as first message');
    }
    expect(await model.fault(blobUpload, { filename: 'f', pieces: fails() })).toMatchObject({
      message: 'metadata can only appear as first message',
    });
    const large = model.fault(blobUpload, {
      filename: 'f',
      bytesMax: size,
      pieces: piecesOf(noise(size + 1)),
    });
    expect(await large).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  }
  expect(await total()).toBe(before);
  await expectNothingLeft();
});

it('ends an upload at once when the call is given up while the client is silent', async () => {
  const abort = new AbortController();
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
  };
  const uploading = model.fault(blobUpload, { filename: 'f', pieces: silent }, { signal: abort.signal });
  setTimeout(() => abort.abort(), 50);
  expect((await uploading).code).toBe('QUERY_CANCELLED');
});

it('gives up an upload whose lease has ended, as that of a process that died', async () => {
  const before = await total();
  let goOn: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let halfway = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    yield noise(3 * MIB);
    halfway = true;
    await ended;
    yield noise(3 * MIB);
  }
  const uploading = model.fault(blobUpload, { filename: 'f', pieces: source() });
  await expect.poll(() => halfway).toBe(true);
  await expect.poll(async () => (await model.call(blobStats, {})).runningUploads).toBe(1);
  // One that runs is not touched.
  expect((await model.call(blobCollect, { full: true })).chunks).toBe(0);
  await sql("UPDATE blob.upload SET lease_until = clock_timestamp() - interval '1 second'");
  await expect.poll(async () => (await model.call(blobCollect, {})).chunks).toBeGreaterThan(0);
  goOn();
  expect(await uploading).toMatchObject({ code: 'UNAVAILABLE' });
  expect(await total()).toBe(before);
  await expectNothingLeft();
});

it('is part of the transaction of its caller', async () => {
  const bytes = noise(3 * MIB + 5);
  const rolledBack = await begin();
  await model.call(blobPut, { filename: 'joined', bytes }, { transactionId: rolledBack });
  await model.call(transactionRollback, { txnId: rolledBack });
  expect((await model.call(blobList, { filenamePrefix: 'joined' })).pagination.total).toBe(0);
  const transactionId = await begin();
  const { artifact } = await model.call(blobPut, { filename: 'joined', bytes }, { transactionId });
  const { artifactId } = artifact;
  expect((await model.fault(blobPut, { filename: '', bytes }, { transactionId })).code).toBe(
    'INVALID_PARAMETER',
  );
  const streamed = { filename: 'joined 2', pieces: piecesOf(bytes) };
  await model.call(blobUpload, streamed, { transactionId });
  expect((await model.fault(blobInfo, { artifactId })).code).toBe('ARTIFACT_NOT_FOUND');
  const got = await model.call(blobGet, { artifactId }, { transactionId });
  expect(Buffer.from(got.bytes).equals(bytes)).toBe(true);
  const { pieces } = await model.call(blobDownload, { artifactId }, { transactionId });
  expect((await gathered(pieces)).equals(bytes)).toBe(true);
  expect((await model.fault(blobCollect, {}, { transactionId })).code).toBe('INVALID_TRANSACTION_STATE');
  await model.call(transactionCommit, { txnId: transactionId });
  expect(checksumOf(await downloaded(model, artifactId))).toBe(artifact.checksum);
  expect((await model.call(blobList, { filenamePrefix: 'joined' })).pagination.total).toBe(2);
  const deleting = await begin();
  await model.call(blobDelete, { artifactId }, { transactionId: deleting });
  expect((await model.call(blobInfo, { artifactId })).artifact.size).toBe(bytes.length);
  await model.call(transactionRollback, { txnId: deleting });
  await model.call(blobCollect, { full: true });
  expect(await model.call(blobVerify, { artifactId })).toEqual({ valid: true, fault: null });
});

it('goes on with a download of what is deleted until that is collected, and then says so', async () => {
  const bytes = noise(6 * MIB);
  for (const collects of [false, true]) {
    const artifactId = await uploaded(model, bytes);
    const { pieces } = await model.call(blobDownload, { artifactId });
    let came = Buffer.alloc(0);
    const reading = (async () => {
      for await (const piece of pieces) {
        if (came.length === 0) {
          await model.call(blobDelete, { artifactId });
          if (collects) await model.call(blobCollect, {});
        }
        came = Buffer.concat([came, piece]);
      }
    })();
    if (collects) {
      await expect(reading).rejects.toMatchObject({
        code: 'ARTIFACT_NOT_FOUND',
        message: `artifact not found: ${artifactId}`,
      });
      expect(came.length).toBeLessThan(bytes.length);
    } else {
      await reading;
    }
    expect(came.equals(bytes.subarray(0, came.length))).toBe(true);
  }
});

it('never hands out a byte that was not stored', async () => {
  const bytes = bytesOf(7 * CHUNK + 9, 'damaged');
  const artifactId = await uploaded(model, bytes);
  const damage = [
    `UPDATE blob.chunk SET data = set_byte(data, 1000, get_byte(data, 1000) # 1)`,
    `UPDATE blob.chunk SET data = substr(data, 2), size = size - 1`,
    `UPDATE blob.artifact_chunk SET ordinal = 100`,
    `DELETE FROM blob.artifact_chunk`,
  ];
  for (const text of damage) {
    const transactionId = await begin();
    const where = text.includes('blob.chunk SET')
      ? `WHERE sha256 = (SELECT sha256 FROM blob.artifact_chunk WHERE artifact_id = '${artifactId}' AND ordinal = 5)`
      : `WHERE artifact_id = '${artifactId}' AND ordinal = 5`;
    await model.call(sqlQuery, { sql: `${text} ${where}` }, { transactionId });
    const { pieces } = await model.call(blobDownload, { artifactId }, { transactionId });
    let came = 0;
    const reading = (async () => {
      for await (const piece of pieces) {
        expect(Buffer.from(piece).equals(bytes.subarray(came, came + piece.length)), text).toBe(true);
        came += piece.length;
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' });
    expect(came).toBeLessThanOrEqual(5 * CHUNK);
    expect((await model.fault(blobGet, { artifactId }, { transactionId })).code).toBe('ARTIFACT_DAMAGED');
    expect(await model.call(blobVerify, { artifactId }, { transactionId })).toMatchObject({ valid: false });
    await model.call(transactionRollback, { txnId: transactionId });
  }
  // Chunks that are whole, and not those of this artifact.
  const transactionId = await begin();
  const swap = `UPDATE blob.artifact_chunk AS r SET sha256 = o.sha256 FROM blob.artifact_chunk AS o
    WHERE r.artifact_id = '${artifactId}' AND o.artifact_id = r.artifact_id AND (r.ordinal, o.ordinal) IN ((1, 2), (2, 1))`;
  await model.call(sqlQuery, { sql: swap }, { transactionId });
  expect(await model.call(blobVerify, { artifactId }, { transactionId })).toMatchObject({ valid: false });
  await model.call(transactionRollback, { txnId: transactionId });
  expect(await model.call(blobVerify, { artifactId })).toEqual({ valid: true, fault: null });
});

it('collects only when something is due', async () => {
  await model.call(blobCollect, { full: true });
  await model.call(blobDelete, { artifactId: await uploaded(model, noise(10)) });
  await model.call(blobCollect, {});
  model.observations.length = 0;
  await sleep(300);
  expect(model.observations.filter(({ type }) => type === 'statement')).toEqual([]);
});

it('repairs what was put wrong by SQL, and names what cannot be', async () => {
  await model.call(blobCollect, { full: true });
  expect(await model.call(blobRepair, {})).toEqual({ references: 0, orphans: 0, damaged: [] });
  const artifactId = await uploaded(model, bytesOf(3 * CHUNK, 'whole'));
  const gone = await uploaded(model, bytesOf(2 * CHUNK, 'gone'));
  const hurt = await uploaded(model, bytesOf(2 * CHUNK, 'hurt'));
  await sql('ALTER TABLE blob.artifact DISABLE TRIGGER artifact_deleted');
  await sql(`DELETE FROM blob.artifact WHERE id = '${gone}'`);
  await sql('ALTER TABLE blob.artifact ENABLE TRIGGER artifact_deleted');
  await sql(`DELETE FROM blob.artifact_chunk WHERE artifact_id = '${hurt}' AND ordinal = 1`);
  await sql("INSERT INTO blob.chunk VALUES (sha256('alone'), 5, 'alone')");
  expect(await model.call(blobCollect, {})).toMatchObject({ chunks: 0 });
  expect(await model.call(blobRepair, {})).toEqual({ references: 2, orphans: 4, damaged: [hurt] });
  expect(await model.call(blobVerify, { artifactId })).toEqual({ valid: true, fault: null });
  await sql(`DELETE FROM blob.artifact WHERE id = '${hurt}'`);
  await expectNothingLeft();
});
