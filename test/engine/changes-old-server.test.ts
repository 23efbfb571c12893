/** The change feed on the oldest PostgreSQL that Facet works with, where the operating system has it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { openStore, type Store } from '../../src/engine/index.ts';
import { brief, changesOf, takeItems, takeUntil } from '../support/change-tables.ts';
import { type OldPostgres, oldPostgresLacks, startOldPostgres } from '../support/old-postgres.ts';

// Debian brings PostgreSQL 15; elsewhere there may be none.
describe.skipIf(oldPostgresLacks !== undefined)(
  `on PostgreSQL 15${oldPostgresLacks === undefined ? '' : `, skipped: ${oldPostgresLacks}`}`,
  () => {
    let postgres: OldPostgres;
    let store: Store;
    const open = () => openStore(postgres.uri, { observe: ignoreObservations });
    beforeAll(async () => {
      postgres = await startOldPostgres();
      store = await open();
    }, 60_000);
    afterAll(async () => {
      await store?.stop();
      await postgres?.stop();
    }, 60_000);

    it('follows, reads beside another process, and goes on after a restart', async () => {
      const database = await store.namespace('default');
      const { changes } = database;
      const run = (text: string) => database.run({ name: 'test', text });
      expect(store.facts.serverVersion).toMatch(/^15/);
      expect(changes.source).toBe('logical');
      await run('CREATE TABLE t (id int PRIMARY KEY, v text)');
      await changes.watch({ schema: 'public', name: 't' });
      const { position } = await changes.consumer('mail');
      const cursor = await changes.open({ whenSlow: 'wait' });
      await run("INSERT INTO t VALUES (1, repeat('x', 3000))");
      await run('UPDATE t SET id = 2');
      await run('TRUNCATE t');
      const seen = brief(changesOf(await takeItems(cursor, 6)));
      const wide = 'x'.repeat(3_000);
      expect(seen).toEqual([
        ['insert', undefined, ['1', wide]],
        ['update', ['1', wide], ['2', wide]],
        ['truncate', undefined, undefined],
      ]);
      // The slot is taken: the other store reads from a copy of it, and from further back than its log begins.
      const other = await open();
      const theirs = (await other.namespace('default')).changes;
      const beside = await theirs.open({ whenSlow: 'wait', from: position });
      expect(brief(changesOf(await takeUntil(beside, await theirs.now())))).toEqual(seen);
      beside.close();
      await other.stop();
      cursor.close();
      await store.stop();
      store = await open();
      const again = (await store.namespace('default')).changes;
      const consumer = await again.consumer('mail');
      expect(consumer).toMatchObject({ position, available: true });
      const resumed = await again.open({ whenSlow: 'wait', from: consumer.position });
      expect(brief(changesOf(await takeUntil(resumed, await again.now())))).toEqual(seen);
      resumed.close();
    });
  },
);
