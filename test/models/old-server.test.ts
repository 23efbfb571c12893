/** All models on the oldest PostgreSQL that Facet works with, where the operating system has it: each does its work once. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  blobCollect,
  blobDelete,
  blobGet,
  blobPut,
  blobVerify,
  checkpointCreate,
  embeddingSearch,
  embeddingStore,
  graphQuery,
  kvGet,
  kvSet,
  queueConsume,
  queueCreate,
  queuePublish,
  streamHistory,
  streamPublish,
  vaultGet,
  vaultKey,
  vaultSet,
} from '../../src/models/index.ts';
import { type OldPostgres, oldPostgresLacks, startOldPostgres } from '../support/old-postgres.ts';
import { type Model, openServerModel } from './call-operation.ts';

// Debian brings PostgreSQL 15; elsewhere there may be none.
describe.skipIf(oldPostgresLacks !== undefined)(
  `on PostgreSQL 15${oldPostgresLacks === undefined ? '' : `, skipped: ${oldPostgresLacks}`}`,
  () => {
    let postgres: OldPostgres;
    let model: Model;
    beforeAll(async () => {
      postgres = await startOldPostgres();
      model = await openServerModel(postgres.uri);
    }, 60_000);
    afterAll(async () => {
      await model?.stop();
      await postgres?.stop();
    }, 60_000);

    it('artifacts are stored, read, verified and collected', async () => {
      const bytes = Buffer.alloc(600_000, 'chunk');
      const { artifact } = await model.call(blobPut, { filename: 'a.bin', bytes });
      const { artifactId } = artifact;
      expect(bytes.equals((await model.call(blobGet, { artifactId })).bytes)).toBe(true);
      expect(await model.call(blobVerify, { artifactId })).toMatchObject({ valid: true });
      await model.call(blobDelete, { artifactId });
      expect((await model.call(blobCollect, {})).chunks).toBeGreaterThan(0);
    });

    it('embeddings are found', async () => {
      const points = [
        { key: 'a', vector: [1, 0] },
        { key: 'b', vector: [0, 1] },
      ];
      await model.call(embeddingStore, { collection: 'default', points });
      const { items } = await model.call(embeddingSearch, {
        collection: 'default',
        vector: [1, 0.1],
        limit: 1,
      });
      expect(items.map(({ key }) => key)).toEqual(['a']);
    });

    it('nodes, keys, messages and events come back', async () => {
      await model.call(graphQuery, {
        query: 'CREATE (:Person {name: "Ann"})-[:KNOWS]->(:Person {name: "Bob"})',
      });
      const { rows } = await model.call(graphQuery, {
        query: 'MATCH (a)-[:KNOWS]->(b) RETURN a.name, b.name',
      });
      expect(JSON.stringify(rows)).toContain('Bob');
      await model.call(kvSet, { key: 'k', valueJson: '1' });
      expect((await model.call(kvGet, { key: 'k' })).valueJson).toBe('1');
      await model.call(queueCreate, { queue: 'q' });
      await model.call(queuePublish, { queue: 'q', messageJson: '{"n":1}' });
      const consumed = await model.call(queueConsume, { queue: 'q', consumerId: 'c' });
      expect(consumed.messages.map(({ messageJson }) => JSON.parse(messageJson ?? ''))).toEqual([{ n: 1 }]);
      await model.call(streamPublish, { room: 'r', eventType: 'e', dataJson: '1', createRoom: true });
      expect((await model.call(streamHistory, { room: 'r' })).events).toHaveLength(1);
    });

    it('secrets are kept', async () => {
      const server = { vaultKeys: [vaultKey(randomBytes(32))] };
      await model.call(vaultSet, { name: 's', value: 'secret' }, { server });
      expect(await model.call(vaultGet, { name: 's' }, { server })).toMatchObject({ value: 'secret' });
    });

    it('restore points say which right is missing', async () => {
      expect((await model.fault(checkpointCreate, {})).code).toBe('RESTORE_POINT_UNSUPPORTED');
    });
  },
);
