/** The lock on a data directory, against processes that are dead, elsewhere, or just faster. */
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockHolder, takeLock } from '../../../src/engine/embedded/lock.ts';
import { describeSelf, type OwnerRecord } from '../../../src/engine/embedded/owner-record.ts';
import { folder, later } from './fixture.ts';

/** A folder whose lock is held by the process that `change` makes of us. */
async function heldBy(change: Partial<OwnerRecord>, turn = 7): Promise<{ home: string; path: string }> {
  const home = folder();
  mkdirSync(join(home, 'owner'));
  const path = join(home, 'owner', `owner-${String(turn).padStart(8, '0')}.json`);
  writeFileSync(path, JSON.stringify({ ...(await describeSelf()), ...change }));
  return { home, path };
}

describe('the lock', () => {
  it('is had by one at a time, and free after release', async () => {
    const home = folder();
    const lock = await takeLock(home);
    expect(await lockHolder(home)).toMatchObject({ state: 'alive', record: { pid: process.pid } });
    await expect(takeLock(home)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await lock.release();
    expect(await lockHolder(home)).toBeUndefined();
    await (await takeLock(home)).release();
    expect(readdirSync(join(home, 'owner'))).toHaveLength(1);
  });

  it('goes to exactly one of many that want it at once, each time', async () => {
    const home = folder();
    for (let round = 0; round < 10; round += 1) {
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(home)));
      const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(winners).toHaveLength(1);
      await winners[0]?.release();
    }
  });

  it('goes to exactly one of many that find a dead owner', async () => {
    const { home } = await heldBy({ pid: 4_194_300 });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(home)));
    const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(winners).toHaveLength(1);
    await winners[0]?.release();
  });

  it('is not kept by a later process of the same pid', async () => {
    const { home } = await heldBy({ pid: process.ppid, started: '1' });
    await (await takeLock(home)).release();
  });

  it('is not kept by a file that a power loss cut short', async () => {
    const { home, path } = await heldBy({});
    writeFileSync(path, '');
    await (await takeLock(home)).release();
  });

  it('is kept by an owner elsewhere that renews it', async () => {
    const { home, path } = await heldBy({ space: 'pid:[1]', host: 'other-container' });
    const timer = setInterval(() => utimesSync(path, new Date(), new Date()), 500);
    later(() => clearInterval(timer));
    await expect(takeLock(home)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining('other-container'),
    });
  });

  it('is taken from an owner elsewhere that no longer renews it', async () => {
    const { home, path } = await heldBy({ space: 'pid:[1]' });
    const watched: number[] = [];
    await (await takeLock(home, ({ pid }) => watched.push(pid))).release();
    expect(watched).toEqual([process.pid]);
    expect(readFileSync(path.replace('7.json', '8.json'), 'utf8')).toContain('released');
  });

  it('is taken at once from an owner elsewhere that was last seen long ago', async () => {
    const { home, path } = await heldBy({ boot: 'earlier' });
    utimesSync(path, new Date(0), new Date(0));
    await (await takeLock(home)).release();
  });
});
