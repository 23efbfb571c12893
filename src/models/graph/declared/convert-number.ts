/** Numbers of columns, from their digits. */
import type { BaseName } from './column-type.ts';

const INTEGER = /^[+-]?\d{1,30}$/;

const signed = (bits: bigint): readonly [bigint, bigint] => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
const unsigned = (bits: bigint): readonly [bigint, bigint] => [0n, 2n ** bits - 1n];

/** What a property can hold is the bound of the widest ones. */
const RANGES: Readonly<Partial<Record<BaseName, readonly [bigint, bigint]>>> = {
  INT8: signed(8n),
  INT16: signed(16n),
  INT32: signed(32n),
  UINT8: unsigned(8n),
  UINT16: unsigned(16n),
  UINT32: unsigned(32n),
  UINT64: unsigned(63n),
};
const INT64 = signed(64n);

/** Undefined for what is no integer of that type. */
export function integerOf(text: string, base: BaseName): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  const [least, most] = RANGES[base] ?? INT64;
  return value >= least && value <= most ? value : undefined;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['infinity', Infinity],
  ['-inf', -Infinity],
  ['-infinity', -Infinity],
]);

/** Undefined for what is no number, or beyond the range of doubles. */
export function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return WORDS.get(text.toLowerCase());
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
