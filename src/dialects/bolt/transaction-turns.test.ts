/** Who waits for a place, and who gets it. */
import { expect, test } from 'vitest';
import { FacetError } from '../../base/index.ts';
import { TransactionTurns } from './transaction-turns.ts';

const never = new AbortController().signal;
const full = (): FacetError => new FacetError('TOO_MANY_TRANSACTIONS', 'full');

/** So many places; `begin` is refused when they are taken. */
function places(count: number) {
  let taken = 0;
  return {
    begin: async (): Promise<number> => {
      if (taken >= count) throw full();
      return ++taken;
    },
    leave: (): void => {
      taken -= 1;
    },
  };
}

test('places are given in the order in which they were asked for', async () => {
  const turns = new TransactionTurns();
  const { begin, leave } = places(1);
  await turns.begin(begin, never);
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    await turns.begin(begin, never);
    order.push(name);
    leave();
    turns.ended();
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(order).toEqual([]);
  leave();
  turns.ended();
  await Promise.all(waiting);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('a place that became free elsewhere is found', async () => {
  const turns = new TransactionTurns();
  const { begin, leave } = places(1);
  await turns.begin(begin, never);
  const waiting = turns.begin(begin, never);
  setTimeout(leave, 20);
  expect(await waiting).toBe(1);
});

test('other failures are not waited for', async () => {
  const turns = new TransactionTurns();
  const begin = async (): Promise<never> => {
    throw new FacetError('UNAVAILABLE', 'gone');
  };
  await expect(turns.begin(begin, never)).rejects.toThrow('gone');
});

test('who leaves does not wait on', async () => {
  const turns = new TransactionTurns();
  const { begin } = places(0);
  const leaving = new AbortController();
  const waiting = turns.begin(begin, leaving.signal);
  setTimeout(() => leaving.abort(), 20);
  await expect(waiting).rejects.toThrow('full');
});
