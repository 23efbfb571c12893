/** BlobService: what an upload may be, what comes back, and what is left of one that was not finished. */
import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOB, failureOf, type Neumann, startNeumann } from './service-client.ts';

const LIMIT = 1_000_000;
let neumann: Neumann;
beforeAll(async () => {
  neumann = await startNeumann({
    'neumann-max-upload-size': String(LIMIT),
    'neumann-blob-chunk-size': '1000',
  });
});
afterAll(async () => await neumann?.stop());

const metadata = { metadata: { filename: 'report.pdf', content_type: 'application/pdf', tags: ['b', 'a'] } };
const chunk = (bytes: Uint8Array) => ({ chunk: bytes });
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, at) => (at * 31) % 251));
const send = (messages: object[]) => neumann.client.send(`${BLOB}/Upload`, messages);
const stats = async () => (await neumann.run('BLOB STATS')).blob_stats;

describe('upload', () => {
  it('stores the bytes and answers with id, size and checksum', async () => {
    const bytes = bytesOf(300_000);
    const messages = [metadata];
    const chunks = [];
    for (let at = 0; at < bytes.length; at += 65_536) chunks.push(chunk(bytes.subarray(at, at + 65_536)));
    const answer = await send([...messages, ...chunks]);
    expect(answer.artifact_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer).toMatchObject({
      size: '300000',
      checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });
    const info = await neumann.client.call(`${BLOB}/GetMetadata`, { artifact_id: answer.artifact_id });
    expect(info).toMatchObject({
      ...{ id: answer.artifact_id, filename: 'report.pdf', content_type: 'application/pdf' },
      ...{ size: '300000', checksum: answer.checksum, chunk_count: '2', tags: ['a', 'b'], created_by: '' },
    });
    expect(Math.abs(Number(info.created) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('keeps links, entries and who made it, and knows a type when none is told', async () => {
    const described = {
      filename: 'x',
      created_by: 'me',
      linked_to: ['user:1'],
      custom: [{ key: 'k', value: 'v' }],
    };
    const { artifact_id } = await send([{ metadata: described }, chunk(bytesOf(1))]);
    expect(await neumann.client.call(`${BLOB}/GetMetadata`, { artifact_id })).toMatchObject({
      ...described,
      content_type: 'application/octet-stream',
    });
  });

  it.each([
    ['a chunk first', [chunk(bytesOf(3))], 'first message must be metadata, not chunk'],
    ['an empty message first', [{}], 'empty request'],
    ['no message', [], 'empty upload stream'],
    ['metadata twice', [metadata, chunk(bytesOf(3)), metadata], 'metadata can only appear as first message'],
    ['metadata alone', [metadata], 'no data provided'],
    ['empty chunks', [metadata, chunk(bytesOf(0)), {}], 'no data provided'],
  ])('%s: INVALID_ARGUMENT', async (_what, messages, text) => {
    expect(await failureOf(send(messages))).toEqual([status.INVALID_ARGUMENT, text]);
  });

  it('passes over messages with nothing in them', async () => {
    expect(await send([metadata, {}, chunk(bytesOf(2)), {}, chunk(bytesOf(3))])).toMatchObject({ size: '5' });
  });

  it('takes as much as it may, and not a byte more', async () => {
    const half = bytesOf(LIMIT / 2);
    expect(await send([metadata, chunk(half), chunk(half)])).toMatchObject({ size: String(LIMIT) });
    const before = await stats();
    expect(await failureOf(send([metadata, chunk(half), chunk(half), chunk(bytesOf(1))]))).toEqual([
      status.RESOURCE_EXHAUSTED,
      `upload exceeds maximum size of ${LIMIT} bytes`,
    ]);
    expect((await stats()).artifact_count).toBe(before.artifact_count);
  });

  it('that its client leaves half-way is not there', async () => {
    const before = await stats();
    const { stream, answer } = neumann.client.openSend(`${BLOB}/Upload`);
    stream.write({ metadata: { filename: 'left' } });
    stream.write(chunk(bytesOf(700_000)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    stream.cancel();
    expect((await failureOf(answer))[0]).toBe(status.CANCELLED);
    await expect.poll(async () => (await stats()).artifact_count).toBe(before.artifact_count);
  });

  it('of a client that stops sending ends at its deadline', async () => {
    const { stream, answer } = neumann.client.openSend(`${BLOB}/Upload`, { deadlineMs: 300 });
    stream.write({ metadata: { filename: 'slow' } });
    stream.write(chunk(bytesOf(10)));
    expect((await failureOf(answer))[0]).toBe(status.DEADLINE_EXCEEDED);
  });
});

describe('download', () => {
  it('comes in chunks of the size that was configured, the last one marked', async () => {
    const bytes = bytesOf(3_500);
    const { artifact_id } = await send([metadata, chunk(bytes)]);
    const chunks = await neumann.client.collect(`${BLOB}/Download`, { artifact_id });
    expect(chunks.map(({ data, is_final }) => [data.length, is_final])).toEqual([
      ...[1, 2, 3].map(() => [1_000, false]),
      [500, true],
    ]);
    expect(Buffer.concat(chunks.map(({ data }) => data as Buffer)).equals(bytes)).toBe(true);
  });

  it('marks the last chunk also when it is full', async () => {
    const { artifact_id } = await send([metadata, chunk(bytesOf(2_000))]);
    const chunks = await neumann.client.collect(`${BLOB}/Download`, { artifact_id });
    expect(chunks.map(({ is_final }) => is_final)).toEqual([false, true]);
  });

  it('reads what is larger than a chunk of the store', async () => {
    const bytes = bytesOf(700_001);
    const { artifact_id } = await send([metadata, chunk(bytes)]);
    const chunks = await neumann.client.collect(`${BLOB}/Download`, { artifact_id });
    expect(Buffer.concat(chunks.map(({ data }) => data as Buffer)).equals(bytes)).toBe(true);
    expect(chunks.filter(({ is_final }) => is_final)).toHaveLength(1);
  });
});

describe('an artifact whose bytes were damaged', () => {
  it('brings no byte that was not stored: INTERNAL', async () => {
    const bytes = bytesOf(700_001).map((byte, at) => byte ^ (at >> 16));
    const { artifact_id } = await send([metadata, chunk(bytes)]);
    await neumann.run(`UPDATE blob.chunk AS c SET data = set_byte(c.data, 9, get_byte(c.data, 9) # 1)
      FROM blob.artifact_chunk r WHERE r.artifact_id = '${artifact_id}' AND r.ordinal = 1 AND r.sha256 = c.sha256`);
    const came: Buffer[] = [];
    const reading = (async () => {
      for await (const { data, is_final } of neumann.client.open(`${BLOB}/Download`, { artifact_id })) {
        expect(is_final).toBe(false);
        came.push(data as Buffer);
      }
    })();
    const [code, text] = await failureOf(reading);
    expect([code, text]).toEqual([
      status.INTERNAL,
      'Stored bytes of the artifact were changed or lost. Storing the same bytes again mends it.',
    ]);
    const whole = Buffer.concat(came);
    expect(whole.equals(bytes.subarray(0, whole.length))).toBe(true);
    expect(whole.length).toBeLessThanOrEqual(262_144);
    // Storing them again mends them.
    await send([metadata, chunk(bytes)]);
    const chunks = await neumann.client.collect(`${BLOB}/Download`, { artifact_id });
    expect(Buffer.concat(chunks.map(({ data }) => data as Buffer)).equals(bytes)).toBe(true);
  });
});

describe('artifacts that are not there', () => {
  const missing = '00000000-0000-4000-8000-000000000000';
  it.each([
    ...['Delete', 'GetMetadata'].map((name) => [name, missing] as const),
    ['GetMetadata', 'no id at all'] as const,
  ])('%s of %s: NOT_FOUND', async (name, artifact_id) => {
    const call = neumann.client.call(`${BLOB}/${name}`, { artifact_id });
    expect(await failureOf(call)).toEqual([status.NOT_FOUND, `artifact not found: ${artifact_id}`]);
  });

  it('Download: NOT_FOUND', async () => {
    const call = neumann.client.collect(`${BLOB}/Download`, { artifact_id: missing });
    expect(await failureOf(call)).toEqual([status.NOT_FOUND, `artifact not found: ${missing}`]);
  });

  it('deleted is not there any more', async () => {
    const { artifact_id } = await send([metadata, chunk(bytesOf(10))]);
    expect(await neumann.client.call(`${BLOB}/Delete`, { artifact_id })).toEqual({ success: true });
    expect((await failureOf(neumann.client.call(`${BLOB}/Delete`, { artifact_id })))[0]).toBe(5);
  });
});
