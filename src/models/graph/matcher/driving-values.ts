/** Values that drive a search, as PostgreSQL takes them: of one row, or an array with an item for each row. */
import { Node, Relationship, type Row, type Value } from '../../../cypher/index.ts';
import { arrayLiteral, type Parameter } from '../../../engine/index.ts';
import { type Driving, isSentOnce } from './driving.ts';
import { type GivenValues, givenText } from './given-values.ts';

/** For all that drives a search from several rows. */
export function drivingArrays(
  driving: readonly Driving[],
  rows: readonly Row[],
  given: GivenValues,
): Parameter[] {
  const parameters = driving.map((one) =>
    isSentOnce(one) ? drivingValue(one, rows[0] ?? [], given, 0) : drivingArray(one, rows, given),
  );
  if (driving.every(isSentOnce)) parameters.push(String(rows.length));
  return parameters;
}

const drivingArray = (driving: Driving, rows: readonly Row[], given: GivenValues): Parameter =>
  arrayLiteral(rows.map((row, at) => drivingValue(driving, row, given, at)));

/** @param at position of the row among those that `given` was computed for */
export function drivingValue(driving: Driving, row: Row, given: GivenValues, at: number): string | null {
  if (driving.kind === 'given') return givenText(driving, given.of(driving.value)[at] ?? null);
  return idText(row[driving.slot] ?? null);
}

/** Null for what cannot be matched: null itself, what is deleted, what is no entity. */
function idText(value: Value): string | null {
  if (value instanceof Node || value instanceof Relationship) return value.deleted ? null : String(value.id);
  if (!Array.isArray(value)) return null;
  const ids = value.map((one) => (one instanceof Relationship ? String(one.id) : ''));
  return ids.includes('') ? null : arrayLiteral(ids);
}
