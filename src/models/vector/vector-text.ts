/** Vectors as clients and PostgreSQL write them -> numbers. Pure. */
import { ExactNumber, FacetError } from '../../base/index.ts';
import type { Metric } from './metric.ts';

/**
 * The vector of a request.
 * @throws MISSING_PARAMETER for an empty one, INVALID_VECTOR for components that are no finite numbers of four bytes,
 *   and for zero vectors under a metric that needs a direction
 */
export function queryVector(values: readonly unknown[], metric: Metric): Float32Array {
  if (values.length === 0) {
    throw new FacetError(
      'INVALID_PARAMETER',
      "'query_vector' is empty: it needs a number for each dimension",
    );
  }
  const vector = new Float32Array(values.length);
  let zero = true;
  for (const [at, value] of values.entries()) {
    const number = value instanceof ExactNumber ? Number(value.text) : value;
    if (typeof number !== 'number') {
      throw new FacetError('INVALID_PARAMETER', `'query_vector': component ${at} is no number`);
    }
    vector[at] = number;
    if (!Number.isFinite(vector[at])) {
      throw new FacetError('INVALID_VECTOR', `Component ${at} of the query vector is beyond 32-bit numbers`);
    }
    if (vector[at] !== 0) zero = false;
  }
  if (zero && metric === 'cosine') {
    throw new FacetError('INVALID_VECTOR', 'A zero vector has no direction, so it has no cosine distance', {
      hint: 'Metrics that take it are l2 and inner_product.',
    });
  }
  return vector;
}

/** The text of a parameter for real[], or for pgvector's type. */
export const vectorLiteral = (vector: Float32Array, pgvector: boolean): string =>
  pgvector ? `[${vector.join(',')}]` : `{${vector.join(',')}}`;

/**
 * The vector in a cell of real[] (`{1,2}`) or of pgvector's type (`[1,2]`); undefined when it is none of `dimensions`
 * finite numbers. Rows like that can be there when the column was made without our checks; they are found by nobody.
 */
export function vectorOfCell(cell: string, dimensions: number): Float32Array | undefined {
  const open = cell.charCodeAt(0) === 0x5b && cell.includes('={') ? cell.indexOf('{') : 0;
  const parts = cell.slice(open + 1, -1).split(',');
  if (parts.length !== dimensions) return undefined;
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) {
    const number = Number(parts[at]);
    if (!Number.isFinite(number)) return undefined;
    vector[at] = number;
  }
  return vector;
}

/** One text for the key of a row, whatever its columns: undefined when a column of it is NULL. */
export function keyText(cells: readonly (string | null | undefined)[]): string | undefined {
  if (cells.some((cell) => cell === null || cell === undefined)) return undefined;
  return cells.length === 1 ? (cells[0] as string) : JSON.stringify(cells);
}

export const keyCells = (key: string, columns: number): readonly string[] =>
  columns === 1 ? [key] : (JSON.parse(key) as string[]);
