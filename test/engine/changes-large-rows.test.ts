/** Rows larger than anything that is read from PostgreSQL at once, and rows too large to be delivered at all. */
import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { openChangeStore } from '../support/change-store.ts';
import { changesOf, takeItems, untilEnded } from '../support/change-tables.ts';
import type { TestStore } from '../support/test-store.ts';

const MEBIBYTE = 1_024 * 1_024;
const LARGE_PART = Math.floor(0.6 * MEBIBYTE);

let test: TestStore;
afterEach(async () => await test.close());

const run = (sql: string) => test.database.run({ name: 'test', text: sql }, []);

async function openWith(changeRowBytesMax: number): Promise<void> {
  test = await openChangeStore({ changePace: { changeRowBytesMax } });
  await run('CREATE TABLE wide (id int PRIMARY KEY, v text)');
  await run('CREATE TABLE other (id int PRIMARY KEY)');
  for (const name of ['wide', 'other']) await test.database.changes.watch({ schema: 'public', name });
}

describe('a row', () => {
  it('of more bytes than a result may have is delivered', async () => {
    await openWith(LIMITS.changeRowBytesMax);
    const cursor = await test.database.changes.open({ whenSlow: 'wait' });
    const bytes = LIMITS.resultBytesMax + MEBIBYTE;
    await run(`INSERT INTO wide VALUES (1, repeat('x', ${bytes}))`);
    await run('INSERT INTO other VALUES (2)');
    const [wide, , other] = await takeItems(cursor, 4);
    expect(changesOf(wide === undefined ? [] : [wide])[0]?.newRow?.[1]?.length).toBe(bytes);
    expect(changesOf(other === undefined ? [] : [other])[0]?.newRow).toEqual(['2']);
    cursor.close();
  });

  it('that is too large ends those who stand before it, and nobody else', async () => {
    await openWith(MEBIBYTE);
    const { changes } = test.database;
    const before = await changes.now();
    const follower = await changes.open({ whenSlow: 'drop' });
    const durable = await changes.open({ whenSlow: 'wait' });
    await run('INSERT INTO other VALUES (1)');
    for (const cursor of [follower, durable]) {
      expect(changesOf(await takeItems(cursor, 2))[0]?.newRow).toEqual(['1']);
    }
    await run(`INSERT INTO wide VALUES (1, repeat('x', ${2 * MEBIBYTE}))`);
    await run('INSERT INTO other VALUES (2)');
    for (const cursor of [follower, durable]) {
      const { reason } = await untilEnded(cursor);
      expect([reason.code, reason.message]).toEqual([
        'LSN_NOT_AVAILABLE',
        expect.stringContaining('changeRowBytesMax'),
      ]);
    }
    // Who comes back to before it is told again, and who begins anew gets what comes.
    const back = await changes.open({ from: before, whenSlow: 'wait' });
    expect((await untilEnded(back)).reason.code).toBe('LSN_NOT_AVAILABLE');
    const anew = await changes.open({ whenSlow: 'wait' });
    await run('INSERT INTO other VALUES (3)');
    expect(changesOf(await takeItems(anew, 2))[0]?.newRow).toEqual(['3']);
    anew.close();
  });

  it('is judged with its old one', async () => {
    await openWith(MEBIBYTE);
    await run(`INSERT INTO wide VALUES (1, repeat('x', ${LARGE_PART}))`);
    const cursor = await test.database.changes.open({ whenSlow: 'wait' });
    await run(`UPDATE wide SET v = repeat('y', ${LARGE_PART})`);
    expect((await untilEnded(cursor)).reason.message).toContain('changeRowBytesMax');
  });
});
