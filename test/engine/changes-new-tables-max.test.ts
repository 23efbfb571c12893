/** When all tables are followed, new ones are published by an event trigger: up to the limit, too. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
}, 60_000);
afterAll(async () => await test.close());

const isPublished = async (name: string): Promise<boolean> => {
  const rows = await test.admin(
    `SELECT FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid WHERE c.relname = '${name}'`,
  );
  return rows.length > 0;
};

it('a new table is published while there is room', async () => {
  await test.database.changes.watchAll();
  await test.database.runUser('CREATE TABLE fits (id int)');
  expect(await isPublished('fits')).toBe(true);
  // As if there were so many: entries of tables that are not there.
  await test.admin(
    `INSERT INTO pg_publication_rel (oid, prpubid, prrelid)
     SELECT 4000000000 + n, p.oid, 4000000000 + n FROM pg_publication p, generate_series(1, ${LIMITS.changeTablesMax - 1}) AS n
     WHERE p.pubname = 'facet_changes'`,
  );
  await test.database.runUser('CREATE TABLE one_too_many (id int)');
  expect(await isPublished('one_too_many')).toBe(false);
  // Whoever creates it can use it.
  await test.database.runUser('INSERT INTO one_too_many VALUES (1)');
  await test.admin('DELETE FROM pg_publication_rel WHERE oid >= 4000000000');
  await test.database.runUser('CREATE TABLE fits_again (id int)');
  expect(await isPublished('fits_again')).toBe(true);
});
