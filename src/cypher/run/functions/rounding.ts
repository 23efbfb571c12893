/**
 * Rounding to decimal places. It works on the shortest decimal text of a FLOAT, which is what people see: 1.005 to two
 * places is 1.01, though the double nearest to 1.005 lies below it.
 */

export const ROUNDING_MODES = [
  'UP',
  'DOWN',
  'CEILING',
  'FLOOR',
  'HALF_UP',
  'HALF_DOWN',
  'HALF_EVEN',
] as const;

export type RoundingMode = (typeof ROUNDING_MODES)[number];

export const isRoundingMode = (mode: string): mode is RoundingMode =>
  (ROUNDING_MODES as readonly string[]).includes(mode);

const SCIENTIFIC = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/;

/** `places` of 0 or more; NaN, infinities and numbers with fewer places come back as they are. */
export function roundDecimal(x: number, places: number, mode: RoundingMode): number {
  const parts = SCIENTIFIC.exec(x.toExponential());
  if (parts === null) return x;
  const [, sign = '', first = '', rest = '', exponent = ''] = parts;
  const digits = first + rest;
  const dropped = rest.length - Number(exponent) - places;
  if (dropped <= 0) return x;
  const negative = sign === '-';
  const kept = dropped >= digits.length ? 0n : BigInt(digits.slice(0, digits.length - dropped));
  // Zeros in front, for numbers that begin behind the last place that is kept.
  const tail = digits.padStart(dropped, '0').slice(-dropped);
  const magnitude = away(kept, tail, negative, mode) ? kept + 1n : kept;
  return Number(`${sign}${magnitude}e-${places}`);
}

/** Whether what is cut off moves the number away from zero. */
function away(kept: bigint, tail: string, negative: boolean, mode: RoundingMode): boolean {
  if (/^0*$/.test(tail)) return false;
  switch (mode) {
    case 'UP':
      return true;
    case 'DOWN':
      return false;
    case 'CEILING':
      return !negative;
    case 'FLOOR':
      return negative;
    default: {
      const lead = tail.charAt(0);
      if (lead !== '5') return lead > '5';
      if (!/^50*$/.test(tail)) return true;
      return mode === 'HALF_UP' || (mode === 'HALF_EVEN' && kept % 2n === 1n);
    }
  }
}
