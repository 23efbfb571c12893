/**
 * kill -9 of the server while clients upload by gRPC: what was acknowledged can be downloaded with every byte, nothing that
 * was not acknowledged is partial, and once the leases of the dead are over no chunk is left that nobody needs.
 * `FACET_FAULT_ROUNDS=40` is the long form.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOB, QUERY } from '../dialects/neumann/service-client.ts';
import { type GrpcClient, grpcClient } from '../support/grpc.ts';
import { eventually, type Life, Place, pause } from './server-under-fire.ts';

const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 2);
const CLIENTS = 6;
const STORED_MIN = 10;
const PATIENCE_MS = 90_000;
const PIECE = 64 * 1024;

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(async () => await place?.clear());

async function start(): Promise<{ life: Life; client: GrpcClient }> {
  const life = await place.start(['--neumann-bind-addr', '127.0.0.1:0', '--rate-limit-enabled', 'false']);
  const address = /Neumann (127\.0\.0\.1:\d+)/.exec(life.output())?.[1] ?? '';
  return { life, client: await grpcClient(address) };
}

/** Checksums by id of what was acknowledged. */
const expected = new Map<string, string>();
const names = new Set<string>();

/** Half of its pieces are also in others, so that chunks are shared. */
function* piecesOf(name: string, count: number): Generator<Buffer> {
  for (let n = 0; n < count; n++) {
    yield Buffer.alloc(
      PIECE,
      createHash('sha256')
        .update(n % 2 === 0 ? `shared ${n % 12}` : `${name} ${n}`)
        .digest(),
    );
  }
  yield Buffer.from(name);
}

async function uploadOnce(client: GrpcClient, name: string, count: number): Promise<void> {
  const { stream, answer } = client.openSend(`${BLOB}/Upload`);
  stream.on('error', () => {});
  const whole = createHash('sha256');
  names.add(name);
  stream.write({ metadata: { filename: name } });
  for (const chunk of piecesOf(name, count)) {
    whole.update(chunk);
    if (!stream.write({ chunk })) {
      // A call that has failed never drains.
      await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), answer]);
    }
    await pause(count % 3);
  }
  stream.end();
  const { artifact_id, checksum } = await answer;
  expect(checksum).toBe(`sha256:${whole.digest('hex')}`);
  expected.set(artifact_id, checksum);
}

const run = (client: GrpcClient, query: string) => client.call(`${QUERY}/Execute`, { query });

/** Every artifact that is listed, downloaded: its bytes are those of its checksum, its name is one that was sent. */
async function expectWhole(client: GrpcClient): Promise<void> {
  const { artifact_list } = await run(client, 'BLOBS LIMIT 10000');
  const ids: string[] = artifact_list.artifact_ids;
  for (const id of ids) {
    const { checksum, filename, size } = await client.call(`${BLOB}/GetMetadata`, { artifact_id: id });
    expect(names.has(filename)).toBe(true);
    const hash = createHash('sha256');
    let bytes = 0;
    for (const { data } of await client.collect(`${BLOB}/Download`, { artifact_id: id })) {
      hash.update(data);
      bytes += data.length;
    }
    expect([id, bytes, `sha256:${hash.digest('hex')}`]).toEqual([id, Number(size), checksum]);
  }
  for (const [id, checksum] of expected) {
    expect(ids).toContain(id);
    expect((await client.call(`${BLOB}/GetMetadata`, { artifact_id: id })).checksum).toBe(checksum);
  }
}

it(
  `shows nothing partial and keeps no orphan in ${ROUNDS} rounds`,
  async () => {
    let turn = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { life, client } = await start();
      const before = expected.size;
      let isOver = false;
      const loops = Array.from({ length: CLIENTS }, async (_, loop) => {
        while (!isOver) {
          turn++;
          const own = `${round} ${loop} ${turn}`;
          await uploadOnce(client, own, (turn % 5) * 8 + 1).catch((error: unknown) => {
            if (!isOver) throw error;
          });
        }
      });
      await eventually(
        'uploads',
        PATIENCE_MS,
        async () => expected.size - before,
        (n) => n >= STORED_MIN,
      );
      await pause(53 * (round % 7));
      isOver = true;
      await life.kill();
      await Promise.all(loops);
      client.close();

      const after = await start();
      await expectWhole(after.client);
      after.client.close();
      await after.life.stop();
    }

    // Each blow has met uploads that were under way.
    expect(names.size - expected.size).toBeGreaterThanOrEqual(ROUNDS);
    const { life, client } = await start();
    // Uploads of the dead have their leases until then.
    await eventually(
      'the last orphan',
      PATIENCE_MS,
      async () => {
        await run(client, 'BLOB GC FULL');
        const { blob_stats } = await run(client, 'BLOB STATS');
        const left = await run(
          client,
          `SELECT (SELECT count(*) FROM blob.chunk AS c WHERE NOT EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.sha256 = c.sha256)) +
            (SELECT count(*) FROM blob.artifact_chunk AS r WHERE NOT EXISTS (SELECT FROM blob.artifact AS a WHERE a.id = r.artifact_id)) +
            (SELECT count(*) FROM blob.upload) AS left_over`,
        );
        return [blob_stats.orphaned_chunks, left.rows.rows[0].values[0].value.int_value];
      },
      (left) => left.every((n) => n === '0'),
    );
    await expectWhole(client);
    client.close();
    expect(await life.stop()).toBe(0);
  },
  ROUNDS * 120_000 + 120_000,
);
