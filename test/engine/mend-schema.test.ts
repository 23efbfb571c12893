/** What users have dropped of Facet's own is made again by the next start, and what they left is left. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Observation } from '../../src/base/index.ts';
import { openStore } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { asSuperuser, createDatabase, dropDatabase, uriOf } from '../support/test-store.ts';

let name: string;
beforeEach(async () => {
  name = await createDatabase();
});
afterEach(() => dropDatabase(name));

const admin = async (sql: string) => (await asSuperuser(name, (session) => query(session, sql))).rows;

/** Everything of Facet's, as PostgreSQL describes it. */
const shape = () =>
  admin(`
    SELECT 'column', a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|information_schema)' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT 'index', indexdef, '', '' FROM pg_indexes WHERE schemaname !~ '^pg_'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace::regnamespace::text !~ '^pg_'
    UNION ALL SELECT 'trigger', pg_get_triggerdef(oid), tgenabled::text, '' FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', p.oid::regprocedure::text, md5(prosrc), coalesce(proacl::text, '') FROM pg_proc p
      WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    ORDER BY 1, 2, 3, 4`);

/** What the start says. */
async function restarted(): Promise<readonly Observation[]> {
  const observed: Observation[] = [];
  const store = await openStore(uriOf(name), { observe: (seen) => observed.push(seen) });
  await store.stop();
  return observed.filter(({ type }) => type === 'warning');
}

it.each([
  ['a table', 'DROP TABLE cdc.subscription'],
  ['a schema', 'DROP SCHEMA cdc CASCADE'],
  ['a function', 'DROP FUNCTION cdc.judge_condition'],
  ['a table with triggers, an index', 'DROP TABLE kv.entry CASCADE; DROP INDEX queue.lease_end'],
  ['a schema with types and operators', 'DROP SCHEMA vector CASCADE'],
  ['the record of migrations', 'DROP SCHEMA facet CASCADE'],
  ['everything', 'DROP SCHEMA facet, cdc, kv, graph, queue, stream, pubsub, vector CASCADE'],
])('%s', async (_what, sql) => {
  const before = await shape();
  for (const statement of sql.split('; ')) await admin(statement);
  expect(await shape()).not.toEqual(before);
  const [said] = await restarted();
  if (_what !== 'everything')
    expect(said).toMatchObject({ message: expect.stringContaining('was made again') });
  expect(await shape()).toEqual(before);
  expect(await restarted()).toEqual([]);
});

it('what is left is left as it is', async () => {
  await admin("INSERT INTO cdc.consumer (name, position) VALUES ('mine', '0/1')");
  const [writers] = await admin('SELECT count(*) FROM graph.writer');
  await admin('DROP TABLE cdc.subscription');
  await admin('DROP TABLE graph.write_count CASCADE');
  await restarted();
  expect(await admin('SELECT name FROM cdc.consumer')).toEqual([['mine']]);
  expect(await admin('SELECT count(*) FROM graph.writer')).toEqual([writers]);
  expect(await admin('SELECT count(*) FROM graph.schema_version')).toEqual([['1']]);
});
