/** Which commits wake readers of the outbox: notifications have commits wait for each other, so no more than are needed. */
import { expect, it } from 'vitest';
import { command } from '../../src/engine/command.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import { superuserTarget } from '../support/test-store.ts';
import { openTriggerStore } from '../support/trigger-store.ts';

it('a commit notifies only when a reader sleeps', async () => {
  const other = await openTriggerStore();
  const ear = await probe(superuserTarget(), other.name);
  try {
    const heard: string[] = [];
    ear.onNotification = ({ channel }) => heard.push(channel);
    const write = () => other.database.run({ name: 'test', text: 'INSERT INTO t VALUES (1)' });
    await other.database.run({ name: 'test', text: 'CREATE TABLE t (id int)' });
    await other.database.changes.watch({ schema: 'public', name: 't' });
    await command(ear, 'LISTEN facet_changes');
    await write();
    await query(ear, 'SELECT 1');
    expect(heard).toEqual([]);
    await command(ear, 'SELECT pg_advisory_lock_shared(1667523329, 0)');
    await write();
    await query(ear, 'SELECT 1');
    expect(heard).toEqual(['facet_changes']);
  } finally {
    await ear.close();
    await other.close();
  }
});
