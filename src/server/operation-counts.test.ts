/** Counts of operations by how they ended, and of what clients asked for. */
import { expect, test } from 'vitest';
import { OperationCounts } from './operation-counts.ts';

test('are kept apart by operation, outcome and dialect', () => {
  const counts = new OperationCounts();
  const seen = [
    ['kv.get', 'ok', 'synap', 1],
    ['kv.get', 'ok', 'synap', 1],
    ['kv.get', 'WRONG_TYPE', 'synap', 1],
    ['sql.query', 'ok', 'thunder', 1],
    ['kv.get', 'ok', 'thunder', 1],
    ['kv.get', 'ok', 'synap', 0],
  ] as const;
  for (const [operation, outcome, dialect, askedCount] of seen) {
    counts.add({ operation, outcome, dialect, asked: operation, askedCount });
  }
  const get = { operation: 'kv.get', asked: 'kv.get' };
  expect(counts.all()).toEqual([
    { ...get, outcome: 'ok', dialect: 'synap', count: 3, askedCount: 2 },
    { ...get, outcome: 'WRONG_TYPE', dialect: 'synap', count: 1, askedCount: 1 },
    { ...get, outcome: 'ok', dialect: 'thunder', count: 1, askedCount: 1 },
    {
      operation: 'sql.query',
      asked: 'sql.query',
      outcome: 'ok',
      dialect: 'thunder',
      count: 1,
      askedCount: 1,
    },
  ]);
});
