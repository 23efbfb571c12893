/** Functions that belong to no type: nulls, identifiers, the time of the statement in milliseconds. */
import { randomHex } from '../../../base/index.ts';
import { equals } from '../../values/equality.ts';
import type { Value } from '../../values/value.ts';
import { binary, type ScalarFunction, unary, variadic } from './function.ts';

const UUID_BYTES = 16;

/** Version 4 of RFC 9562: the thirteenth digit is the version, the seventeenth has the variant in its upper bits. */
function randomUuid(): string {
  const hex = randomHex(UUID_BYTES);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ].join('-');
}

/** The compiler evaluates the arguments one by one, up to the first that is not null. */
const coalesce = (values: readonly Value[]): Value => values.find((value) => value !== null) ?? null;

export const SCALARS: readonly ScalarFunction[] = [
  variadic('coalesce', [1, Number.POSITIVE_INFINITY], coalesce, { nulls: 'given' }),
  binary('nullIf', (value, other) => (equals(value, other) === true ? null : value), { nulls: 'given' }),
  // Over a pattern the compiler takes it for the test of the pattern.
  unary('exists', (value) => value !== null, { nulls: 'given' }),
  variadic('randomUUID', [0, 0], randomUuid, { stability: 'volatile' }),
];
