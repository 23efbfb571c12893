/** What values weigh: what they share counts each time. */
import { expect, it } from 'vitest';
import type { Value } from './value.ts';
import { checkSum, SCALAR_BYTES, weightOf } from './weight.ts';

const scalars = (count: number): Value[] => Array.from({ length: count }, (_, at) => BigInt(at));

it('is that of all scalars in a value, and of the lists around them', () => {
  expect(weightOf(1n)).toBe(SCALAR_BYTES);
  expect(weightOf('four')).toBe(SCALAR_BYTES + 4);
  expect(weightOf([1n, 2n])).toBe(3 * SCALAR_BYTES);
  expect(weightOf(scalars(100))).toBe(101 * SCALAR_BYTES);
  expect(weightOf(new Map([['key', [1n]]]))).toBe(SCALAR_BYTES + (SCALAR_BYTES + 3) + 2 * SCALAR_BYTES);
});

it('counts a list as often as it is there', () => {
  const list = scalars(100);
  expect(weightOf([list, list, list])).toBe(SCALAR_BYTES + 3 * weightOf(list));
});

it('refuses what is too heavy, and what is too deep', () => {
  let heavy: Value = scalars(1_000);
  const doubled = (): void => {
    for (let round = 0; round < 20; round++) {
      heavy = [heavy, heavy];
      weightOf(heavy);
    }
  };
  expect(doubled).toThrow('cypherValueBytesMax');
  let deep: Value = [];
  const nested = (): void => {
    for (let round = 0; round < 2_000; round++) {
      deep = [deep];
      weightOf(deep);
    }
  };
  expect(nested).toThrow('cypherValueDepthMax');
});

it('of a sum is that of its parts', () => {
  const [left, right] = [[scalars(40)], scalars(50)];
  const sum = [...left, ...right];
  checkSum(sum, left, right);
  expect(weightOf(sum)).toBe(weightOf([...left, ...right]));
});
