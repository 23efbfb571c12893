/** FLOATs as text: for toString(), with exponents as other Cypher databases print them, and as literals. */

/** Below it, and from PLAIN_BELOW on, floats are written with an exponent. */
const PLAIN_MIN = 1e-3;
/** See above: as most Cypher databases write them. */
const PLAIN_BELOW = 1e7;

/** The shortest digits that read back as the same double; with an exponent from 10^7 and below 10^-3. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (magnitude >= PLAIN_MIN && magnitude < PLAIN_BELOW)
    return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits}${digits.includes('.') ? '' : '.0'}E${exponent.replace('+', '')}`;
}

const DOT_OR_EXPONENT = /[.e]/;

/** `1.0`, `1.5e300`, always with a dot or an exponent: `1` would be an INTEGER. -0.0 is 0.0. */
export function floatLiteral(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf';
  const digits = String(value).replace('e+', 'e');
  return DOT_OR_EXPONENT.test(digits) ? digits : `${digits}.0`;
}
