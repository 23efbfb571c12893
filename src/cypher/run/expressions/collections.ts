/**
 * Lists and maps: literals, comprehensions, quantifiers, `reduce` and map projections. Local variables stand in slots
 * of the row that are theirs alone, so a step of a loop is one write and one call.
 */
import { runtimeTypeError } from '../../cypher-error.ts';
import type { Quantifier, Span } from '../../syntax/ast.ts';
import { deletedEntity, property } from '../../values/access.ts';
import { isEntity, isList, isMap } from '../../values/kinds.ts';
import { isMuch, made, madeSoFar, settle, worked } from '../../values/meter.ts';
import { typeName } from '../../values/type-name.ts';
import type { ListValue, MapValue, Value } from '../../values/value.ts';
import { SCALAR_BYTES, Scale, weightOf } from '../../values/weight.ts';
import type { QueryContext } from '../context.ts';
import type { Row } from '../row.ts';
import type { Evaluate } from './evaluate.ts';
import { passes, truth } from './predicate.ts';

export function listLiteral(items: readonly Evaluate[]): Evaluate {
  return (row, context) => {
    const scale = new Scale();
    const list = items.map((item) => {
      const value = item(row, context);
      worked(1);
      scale.add(value);
      return value;
    });
    made(SCALAR_BYTES * (1 + list.length));
    scale.of(list);
    return list;
  };
}

/** A key that is written twice keeps its last value. */
export function mapLiteral(entries: readonly { readonly key: string; readonly value: Evaluate }[]): Evaluate {
  return (row, context) => {
    const scale = new Scale();
    const map = new Map<string, Value>();
    for (const { key, value } of entries) {
      const item = value(row, context);
      worked(1);
      scale.addEntry(key, item);
      map.set(key, item);
    }
    made(2 * SCALAR_BYTES * (1 + map.size));
    scale.of(map);
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
    const scale = new Scale();
    for (const item of items) {
      row[slot] = item;
      worked(1);
      const before = madeSoFar();
      if (where === undefined || passes(where(row, context), span)) {
        const value = projection === undefined ? item : projection(row, context);
        if (isMuch(before)) settle(before, weightOf(value));
        scale.add(value);
        made(SCALAR_BYTES);
        result.push(value);
      } else if (isMuch(before)) settle(before, 0);
    }
    scale.of(result);
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
      worked(1);
      const before = madeSoFar();
      const holds = truth(where(row, context), span);
      if (isMuch(before)) settle(before, 0);
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
      worked(1);
      const before = madeSoFar();
      const holds = truth(where(row, context), span);
      if (isMuch(before)) settle(before, 0);
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
    const before = madeSoFar();
    let value = accumulator.initial(row, context);
    for (const item of items) {
      row[accumulator.slot] = value;
      row[slot] = item;
      worked(1);
      value = step(row, context);
      // The value before this one is garbage.
      if (isMuch(before)) settle(before, weightOf(value));
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
    const scale = new Scale();
    const add = (key: string, item: Value): void => {
      worked(1);
      scale.addEntry(key, item);
      map.set(key, item);
    };
    for (const step of steps) {
      if (step.kind === 'entry') add(step.key, step.value(row, context));
      else if (step.kind === 'property') add(step.key, property(value, step.key));
      else for (const [key, item] of propertiesOf(value, span)) add(key, item);
    }
    made(2 * SCALAR_BYTES * (1 + map.size));
    scale.of(map);
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
