/** A server that offers logical decoding no longer: changes are followed by triggers, and the slot is of no use. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ignoreObservations, type Observation } from '../../src/base/index.ts';
import { retireSlot } from '../../src/engine/changes/index.ts';
import { inspectStore, openStore } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { asSuperuser, createDatabase, dropDatabase, uriOf } from '../support/test-store.ts';

const role = `test_role_${randomBytes(6).toString('hex')}`;
let name: string;
const admin = async (sql: string) => (await asSuperuser(name, (session) => query(session, sql))).rows;
const slots = () =>
  admin('SELECT slot_name FROM pg_replication_slots WHERE database = current_database() AND NOT temporary');

beforeAll(async () => {
  name = await createDatabase();
  await admin(`CREATE ROLE ${role} LOGIN REPLICATION IN ROLE facet`);
});
afterAll(async () => {
  await asSuperuser(name, (session) => retireSlot(session, `facet_${name}`));
  await dropDatabase(name);
  await asSuperuser('postgres', (session) => query(session, `DROP ROLE ${role}`));
});

it('the slot that cannot be dropped is told of, and can be dropped as the hint says', async () => {
  const uri = uriOf(name, role);
  const before = await openStore(uri, { observe: ignoreObservations });
  const { changes } = await before.namespace('default');
  expect(changes.source).toBe('logical');
  await changes.consumer('mail');
  await before.stop();
  expect(await slots()).toEqual([[`facet_${name}`]]);

  await admin(`ALTER ROLE ${role} NOREPLICATION`);
  const observed: Observation[] = [];
  const after = await openStore(uri, { observe: (seen) => observed.push(seen) });
  try {
    const database = await after.namespace('default');
    expect(database.changes.source).toBe('triggers');
    const warning = observed.find(({ type }) => type === 'warning');
    expect(warning).toMatchObject({
      message: expect.stringContaining(`Slot facet_${name} is of no use any more`),
      detail: `Drop it: SELECT pg_drop_replication_slot('facet_${name}')`,
    });
    // Its positions mean nothing now.
    expect(await database.changes.consumer('mail')).toMatchObject({ available: false });
  } finally {
    await after.stop();
  }
  const findings = await inspectStore(uri);
  expect(findings).toContainEqual({
    level: 'warning',
    subject: 'change feed',
    message: expect.stringContaining(`slot facet_${name}: of no use`),
    remedy: expect.stringContaining('pg_drop_replication_slot'),
  });

  // As a role that may.
  await asSuperuser(name, (session) => retireSlot(session, `facet_${name}`));
  expect(await slots()).toEqual([]);
});
