/** SET and REMOVE. Rows are changed one after the other: a later one sees what an earlier one did. */
import { placed, runtimeTypeError } from '../../cypher-error.ts';
import type { Expression, RemoveClause, RemoveItem, SetClause, SetItem } from '../../syntax/ast.ts';
import { typeName } from '../../values/type-name.ts';
import { type MapValue, Node, Relationship, type Value } from '../../values/value.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler, isMap, slotOf } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import type { Operator, Run } from '../run.ts';
import { holdEntity, setProperty } from './create.ts';
import { materialised } from './projection.ts';

/** One assignment: everything is computed by `prepare`, which may have to wait for the graph, then done by the result. */
export type Assignment = (row: Row, run: Run) => void;

export function compileSet(clause: SetClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  return assigning(compileAssignments(clause.items, slots, expressions), expressions);
}

export function compileRemove(clause: RemoveClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  return assigning(
    clause.items.map((item) => placedAt(item, compileRemoval(item, slots, expressions))),
    expressions,
  );
}

const assigning = (assignments: readonly Assignment[], expressions: ExpressionCompiler): Operator =>
  materialised(async (rows, run) => {
    for (const assign of assignments.length > 0 && expressions.values.length > 0 ? assignments : []) {
      await evaluateRows(rows, run, expressions.values, (row) => assign(row, run));
    }
    if (expressions.values.length === 0) {
      await evaluateRows(rows, run, [], (row) => {
        for (const assign of assignments) assign(row, run);
      });
    }
    await run.session.flush();
    return rows;
  });

export const compileAssignments = (
  items: readonly SetItem[],
  slots: Slots,
  expressions: ExpressionCompiler,
): Assignment[] => items.map((item) => placedAt(item, compileAssignment(item, slots, expressions)));

/** What an assignment refuses stands at its item. */
const placedAt =
  ({ span }: SetItem | RemoveItem, assign: Assignment): Assignment =>
  (row, run) => {
    try {
      assign(row, run);
    } catch (thrown) {
      throw placed(thrown, span);
    }
  };

function compileAssignment(item: SetItem, slots: Slots, expressions: ExpressionCompiler): Assignment {
  switch (item.kind) {
    case 'property':
      return assignProperty(
        item.target.object,
        () => item.target.key,
        expressions.compile(item.value, slots),
        slots,
        expressions,
      );
    case 'dynamic-property': {
      const key = expressions.compile(item.target.index, slots);
      const name = (row: Row, run: Run): string => propertyKey(key(row, run.context));
      return assignProperty(
        item.target.object,
        name,
        expressions.compile(item.value, slots),
        slots,
        expressions,
      );
    }
    case 'replace':
    case 'merge':
      return assignMap(
        slotOf(slots, item.variable.name),
        expressions.compile(item.value, slots),
        item.kind === 'merge',
      );
    case 'labels':
      return changeLabels(slotOf(slots, item.variable.name), item.labels, true);
  }
}

function compileRemoval(item: RemoveItem, slots: Slots, expressions: ExpressionCompiler): Assignment {
  switch (item.kind) {
    case 'property':
      return assignProperty(
        item.target.object,
        () => item.target.key,
        () => null,
        slots,
        expressions,
      );
    case 'dynamic-property': {
      const key = expressions.compile(item.target.index, slots);
      const name = (row: Row, run: Run): string => propertyKey(key(row, run.context));
      return assignProperty(item.target.object, name, () => null, slots, expressions);
    }
    case 'labels':
      return changeLabels(slotOf(slots, item.variable.name), item.labels, false);
  }
}

function assignProperty(
  object: Expression,
  keyOf: (row: Row, run: Run) => string,
  value: Evaluate,
  slots: Slots,
  expressions: ExpressionCompiler,
): Assignment {
  const target = expressions.compile(object, slots);
  return (row, run) => {
    const entity = entityOf(target(row, run.context));
    if (entity === undefined) return;
    const key = keyOf(row, run);
    const properties = new Map(entity.properties);
    setProperty(properties, key, value(row, run.context));
    run.counters.propertiesSet++;
    holdEntity(properties, run);
    run.session.setProperties(entity, properties);
  };
}

function assignMap(slot: number, value: Evaluate, keep: boolean): Assignment {
  return (row, run) => {
    const entity = entityOf(row[slot] ?? null);
    if (entity === undefined) return;
    const given = mapOf(value(row, run.context));
    const properties = new Map(keep ? entity.properties : []);
    for (const [key, item] of given) {
      setProperty(properties, key, item);
      run.counters.propertiesSet++;
    }
    if (!keep) {
      for (const key of entity.properties.keys()) if (!given.has(key)) run.counters.propertiesSet++;
    }
    holdEntity(properties, run);
    run.session.setProperties(entity, properties);
  };
}

function changeLabels(slot: number, labels: readonly string[], add: boolean): Assignment {
  return (row, run) => {
    const node = row[slot] ?? null;
    if (node === null) return;
    if (!(node instanceof Node)) {
      throw runtimeTypeError('InvalidArgumentType', `Labels belong to nodes, not to a ${typeName(node)}`);
    }
    if (node.deleted) return;
    const before = new Set(node.labels);
    const after = new Set(before);
    for (const label of labels) {
      if (add) after.add(label);
      else after.delete(label);
    }
    if (after.size === before.size) return;
    if (add) run.counters.labelsAdded += after.size - before.size;
    else run.counters.labelsRemoved += before.size - after.size;
    run.session.setLabels(node, [...after].sort());
  };
}

/** Undefined for null, and for what is deleted: setting something on those does nothing. */
function entityOf(value: Value): Node | Relationship | undefined {
  if (value === null) return undefined;
  if (value instanceof Node || value instanceof Relationship) return value.deleted ? undefined : value;
  throw runtimeTypeError(
    'InvalidArgumentType',
    `Properties are set on nodes and relationships, not on a ${typeName(value)}`,
  );
}

function mapOf(value: Value): MapValue {
  if (value instanceof Node || value instanceof Relationship) return value.properties;
  if (isMap(value)) return value;
  if (value === null) return new Map();
  throw runtimeTypeError('InvalidArgumentType', `Properties come from a map, not from a ${typeName(value)}`);
}

function propertyKey(value: Value): string {
  if (typeof value === 'string') return value;
  throw runtimeTypeError(
    'MapElementAccessByNonString',
    `A property is named by a STRING, not by a ${typeName(value)}`,
  );
}
