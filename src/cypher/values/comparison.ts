/**
 * Comparability, the relation of `<`, `<=`, `>`, `>=`. Numbers, strings, booleans, temporal values of one type, lists,
 * and entities and paths by their ids are comparable to their like; everything else is not, and neither are
 * durations, whose length is not fixed, nor maps and points, which have no order. Rule: openCypher CIP2016-06-14.
 */

import { compareTemporal } from '../temporal/order.ts';
import { DurationValue } from '../temporal/temporal.ts';
import { compareStrings } from './code-points.ts';
import { checkDepth, isList } from './kinds.ts';
import { worked } from './meter.ts';
import { compareNumbers } from './numbers.ts';
import { type ListValue, Node, Path, Relationship, type Value } from './value.ts';

/**
 * Negative, 0 or positive for before, same and after. Null if unknown: a null takes part, or the types do not compare;
 * then `<` and its like are null. NaN if the values compare but are in no order, which is so only where NaN takes
 * part: then `<` and its like are all false, as `compare(a, b) < 0` and so on are without further ado.
 */
export function compare(a: Value, b: Value): number | null {
  return compareAt(a, b, 0);
}

function compareAt(a: Value, b: Value, depth: number): number | null {
  switch (typeof a) {
    case 'bigint':
    case 'number':
      return typeof b === 'bigint' || typeof b === 'number' ? compareNumbers(a, b) : null;
    case 'string':
      return typeof b === 'string' ? compareStrings(a, b) : null;
    case 'boolean':
      return typeof b === 'boolean' ? Number(a) - Number(b) : null;
  }
  if (a === null || b === null || typeof b !== 'object') return null;
  if (isList(a)) return isList(b) ? compareLists(a, b, depth + 1) : null;
  if (a instanceof Node) return b instanceof Node ? compareNumbers(a.id, b.id) : null;
  if (a instanceof Relationship) return b instanceof Relationship ? compareNumbers(a.id, b.id) : null;
  if (a instanceof Path) return b instanceof Path ? comparePaths(a, b) : null;
  return a instanceof DurationValue ? null : (compareTemporal(a, b) ?? null);
}

/** By the first pair that is not the same, be it unknown; then the shorter one is before the longer. */
function compareLists(a: ListValue, b: ListValue, depth: number): number | null {
  checkDepth(depth);
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    worked(1);
    const order = compareAt(a[i] ?? null, b[i] ?? null, depth);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As the lists of their nodes and relationships in turn. */
export function comparePaths(a: Path, b: Path): number {
  const length = Math.min(a.nodes.length, b.nodes.length);
  for (let i = 0; i < length; i++) {
    const byNode = compareIds(a.nodes[i], b.nodes[i]);
    if (byNode !== 0) return byNode;
    if (i + 1 === length) break;
    const byRelationship = compareIds(a.relationships[i], b.relationships[i]);
    if (byRelationship !== 0) return byRelationship;
  }
  return a.nodes.length - b.nodes.length;
}

const compareIds = (a: { id: bigint } | undefined, b: { id: bigint } | undefined): number =>
  compareNumbers(a?.id ?? 0n, b?.id ?? 0n);
