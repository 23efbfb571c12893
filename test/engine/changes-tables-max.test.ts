/** How many tables may be followed. */
import { afterEach, expect, it } from 'vitest';
import { openChangeStore } from '../support/change-store.ts';
import { failure } from '../support/failure.ts';
import type { TestStore } from '../support/test-store.ts';

let test: TestStore;
afterEach(async () => await test.close());

const run = (sql: string) => test.database.run({ name: 'test', text: sql }, []);
const watch = (name: string) => test.database.changes.watch({ schema: 'public', name });

it('no more tables than the limit are followed, and those that are remain so', async () => {
  test = await openChangeStore({ changePace: { changeTablesMax: 2 } });
  await run('CREATE TABLE one (id int) PARTITION BY RANGE (id)');
  // Partitions do not count.
  for (const n of [1, 2, 3])
    await run(`CREATE TABLE one_${n} PARTITION OF one FOR VALUES FROM (${n}) TO (${n + 1})`);
  for (const name of ['two', 'three']) await run(`CREATE TABLE ${name} (id int)`);
  await watch('one');
  await watch('two');
  const refused = await failure(watch('three'));
  expect([refused.code, refused.message]).toEqual([
    'LIMIT_EXCEEDED',
    expect.stringContaining('changeTablesMax'),
  ]);
  if (test.database.changes.source === 'triggers') {
    // With logical decoding the event trigger has a say, which knows of the real limit only.
    expect((await failure(test.database.changes.watchAll())).code).toBe('LIMIT_EXCEEDED');
  }
  await watch('one');
  await run('DROP TABLE two');
  await watch('three');
});
