/** What models keep for a database, and what keeps a namespace open. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Database, type ModelState, statement } from '../../src/engine/index.ts';
import { ModelStates } from '../../src/engine/model-states.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const stores: TestStore[] = [];
const open = async (): Promise<TestStore> => {
  const test = await openTestStore();
  stores.push(test);
  return test;
};
afterEach(async () => {
  for (const test of stores.splice(0)) await test.close();
});

const A = Symbol('test.a');
const B = Symbol('test.b');
const ONE = statement('test.one', 'SELECT 1');

describe('the state of a model', () => {
  it('is made once per database', async () => {
    const { database } = await open();
    const other = (await open()).database;
    const create = (of: Database) => ({ of, stop: () => {} });
    const first = database.state(A, create);
    expect(first.of).toBe(database);
    expect(database.state(A, create)).toBe(first);
    expect(database.state(B, create)).not.toBe(first);
    expect(other.state(A, create).of).toBe(other);
  });

  it('is stopped with the namespace, the last one first, while its connections still work', async () => {
    const { database, store, observations } = await open();
    const stopped: string[] = [];
    const state = (name: string): ModelState => ({
      stop: async () => {
        await sleep(5);
        await database.run(ONE);
        await database.inTransaction((transaction) => database.run(ONE, [], { transaction }));
        stopped.push(name);
        if (name === 'b') throw new Error('boom');
      },
    });
    // `a` makes `b` for itself: it must be able to use it to its end.
    database.state(A, () => {
      database.state(B, () => state('b'));
      return state('a');
    });
    await store.stop();
    expect(stopped).toEqual(['a', 'b']);
    expect(observations).toContainEqual(
      expect.objectContaining({ type: 'warning', message: 'Symbol(test.b) did not stop' }),
    );
    expect(() => database.state(Symbol('test.c'), () => state('c'))).toThrow(/stopping/);
    // What is there may still be asked; it refuses by itself.
    expect(database.state(A, () => state('new'))).toBeDefined();
    await expect(database.run(ONE)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is stopped once, however often that is asked', async () => {
    let stops = 0;
    const states = new ModelStates(() => {});
    states.get(A, () => ({ stop: () => void stops++ }));
    await Promise.all([states.stop(), states.stop()]);
    await states.stop();
    expect(stops).toBe(1);
  });
});

describe('a hold', () => {
  it('counts until it is closed, once', async () => {
    const { database } = await open();
    const holds = [database.hold(), database.hold()];
    expect(database.counts.held).toBe(2);
    holds[0]?.close();
    holds[0]?.close();
    expect(database.counts.held).toBe(1);
    holds[1]?.close();
    expect(database.counts.held).toBe(0);
  });
});
