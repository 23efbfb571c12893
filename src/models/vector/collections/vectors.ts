/** Vectors as callers give them and as PostgreSQL gives them back. Pure. */
import { ExactNumber, FacetError, LIMITS } from '../../../base/index.ts';

/** Numbers as a caller has them: as parsed, or in memory as they are stored. */
export type GivenVector = readonly unknown[] | Float32Array;

/**
 * Numbers of four bytes. `what` names it in messages: "The vector of 'rock'".
 * @throws INVALID_PARAMETER for an empty one and what is no number, INVALID_VECTOR for NaN and numbers beyond four
 *   bytes, LIMIT_EXCEEDED beyond LIMITS.vectorDimensionsMax
 */
export function checkedVector(values: GivenVector, what: string): Float32Array {
  const { length } = values;
  if (length === 0) throw new FacetError('INVALID_PARAMETER', `${what} is empty`);
  if (length > LIMITS.vectorDimensionsMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${what} has ${length} dimensions, more than ${LIMITS.vectorDimensionsMax} (vectorDimensionsMax)`,
    );
  }
  const vector = values instanceof Float32Array ? values : new Float32Array(length);
  for (let at = 0; at < length; at++) {
    const value = values[at];
    const number = value instanceof ExactNumber ? Number(value.text) : value;
    if (typeof number !== 'number') {
      throw new FacetError('INVALID_PARAMETER', `${what}: component ${at} is no number`);
    }
    vector[at] = number;
    if (!Number.isFinite(vector[at])) {
      throw new FacetError('INVALID_VECTOR', `${what}: component ${at} is NaN or beyond 32-bit numbers`);
    }
  }
  return vector;
}

/** A zero vector has no direction. */
export const isZero = (vector: Float32Array): boolean => vector.every((number) => number === 0);

/** A cell of real[]: the shortest decimal numbers that are those of four bytes, so that 0.1 stays 0.1. */
export const numbersOf = (cell: string): number[] =>
  cell
    .slice(cell.indexOf('{') + 1, -1)
    .split(',')
    .map(Number);
