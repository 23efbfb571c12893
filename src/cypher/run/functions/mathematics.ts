/** Functions of numbers. Those of analysis take INTEGER and FLOAT and give FLOAT, with NaN and infinities as IEEE 754. */
import { argumentError, arithmeticError } from '../../cypher-error.ts';
import type { Value } from '../../values/value.ts';
import { count, float, type ScalarFunction, text, unary, variadic, wrongArgument } from './function.ts';
import { isRoundingMode, ROUNDING_MODES, roundDecimal } from './rounding.ts';

/** Half a turn. */
const DEGREES = 180;

const real = (name: string, compute: (x: number) => number): ScalarFunction =>
  unary(name, (value) => compute(typeof value === 'number' ? value : float(name, value)));

function absolute(value: Value): Value {
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value !== 'bigint') throw wrongArgument('abs', 'a number', value);
  if (value >= 0n) return value;
  if (value !== BigInt.asIntN(64, -value)) return -value;
  throw arithmeticError('IntegerOverflow', `abs(${value}) is greater than the greatest Integer`);
}

function sign(value: Value): Value {
  if (typeof value === 'bigint') return value > 0n ? 1n : value < 0n ? -1n : 0n;
  const x = float('sign', value);
  return x > 0 ? 1n : x < 0 ? -1n : 0n;
}

/** One argument: ties go towards positive infinity. With a precision they go away from zero, unless a mode is given. */
function round(values: readonly Value[]): Value {
  const x = float('round', values[0]);
  if (values.length === 1) return Math.round(x);
  const places = count('round', 'precision', values[1]);
  if (values.length === 2) return roundDecimal(x, places, 'HALF_UP');
  const mode = text('round', values[2]).toUpperCase();
  if (isRoundingMode(mode)) return roundDecimal(x, places, mode);
  throw argumentError(
    'InvalidArgumentValue',
    `round() knows no mode '${mode}', only ${ROUNDING_MODES.join(', ')}`,
  );
}

export const MATHEMATICS: readonly ScalarFunction[] = [
  unary('abs', absolute),
  unary('sign', sign),
  variadic('round', [1, 3], round),
  real('ceil', Math.ceil),
  real('ceiling', Math.ceil),
  real('floor', Math.floor),
  real('sqrt', Math.sqrt),
  real('exp', Math.exp),
  real('log', Math.log),
  real('log10', Math.log10),
  real('sin', Math.sin),
  real('cos', Math.cos),
  real('tan', Math.tan),
  real('cot', (x) => 1 / Math.tan(x)),
  real('asin', Math.asin),
  real('acos', Math.acos),
  real('atan', Math.atan),
  real('sinh', Math.sinh),
  real('cosh', Math.cosh),
  real('tanh', Math.tanh),
  real('coth', (x) => 1 / Math.tanh(x)),
  real('degrees', (x) => (x * DEGREES) / Math.PI),
  real('radians', (x) => (x * Math.PI) / DEGREES),
  real('haversin', (x) => (1 - Math.cos(x)) / 2),
  variadic('atan2', [2, 2], ([y, x]) => Math.atan2(float('atan2', y), float('atan2', x))),
  unary('isNaN', (value) => Number.isNaN(float('isNaN', value))),
  variadic('pi', [0, 0], () => Math.PI),
  variadic('e', [0, 0], () => Math.E),
  variadic('rand', [0, 0], (_, context) => context.random(), { stability: 'volatile' }),
];
