/** What following a table must not do to those who own and write it: lend rights, or keep them from writing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';

describe('on our own server', () => {
  let store: Store;
  let database: Database;
  const run = (text: string) => database.run({ name: 'test', text });
  beforeAll(async () => {
    store = await openStore('memory://changes-owners', { observe: ignoreObservations });
    database = await store.namespace('default');
  }, 60_000);
  afterAll(() => store.stop());

  it('what users attach to the times of tables runs with their rights only', async () => {
    await run('CREATE TABLE seen (role text)');
    await run(`CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.seen VALUES (current_user); RETURN NEW; END $$`);
    await run(
      'CREATE TRIGGER spy BEFORE INSERT OR UPDATE ON facet.table_info FOR EACH ROW EXECUTE FUNCTION spy()',
    );
    await run('CREATE TABLE spied (id int)');
    await database.changes.watch({ schema: 'public', name: 'spied' });
    await run('ALTER TABLE spied REPLICA IDENTITY DEFAULT');
    await run('DROP TRIGGER spy ON facet.table_info');
    const { rows } = await run('SELECT DISTINCT role FROM seen');
    expect(rows).toEqual([['facet']]);
    // It was followed whole all the same.
    const { rows: identity } = await run("SELECT relreplident FROM pg_class WHERE relname = 'spied'");
    expect(identity).toEqual([['f']]);
  });

  it('a table with virtual generated columns stays one that can be written to', async () => {
    await run('CREATE TABLE virtual (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)');
    await run('INSERT INTO virtual VALUES (1)');
    const refused = await failure(database.changes.watch({ schema: 'public', name: 'virtual' }));
    expect([refused?.code, refused?.message]).toEqual([
      'FEATURE_NOT_SUPPORTED',
      expect.stringContaining("virtual generated column, 'twice'"),
    ]);
    await run('UPDATE virtual SET id = 2');
    await run('CREATE TABLE followed (id int)');
    await database.changes.watch({ schema: 'public', name: 'followed' });
    const add = 'ALTER TABLE followed ADD COLUMN twice int GENERATED ALWAYS AS (id * 2)';
    expect((await failure(run(`${add} VIRTUAL`)))?.message).toMatch(/followed/);
    await run(`${add} STORED`);
    await run('ALTER TABLE virtual DROP COLUMN twice');
    await database.changes.watch({ schema: 'public', name: 'virtual' });
    await run('DELETE FROM virtual');
  });
});
