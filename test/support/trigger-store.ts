/** As test-store.ts, for a role that may not replicate: changes of its tables are followed by triggers. */
import { randomBytes } from 'node:crypto';
import type { Observation } from '../../src/base/index.ts';
import { openStore, type StoreOptions } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import {
  asSuperuser,
  backendsLeft,
  createDatabase,
  dropDatabase,
  leaksOf,
  type TestStore,
  uriOf,
} from './test-store.ts';

export async function openTriggerStore(options: Pick<StoreOptions, 'changePace'> = {}): Promise<TestStore> {
  const name = await createDatabase();
  const role = `test_role_${randomBytes(6).toString('hex')}`;
  const asAdmin = (sql: string) => asSuperuser('postgres', (session) => query(session, sql));
  await asAdmin(`CREATE ROLE ${role} LOGIN NOREPLICATION IN ROLE facet`);
  const uri = uriOf(name, role);
  const observations: Observation[] = [];
  const store = await openStore(uri, {
    ...options,
    observe: (observation) => observations.push(observation),
  });
  const database = await store.namespace('default');
  return {
    store,
    database,
    uri,
    name,
    observations,
    admin: (sql, parameters = []) =>
      asSuperuser(name, async (session) => (await query(session, sql, parameters)).rows),
    close: async () => {
      const leaks = await leaksOf(database);
      await store.stop();
      const left = [...leaks, ...(await backendsLeft(name))];
      await dropDatabase(name);
      await asAdmin(`DROP ROLE ${role}`);
      if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
    },
  };
}
