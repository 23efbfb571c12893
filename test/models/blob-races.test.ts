/** Uploads, downloads, deletes and collecting at once: nothing that is kept is lost, nothing that is lost is kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import {
  blobCollect,
  blobDelete,
  blobGet,
  blobLink,
  blobList,
  blobPut,
  blobSetMeta,
  blobStats,
  blobTag,
  blobUntag,
  blobUpload,
  blobVerify,
  sqlQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import { bytesOf, CHUNK, downloaded, piecesOf } from './blob-support.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

const put = async (bytes: Uint8Array, options: { transactionId?: string } = {}) =>
  (await model.call(blobPut, { filename: 'f', bytes }, options)).artifact.artifactId;
const begin = async () => (await model.call(transactionBegin, {})).txnId;
const chunks = async () => (await model.call(blobStats, {})).chunkCount;
const valid = { valid: true, fault: null };

afterEach(async () => {
  for (;;) {
    const { artifacts } = await model.call(blobList, {});
    if (artifacts.length === 0) break;
    for (const { artifactId } of artifacts) {
      expect(await model.call(blobVerify, { artifactId })).toEqual(valid);
      await model.call(blobDelete, { artifactId });
    }
  }
  await expect
    .poll(async () => {
      await model.call(blobCollect, {});
      return model.call(blobStats, {});
    })
    .toMatchObject({ artifactCount: 0, chunkCount: 0, runningUploads: 0 });
  const rows = `SELECT (SELECT count(*) FROM blob.artifact_chunk), (SELECT count(*) FROM blob.garbage),
    (SELECT count(*) FROM blob.suspect)`;
  expect((await model.call(sqlQuery, { sql: rows })).rows).toEqual([['0', '0', '0']]);
});

/** Goes on until `over`, one after the other. */
async function again(over: () => boolean, work: () => Promise<unknown>): Promise<void> {
  while (!over()) await work();
}

it('keeps few contents right under hundreds of puts, deletes and collections', async () => {
  const contents = Array.from({ length: 12 }, (_, n) => n).map((n) => bytesOf(40, n));
  let rounds = 0;
  let collected = 0;
  // Until enough has been collected beside the others: without that there was no race.
  const over = () => (rounds >= 400 && collected > 20) || rounds >= 20_000;
  const putter = async () => {
    const bytes = contents[rounds++ % 12] ?? Buffer.from('x');
    const artifactId = await put(bytes);
    expect(Buffer.from((await model.call(blobGet, { artifactId })).bytes).equals(bytes)).toBe(true);
    await model.call(blobDelete, { artifactId });
  };
  const collector = async () => {
    collected += (await model.call(blobCollect, { full: rounds % 7 === 0 })).chunks;
  };
  await Promise.all([
    ...Array.from({ length: 6 }, () => again(over, putter)),
    again(over, collector),
    again(over, collector),
  ]);
  expect(collected).toBeGreaterThan(20);
});

it('keeps uploads of shared chunks right while others with the same chunks go', async () => {
  const parts = Array.from({ length: 6 }, (_, n) => bytesOf(CHUNK, `part ${n}`));
  let rounds = 0;
  let collected = 0;
  let interrupted = 0;
  const over = () => rounds >= 60;
  const uploader = async () => {
    const first = rounds++;
    const bytes = Buffer.concat(
      Array.from({ length: 6 }, (_, n) => parts[(first * 5 + n * (first % 4)) % 6] ?? Buffer.alloc(1)),
    );
    const { artifact } = await model.call(blobUpload, { filename: 'f', pieces: piecesOf(bytes, 200_000) });
    const { artifactId } = artifact;
    const reading = downloaded(model, artifactId);
    const reader = reading.then(
      (found) => expect(found.equals(bytes)).toBe(true),
      (error: unknown) => {
        if (!(error instanceof FacetError) || error.code !== 'ARTIFACT_NOT_FOUND') throw error;
        interrupted++;
      },
    );
    if (first % 2 === 0) await reader;
    await model.call(blobDelete, { artifactId });
    await reader;
  };
  await Promise.all([
    ...Array.from({ length: 4 }, () => again(over, uploader)),
    again(over, async () => {
      collected += (await model.call(blobCollect, {})).chunks;
      await sleep(5);
    }),
  ]);
  expect(collected).toBeGreaterThan(6);
  expect(interrupted).toBeLessThan(60);
});

it('leaves a chunk alone that an open transaction has put again, and takes it when that is rolled back', async () => {
  for (const end of [transactionCommit, transactionRollback] as const) {
    const bytes = bytesOf(100, 'held');
    const old = await put(bytes);
    const transactionId = await begin();
    const joined = await put(bytes, { transactionId });
    await model.call(blobDelete, { artifactId: old });
    expect(await model.call(blobCollect, {})).toMatchObject({ chunks: 0, done: true });
    expect(await chunks()).toBe(1);
    await model.call(end as typeof transactionCommit, { txnId: transactionId });
    expect(await model.call(blobCollect, {})).toMatchObject({ chunks: end === transactionCommit ? 0 : 1 });
    if (end === transactionCommit) {
      expect(await model.call(blobVerify, { artifactId: joined })).toEqual(valid);
      await model.call(blobDelete, { artifactId: joined });
      await model.call(blobCollect, {});
    }
    expect(await chunks()).toBe(0);
  }
});

it('stores a chunk anew that a collector was just removing', async () => {
  const bytes = bytesOf(100, 'removed');
  for (const end of [transactionCommit, transactionRollback] as const) {
    await model.call(blobDelete, { artifactId: await put(bytes) });
    const transactionId = await begin();
    const step = await model.call(
      sqlQuery,
      { sql: 'SELECT chunks FROM blob.collect(64, 1)' },
      { transactionId },
    );
    expect(step.rows).toEqual([['1']]);
    const putting = put(bytes);
    await sleep(100);
    await model.call(end as typeof transactionCommit, { txnId: transactionId });
    const artifactId = await putting;
    await model.call(blobCollect, { full: true });
    expect(await model.call(blobVerify, { artifactId })).toEqual(valid);
    await model.call(blobDelete, { artifactId });
    await model.call(blobCollect, {});
    expect(await chunks()).toBe(0);
  }
});

it('does not let two transactions that put the same bytes lose one another', async () => {
  const bytes = bytesOf(100, 'twice');
  const first = await begin();
  await put(bytes, { transactionId: first });
  const second = put(bytes);
  await sleep(100);
  await model.call(transactionRollback, { txnId: first });
  expect(await model.call(blobVerify, { artifactId: await second })).toEqual(valid);
});

it('mends damaged bytes for everybody when many store them again at once', async () => {
  const parts = Array.from({ length: 6 }, (_, n) => bytesOf(CHUNK, `mended ${n}`));
  const whole = Buffer.concat(parts);
  const upload = async (bytes: Buffer) =>
    (await model.call(blobUpload, { filename: 'f', pieces: piecesOf(bytes, 300_000) })).artifact.artifactId;
  const first = await upload(whole);
  await model.call(sqlQuery, {
    sql: `UPDATE blob.chunk SET data = set_byte(data, 77, get_byte(data, 77) # 1) WHERE sha256 IN (
      SELECT sha256 FROM blob.artifact_chunk WHERE artifact_id = '${first}' AND ordinal IN (0, 2, 5))`,
  });
  expect(await model.call(blobVerify, { artifactId: first })).toMatchObject({ valid: false });
  const again = await Promise.all([
    ...Array.from({ length: 3 }, () => upload(whole)),
    ...Array.from({ length: 3 }, () => upload(Buffer.concat([...parts].reverse()))),
    model.call(blobCollect, { full: true }),
  ]);
  for (const artifactId of [first, ...again.filter((one) => typeof one === 'string')])
    expect(await model.call(blobVerify, { artifactId })).toEqual(valid);
});

it('changes labels of one artifact from many sides, and loses none', async () => {
  const artifactId = await put(Buffer.from('labels'));
  await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      await model.call(blobTag, { artifactId, tag: `t${n}` });
      if (n % 3 === 0) await model.call(blobUntag, { artifactId, tag: `t${n}` });
      await model.call(blobLink, { artifactId, entity: `e:${n}` });
      await model.call(blobSetMeta, { artifactId, key: `k${n}`, value: String(n) });
    }),
  );
  const { artifact } = await model.call(blobGet, { artifactId });
  expect(artifact.tags).toHaveLength(40);
  expect(artifact.linkedTo).toHaveLength(60);
  expect(Object.keys(artifact.custom)).toHaveLength(60);
});
