/**
 * The order of strings: by Unicode code point, as UTF-8 has it and PostgreSQL's C.UTF-8. JavaScript's own `<` goes by
 * UTF-16 units and puts U+1F600, which is written as two units from 0xD83D, before U+FFFD.
 */

const HIGH_SURROGATES_START = 0xd800;
const LOW_SURROGATES_START = 0xdc00;
const LOW_SURROGATES_END = 0xdfff;

/** Negative, 0 or positive. A lone surrogate counts as the code point it stands for. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const aUnit = a.charCodeAt(i);
    const bUnit = b.charCodeAt(i);
    if (aUnit === bUnit) continue;
    if (aUnit < HIGH_SURROGATES_START || bUnit < HIGH_SURROGATES_START) return aUnit - bUnit;
    if (i > 0 && isHigh(a.charCodeAt(i - 1)) && (isLow(aUnit) || isLow(bUnit))) {
      // The unit before is shared. With a low one it is a character beyond 0xFFFF, else it stands alone.
      return isLow(aUnit) && isLow(bUnit) ? aUnit - bUnit : isLow(aUnit) ? 1 : -1;
    }
    return (a.codePointAt(i) ?? aUnit) - (b.codePointAt(i) ?? bUnit);
  }
  return a.length - b.length;
}

const isHigh = (unit: number): boolean => unit >= HIGH_SURROGATES_START && unit < LOW_SURROGATES_START;

const isLow = (unit: number): boolean => unit >= LOW_SURROGATES_START && unit <= LOW_SURROGATES_END;
