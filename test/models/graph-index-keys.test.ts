/** Keys of indexes that are made here are those that PostgreSQL makes. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Value } from '../../src/cypher/index.ts';
import { arrayLiteral } from '../../src/engine/index.ts';
import { indexKey, uniqueKey } from '../../src/models/graph/matcher/index-keys.ts';
import { encodeValue } from '../../src/models/graph/property-json.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let opened: TestStore;
beforeAll(async () => {
  opened = await openTestStore();
});
afterAll(() => opened.close());

const KEYS = `SELECT coalesce(cy_key = graph.cy_key(value), false), coalesce(cy_uniq = graph.cy_uniq(value), false), value
  FROM unnest($1::jsonb[], $2::jsonb[], $3::jsonb[]) AS given(value, cy_key, cy_uniq)`;

/** Texts of the values whose keys differ. */
async function differing(values: readonly Value[]): Promise<readonly string[]> {
  const { rows } = await opened.database.runUser(KEYS, [
    arrayLiteral(values.map(encodeValue)),
    arrayLiteral(values.map(indexKey)),
    arrayLiteral(values.map(uniqueKey)),
  ]);
  expect(rows).toHaveLength(values.length);
  return rows.flatMap(([key, unique, value]) => (key === 't' && unique === 't' ? [] : [value ?? '']));
}

const around = (length: number): readonly number[] => [
  length - 2,
  length - 1,
  length,
  length + 1,
  length + 2,
];

test('strings around the lengths at which keys are cut or digested', async () => {
  const pieces = ['a', 'é', '\u{1F600}', '"', '\\', '\n', '\u0001', '\u007F', '\u2028', '/'];
  const values = pieces.flatMap((piece) =>
    [...around(64), ...around(42), ...around(63), ...around(85), ...around(127), ...around(254)].flatMap(
      (count) => [piece.repeat(count), `${'a'.repeat(63)}${piece.repeat(count)}`, `x${piece.repeat(count)}`],
    ),
  );
  expect(await differing(['', ...values])).toEqual([]);
});

test('numbers and booleans', async () => {
  const numbers = [0, -0, 1, 1.5, -1e-7, 5e-324, 1e308, -1e308, 2 ** 53, 2 ** 53 - 1, 2 ** 53 + 2, 0.1];
  const integers = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
  expect(await differing([...numbers, ...integers, true, false])).toEqual([]);
  expect(indexKey(1n)).toBe('1');
});

test('any strings and numbers', async () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 400, size: 'max' }),
    fc.string({ unit: 'binary', maxLength: 90, size: 'max' }).filter((text) => !text.includes('\0')),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  );
  const property = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 50 }), async (values) => {
    expect(await differing(values.filter((one) => indexKey(one) !== null))).toEqual([]);
  });
  await fc.assert(property, { seed: 20_261_121, numRuns: 60 });
});

test('what only PostgreSQL can tell has no key here', () => {
  for (const value of ['a\0', '\uD800', Number.NaN, Number.POSITIVE_INFINITY, [1n], null, new Map()]) {
    expect([indexKey(value), uniqueKey(value)]).toEqual([null, null]);
  }
});
