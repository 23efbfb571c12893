/** Artifacts by themselves: bytes come back as they were, equal chunks are stored once, labels, lists, bounds. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import {
  blobCollect,
  blobDelete,
  blobDownload,
  blobGet,
  blobGetMeta,
  blobInfo,
  blobLink,
  blobList,
  blobPut,
  blobSetMeta,
  blobStats,
  blobTag,
  blobUnlink,
  blobUntag,
  blobUpload,
  blobVerify,
  sqlQuery,
} from '../../src/models/index.ts';
import { bytesOf, CHUNK, checksumOf, downloaded, noise, piecesOf, uploaded } from './blob-support.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

async function deleteAll(): Promise<void> {
  for (;;) {
    const { artifacts } = await model.call(blobList, {});
    if (artifacts.length === 0) break;
    for (const { artifactId } of artifacts) await model.call(blobDelete, { artifactId });
  }
  await model.call(blobCollect, {});
}
afterEach(deleteAll);

const SIZES = [
  1,
  2,
  100,
  CHUNK - 1,
  CHUNK,
  CHUNK + 1,
  4 * CHUNK - 1,
  4 * CHUNK,
  4 * CHUNK + 1,
  9 * CHUNK + 77,
];

it.each(SIZES)('gives %d bytes back as they were, uploaded or put', async (size) => {
  const bytes = noise(size);
  for (const pieceBytes of [size, 1_000_003, 65_536, 777].filter((n) => size / n < 3_000)) {
    const { artifact } = await model.call(blobUpload, {
      filename: 'log.bin',
      pieces: piecesOf(bytes, pieceBytes),
    });
    expect(artifact).toMatchObject({
      size,
      checksum: checksumOf(bytes),
      chunkCount: Math.ceil(size / CHUNK),
      contentType: 'application/octet-stream',
      createdBy: '',
      tags: [],
      linkedTo: [],
      custom: {},
    });
    expect(artifact.artifactId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect((await downloaded(model, artifact.artifactId)).equals(bytes)).toBe(true);
    expect(await model.call(blobInfo, { artifactId: artifact.artifactId })).toEqual({ artifact });
  }
  const { artifact } = await model.call(blobPut, { filename: 'log.bin', bytes });
  const got = await model.call(blobGet, { artifactId: artifact.artifactId });
  expect(got.artifact).toEqual(artifact);
  expect(Buffer.from(got.bytes).equals(bytes)).toBe(true);
  expect(await model.call(blobVerify, { artifactId: artifact.artifactId })).toEqual({
    valid: true,
    fault: null,
  });
});

it('refuses an artifact without bytes', async () => {
  for (const pieces of [piecesOf(Buffer.alloc(0)), piecesOf(Buffer.from('')), manyEmpty()]) {
    const error = await model.fault(blobUpload, { filename: 'f', pieces });
    expect(error).toMatchObject({ code: 'INVALID_PARAMETER', message: 'no data provided' });
  }
  expect(await model.fault(blobPut, { filename: 'f', bytes: Buffer.alloc(0) })).toMatchObject({
    message: 'no data provided',
  });
});

async function* manyEmpty(): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < 10; n++) yield new Uint8Array();
}

it('does not mind that a piece changes after the next one was asked for', async () => {
  const bytes = noise(3 * CHUNK + 5);
  const one = Buffer.alloc(1_000);
  async function* reused(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += one.length) {
      const length = bytes.copy(one, 0, at);
      yield one.subarray(0, length);
      one.fill(0xee);
    }
  }
  const { artifact } = await model.call(blobUpload, { filename: 'f', pieces: reused() });
  expect(artifact.checksum).toBe(checksumOf(bytes));
  expect((await downloaded(model, artifact.artifactId)).equals(bytes)).toBe(true);
});

it('stores equal chunks once: within an artifact, and among several', async () => {
  const shared = bytesOf(6 * CHUNK, 'shared');
  await uploaded(model, Buffer.concat([shared, bytesOf(10, 'a')]));
  const second = await uploaded(model, Buffer.concat([shared, bytesOf(20, 'b')]));
  await uploaded(model, Buffer.alloc(40 * CHUNK));
  expect(await model.call(blobStats, {})).toMatchObject({
    artifactCount: 3,
    chunkCount: 6 + 2 + 1,
    totalBytes: 12 * CHUNK + 30 + 40 * CHUNK,
    uniqueBytes: 7 * CHUNK + 30,
    dedupRatio: 1 - (7 * CHUNK + 30) / (52 * CHUNK + 30),
    orphanedChunks: 0,
    runningUploads: 0,
  });
  await model.call(blobDelete, { artifactId: second });
  expect(await model.call(blobStats, {})).toMatchObject({ artifactCount: 2, orphanedChunks: 1 });
  expect(await model.call(blobCollect, {})).toEqual({ chunks: 1, bytes: 20, done: true });
  expect(await model.call(blobStats, {})).toMatchObject({ chunkCount: 8, orphanedChunks: 0 });
  await deleteAll();
  expect(await model.call(blobStats, {})).toEqual({
    artifactCount: 0,
    chunkCount: 0,
    totalBytes: 0,
    uniqueBytes: 0,
    dedupRatio: 0,
    orphanedChunks: 0,
    runningUploads: 0,
  });
});

it('reads any part of an artifact', async () => {
  const bytes = noise(5 * CHUNK + 100);
  const artifactId = await uploaded(model, bytes);
  const size = bytes.length;
  const parts = [
    [0, 1],
    [0, CHUNK],
    [CHUNK - 1, 2],
    [CHUNK, CHUNK],
    [3 * CHUNK + 17, CHUNK + 1],
    [size - 1, 1],
    [size - 1, 100],
    [size, 10],
    [10, 0],
    [1, size],
  ] as const;
  for (const [offset, length] of parts) {
    const part = await downloaded(model, artifactId, { offset, length });
    expect(part.equals(bytes.subarray(offset, offset + length))).toBe(true);
  }
  expect((await downloaded(model, artifactId, { offset: 7 })).equals(bytes.subarray(7))).toBe(true);
  expect(await model.fault(blobDownload, { artifactId, offset: size + 1 })).toMatchObject({
    code: 'INVALID_PARAMETER',
  });
});

it('counts the bytes of an upload as they come, and refuses the first one too many', async () => {
  const bytesMax = 2 * CHUNK + 3;
  const bytes = noise(bytesMax + 1);
  expect(
    await model.call(blobUpload, { filename: 'f', bytesMax, pieces: piecesOf(bytes.subarray(1), 1_000) }),
  ).toMatchObject({
    artifact: { size: bytesMax },
  });
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += CHUNK;
      yield noise(CHUNK);
    }
  }
  for (const pieces of [piecesOf(bytes, 1_000), piecesOf(bytes, bytes.length), endless()]) {
    expect(await model.fault(blobUpload, { filename: 'f', bytesMax, pieces })).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: `upload exceeds maximum size of ${bytesMax} bytes`,
    });
  }
  expect(taken).toBe(3 * CHUNK);
  expect(await model.fault(blobPut, { filename: 'f', bytes, bytesMax })).toMatchObject({
    message: `upload exceeds maximum size of ${bytesMax} bytes`,
  });
  expect(await model.call(blobList, {})).toMatchObject({ pagination: { total: 1 } });
});

it('reads as one value only what fits into one', async () => {
  const artifactId = await uploaded(model, Buffer.alloc(LIMITS.blobValueBytesMax + 1));
  expect(await model.fault(blobGet, { artifactId })).toMatchObject({ code: 'RESULT_TOO_LARGE' });
  const most = await uploaded(model, Buffer.alloc(LIMITS.blobValueBytesMax));
  expect((await model.call(blobGet, { artifactId: most })).bytes.length).toBe(LIMITS.blobValueBytesMax);
});

it('knows no artifact of another id', async () => {
  const ids = ['', 'no-uuid', "'; DROP", 'A'.repeat(500), '00000000-0000-4000-8000-000000000000'];
  for (const artifactId of ids) {
    for (const operation of [blobInfo, blobGet, blobDownload, blobDelete, blobVerify]) {
      const error = await model.fault(operation as typeof blobInfo, { artifactId });
      expect(error.code).toBe('ARTIFACT_NOT_FOUND');
      if (artifactId.length < 100) expect(error.message).toBe(`artifact not found: ${artifactId}`);
    }
    expect((await model.fault(blobTag, { artifactId, tag: 't' })).code).toBe('ARTIFACT_NOT_FOUND');
    expect((await model.fault(blobGetMeta, { artifactId, key: 'k' })).code).toBe('ARTIFACT_NOT_FOUND');
    expect((await model.fault(blobSetMeta, { artifactId, key: 'k', value: 'v' })).code).toBe(
      'ARTIFACT_NOT_FOUND',
    );
  }
});

it('keeps labels as sets, and custom entries by key', async () => {
  const { artifact } = await model.call(blobPut, {
    filename: 'Zürich.txt',
    contentType: 'text/plain',
    createdBy: 'ada',
    tags: ['b', 'a', 'b', 'ä'],
    linkedTo: ['ship:1', 'ship:1', 'port:2'],
    custom: { note: 'x "y" \\ z', empty: '' },
    bytes: Buffer.from('engines nominal'),
  });
  const { artifactId } = artifact;
  expect(artifact).toMatchObject({
    tags: ['a', 'b', 'ä'],
    linkedTo: ['port:2', 'ship:1'],
    custom: { note: 'x "y" \\ z', empty: '' },
    createdBy: 'ada',
  });
  expect(await model.call(blobInfo, { artifactId })).toEqual({ artifact });
  expect(await model.call(blobTag, { artifactId, tag: 'a' })).toEqual({ changed: false });
  expect(await model.call(blobTag, { artifactId, tag: 'aa' })).toEqual({ changed: true });
  expect(await model.call(blobUntag, { artifactId, tag: 'b' })).toEqual({ changed: true });
  expect(await model.call(blobUntag, { artifactId, tag: 'b' })).toEqual({ changed: false });
  expect(await model.call(blobLink, { artifactId, entity: 'ship:2' })).toEqual({ changed: true });
  expect(await model.call(blobUnlink, { artifactId, entity: 'ship:1' })).toEqual({ changed: true });
  expect(await model.call(blobSetMeta, { artifactId, key: 'note', value: 'x "y" \\ z' })).toEqual({
    changed: false,
  });
  expect(await model.call(blobSetMeta, { artifactId, key: 'note', value: 'new' })).toEqual({ changed: true });
  expect(await model.call(blobSetMeta, { artifactId, key: 'empty', value: null })).toEqual({ changed: true });
  expect(await model.call(blobSetMeta, { artifactId, key: 'empty', value: null })).toEqual({
    changed: false,
  });
  expect(await model.call(blobGetMeta, { artifactId, key: 'note' })).toEqual({ value: 'new' });
  expect(await model.call(blobGetMeta, { artifactId, key: 'empty' })).toEqual({ value: null });
  const after = (await model.call(blobInfo, { artifactId })).artifact;
  expect(after).toMatchObject({
    tags: ['a', 'aa', 'ä'],
    linkedTo: ['port:2', 'ship:2'],
    custom: { note: 'new' },
  });
  expect(after.modifiedAtMs).toBeGreaterThanOrEqual(artifact.modifiedAtMs);
  expect(after.createdAtMs).toBe(artifact.createdAtMs);
});

it('bounds labels', async () => {
  const put = (more: object) => model.fault(blobPut, { filename: 'f', bytes: Buffer.from('x'), ...more });
  const many = (n: number) => Array.from({ length: n }, (_, at) => `n${at}`);
  const wrong: readonly object[] = [
    { filename: '' },
    { filename: 'a\0b' },
    { filename: 'ü'.repeat(LIMITS.blobFilenameBytesMax) },
    { filename: '\ud800' },
    { contentType: 'x'.repeat(LIMITS.blobContentTypeBytesMax + 1) },
    { createdBy: 'x'.repeat(LIMITS.blobCreatorBytesMax + 1) },
    { tags: [''] },
    { tags: ['x'.repeat(LIMITS.blobTagBytesMax + 1)] },
    { linkedTo: ['x'.repeat(LIMITS.blobLinkBytesMax + 1)] },
    { custom: { '': 'x' } },
    { custom: { k: 'x'.repeat(LIMITS.blobCustomValueBytesMax + 1) } },
    { custom: { k: 'a\0' } },
  ];
  for (const more of wrong) expect(await put(more)).toMatchObject({ code: 'INVALID_PARAMETER' });
  expect(await put({ tags: many(LIMITS.blobTagsMax + 1) })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  expect(await put({ linkedTo: many(LIMITS.blobLinksMax + 1) })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const custom = Object.fromEntries(many(LIMITS.blobCustomEntriesMax + 1).map((key) => [key, 'v']));
  expect(await put({ custom })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const { artifact } = await model.call(blobPut, {
    filename: 'f',
    bytes: Buffer.from('x'),
    tags: many(LIMITS.blobTagsMax),
    linkedTo: many(LIMITS.blobLinksMax),
    custom: Object.fromEntries(many(LIMITS.blobCustomEntriesMax).map((key) => [key, 'v'])),
  });
  const { artifactId } = artifact;
  expect(await model.fault(blobTag, { artifactId, tag: 'more' })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  expect(await model.call(blobTag, { artifactId, tag: 'n1' })).toEqual({ changed: false });
  expect(await model.fault(blobLink, { artifactId, entity: 'more' })).toMatchObject({
    code: 'LIMIT_EXCEEDED',
  });
  expect(await model.fault(blobSetMeta, { artifactId, key: 'more', value: '' })).toMatchObject({
    code: 'LIMIT_EXCEEDED',
  });
  expect(await model.call(blobSetMeta, { artifactId, key: 'n1', value: 'w' })).toEqual({ changed: true });
  expect((await model.call(blobInfo, { artifactId })).artifact.tags).toHaveLength(LIMITS.blobTagsMax);
});

it('lists by every filter, in pages', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 25; n++) {
    const { artifact } = await model.call(blobPut, {
      filename: n % 2 === 0 ? `even_%${n}` : `odd${n}`,
      contentType: n % 5 === 0 ? 'text/plain' : 'image/png',
      tags: [`t${n % 3}`],
      linkedTo: [`ship:${n % 4}`],
      bytes: Buffer.from(`n ${n}`),
    });
    ids.push(artifact.artifactId);
  }
  const found = async (filter: object) => {
    const all: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof blobList.run>> = await model.call(blobList, {
        ...filter,
        limit: 4,
        ...(cursor === null ? {} : { cursor }),
      });
      all.push(...page.artifacts.map(({ artifactId }) => artifactId));
      expect(page.artifacts.length).toBeLessThanOrEqual(4);
      cursor = page.pagination.nextCursor;
      if (cursor === null) expect(page.pagination.total).toBe(all.length);
    } while (cursor !== null);
    return all;
  };
  const where = (passes: (n: number) => boolean) => ids.filter((_, n) => passes(n));
  expect(await found({})).toEqual(ids);
  expect(await found({ filenamePrefix: 'even_%' })).toEqual(where((n) => n % 2 === 0));
  expect(await found({ filenamePrefix: '%' })).toEqual([]);
  expect(await found({ tag: 't1' })).toEqual(where((n) => n % 3 === 1));
  expect(await found({ linkedTo: 'ship:2' })).toEqual(where((n) => n % 4 === 2));
  expect(await found({ contentType: 'text/plain' })).toEqual(where((n) => n % 5 === 0));
  expect(await found({ tag: 't0', linkedTo: 'ship:0', contentType: 'image/png' })).toEqual([
    ids[12],
    ids[24],
  ]);
  expect(await found({ idPrefix: ids[3]?.slice(0, 13) })).toEqual([ids[3]]);
  expect(await model.fault(blobList, { idPrefix: 'XY' })).toMatchObject({ code: 'INVALID_PARAMETER' });
  expect(await model.fault(blobList, { cursor: 'nonsense' })).toMatchObject({ code: 'INVALID_CURSOR' });
});

it('is read by SQL', async () => {
  const bytes = noise(CHUNK + 3);
  const artifactId = await uploaded(model, bytes, {
    filename: 'sql.bin',
    tags: ['x', 'y'],
    linkedTo: ['ship:9'],
  });
  const rows = async (sql: string) => (await model.call(sqlQuery, { sql, params: [artifactId] })).rows;
  expect(
    await rows('SELECT filename, size, checksum, tags, custom FROM blob.artifacts WHERE id = $1'),
  ).toEqual([['sql.bin', String(bytes.length), checksumOf(bytes), '{x,y}', '{}']]);
  expect(await rows('SELECT tag FROM blob.tags WHERE artifact_id = $1 ORDER BY 1')).toEqual([['x'], ['y']]);
  expect(await rows('SELECT entity FROM blob.links WHERE artifact_id = $1')).toEqual([['ship:9']]);
  const [[whole] = []] = await rows(
    "SELECT encode(sha256(string_agg(data, ''::bytea ORDER BY ordinal)), 'hex') FROM blob.chunks WHERE artifact_id = $1",
  );
  expect(`sha256:${whole}`).toBe(checksumOf(bytes));
});

it('is read by the SQL that its page shows', async () => {
  await uploaded(model, noise(2 * CHUNK), { filename: 'shown.bin', tags: ['daily'], linkedTo: ['ship:1'] });
  const page = await readFile(new URL('../../docs/concepts/blobs.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  const statements = blocks.flatMap((block) => block.split(/;\n/)).filter((text) => text.trim() !== '');
  const answers: string[] = [];
  for (const text of statements) {
    const { rows } = await model.call(sqlQuery, { sql: text });
    expect(rows.length, text).toBeGreaterThan(0);
    answers.push(JSON.stringify(rows));
  }
  expect(answers).toHaveLength(4);
  expect(answers[1]).toBe('[["shown.bin"]]');
  expect(answers[2]).toBe('[["ship:1","1"]]');
});

it('what an upload left with gaps is collected whole', async () => {
  await deleteAll();
  await model.call(blobPut, { filename: 'kept', bytes: Buffer.from('a chunk of its own') });
  const gone = '00000000-0000-4000-8000-000000000001';
  const rows = `SELECT '${gone}', n, sha256 FROM blob.chunk, unnest(ARRAY[0, 500]) n`;
  await model.call(sqlQuery, { sql: `INSERT INTO blob.artifact_chunk ${rows}` });
  await model.call(sqlQuery, { sql: `INSERT INTO blob.garbage (artifact_id) VALUES ('${gone}')` });
  await model.call(blobCollect, {});
  const left = { sql: `SELECT FROM blob.artifact_chunk WHERE artifact_id = '${gone}'` };
  expect((await model.call(sqlQuery, left)).rows).toEqual([]);
});
