/**
 * Lists and maps: literals, comprehensions, quantifiers, `reduce` and map projections. Local variables stand in slots
 * of the row that are theirs alone, so a step of a loop is one write and one call.
 */
import { runtimeTypeError } from '../../cypher-error.ts';
import type { Quantifier, Span } from '../../syntax/ast.ts';
import { deletedEntity, property } from '../../values/access.ts';
import { isEntity, isList, isMap } from '../../values/kinds.ts';
import { typeName } from '../../values/type-name.ts';
import type { ListValue, MapValue, Value } from '../../values/value.ts';
import { type QueryContext, worked } from '../context.ts';
import type { Row } from '../row.ts';
import type { Evaluate } from './evaluate.ts';
import { passes, truth } from './predicate.ts';

export function listLiteral(items: readonly Evaluate[]): Evaluate {
  return (row, context) => items.map((item) => item(row, context));
}

/** A key that is written twice keeps its last value. */
export function mapLiteral(entries: readonly { readonly key: string; readonly value: Evaluate }[]): Evaluate {
  return (row, context) => {
    const map = new Map<string, Value>();
    for (const { key, value } of entries) map.set(key, value(row, context));
    return map;
  };
}

/** Null stays null: a loop over null is null. */
function itemsOf(list: Evaluate, row: Row, context: QueryContext, span: Span): ListValue | null {
  const value = list(row, context);
  if (value === null || isList(value)) return value;
  throw runtimeTypeError('InvalidArgumentType', `a List is wanted here, not ${typeName(value)}`, span);
}

export interface Loop {
  readonly list: Evaluate;
  readonly slot: number;
  readonly span: Span;
}

export function comprehension(
  { list, slot, span }: Loop,
  where: Evaluate | undefined,
  projection: Evaluate | undefined,
): Evaluate {
  return (row, context) => {
    const items = itemsOf(list, row, context, span);
    if (items === null) return null;
    const result: Value[] = [];
    for (const item of items) {
      row[slot] = item;
      worked(1, context);
      if (where !== undefined && !passes(where(row, context), span)) continue;
      result.push(projection === undefined ? item : projection(row, context));
    }
    return result;
  };
}

/**
 * Ternary: `any` joins the conditions of all items by OR, `all` by AND, `none` is the opposite of `any`, and `single`
 * is true for one true and no unknown one, false for two true ones or none at all that could be.
 */
export function quantifier(
  kind: Quantifier['quantifier'],
  { list, slot, span }: Loop,
  where: Evaluate,
): Evaluate {
  if (kind === 'single') return single({ list, slot, span }, where);
  const decisive = kind !== 'all';
  const decided = kind === 'any';
  return (row, context) => {
    const items = itemsOf(list, row, context, span);
    if (items === null) return null;
    let unknown = false;
    for (const item of items) {
      row[slot] = item;
      worked(1, context);
      const holds = truth(where(row, context), span);
      if (holds === decisive) return decided;
      if (holds === null) unknown = true;
    }
    return unknown ? null : !decided;
  };
}

function single({ list, slot, span }: Loop, where: Evaluate): Evaluate {
  return (row, context) => {
    const items = itemsOf(list, row, context, span);
    if (items === null) return null;
    let found = 0;
    let unknown = false;
    for (const item of items) {
      row[slot] = item;
      worked(1, context);
      const holds = truth(where(row, context), span);
      if (holds === null) unknown = true;
      else if (holds) {
        found += 1;
        if (found > 1) return false;
      }
    }
    return unknown ? null : found === 1;
  };
}

export function reduction(
  { list, slot, span }: Loop,
  accumulator: { readonly slot: number; readonly initial: Evaluate },
  step: Evaluate,
): Evaluate {
  return (row, context) => {
    const items = itemsOf(list, row, context, span);
    if (items === null) return null;
    let value = accumulator.initial(row, context);
    for (const item of items) {
      row[accumulator.slot] = value;
      row[slot] = item;
      worked(1, context);
      value = step(row, context);
    }
    return value;
  };
}

export type ProjectionStep =
  | { readonly kind: 'all' }
  | { readonly kind: 'property'; readonly key: string }
  | { readonly kind: 'entry'; readonly key: string; readonly value: Evaluate };

/** Of a map, a node or a relationship; of null it is null. */
export function mapProjection(subject: Evaluate, steps: readonly ProjectionStep[], span: Span): Evaluate {
  return (row, context) => {
    const value = subject(row, context);
    if (value === null) return null;
    const map = new Map<string, Value>();
    for (const step of steps) {
      if (step.kind === 'entry') map.set(step.key, step.value(row, context));
      else if (step.kind === 'property') map.set(step.key, property(value, step.key));
      else for (const [key, item] of propertiesOf(value, span)) map.set(key, item);
    }
    return map;
  };
}

function propertiesOf(value: Value, span: Span): MapValue {
  if (isMap(value)) return value;
  if (isEntity(value)) {
    if (value.deleted) throw deletedEntity(value, 'the properties');
    return value.properties;
  }
  throw runtimeTypeError(
    'InvalidArgumentType',
    `a projection is of a Map, a Node or a Relationship, not ${typeName(value)}`,
    span,
  );
}
