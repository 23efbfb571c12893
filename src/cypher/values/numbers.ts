/**
 * How an INTEGER and a FLOAT relate. JavaScript compares bigint and number by their exact values, so 2^53 + 1 is
 * greater than 2.0^53, where a conversion of either would call them equal.
 */

/** Negative, 0 or positive; NaN where one of them is NaN: then none of `<`, `<=`, `>`, `>=`, `=` holds. */
export const compareNumbers = (a: bigint | number, b: bigint | number): number =>
  a < b ? -1 : a > b ? 1 : a <= b ? 0 : Number.NaN;

/** As compareNumbers, with NaN as the greatest number and equal to itself. -0.0 and 0.0 are the same. */
export function orderNumbers(a: bigint | number, b: bigint | number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a <= b) return 0;
  // Only NaN differs from itself.
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
