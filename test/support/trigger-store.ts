/** As test-store.ts, for a role that may not replicate: changes of its tables are followed by triggers. */
import { randomBytes } from 'node:crypto';
import type { StoreOptions } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { asSuperuser, openTestStore, type TestStore } from './test-store.ts';

export async function openTriggerStore(options: Pick<StoreOptions, 'changePace'> = {}): Promise<TestStore> {
  const role = `test_role_${randomBytes(6).toString('hex')}`;
  const asAdmin = (sql: string) => asSuperuser('postgres', (session) => query(session, sql));
  await asAdmin(`CREATE ROLE ${role} LOGIN NOREPLICATION IN ROLE facet`);
  const test = await openTestStore(options, role);
  return {
    ...test,
    // Its database is gone by then, also when something was left open.
    close: () => test.close().finally(() => asAdmin(`DROP ROLE ${role}`)),
  };
}
