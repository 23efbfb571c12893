/** CREATE, and the making of patterns that MERGE shares with it. */
import { placed, runtimeTypeError, syntaxError } from '../../cypher-error.ts';
import type { CreateClause, LabelExpression, PathPattern, Span } from '../../syntax/ast.ts';
import { checkPropertyValue } from '../../values/properties.ts';
import { type MapValue, Node, Path, Relationship, type Value } from '../../values/value.ts';
import { weightOf } from '../../values/weight.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler, isMap } from '../plan/expression-compiler.ts';
import type { PropertyTests } from '../plan/match-plan.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import type { Operator, Run } from '../run.ts';
import { inSlices } from '../slices.ts';
import { materialised } from './projection.ts';

interface NodeMaker {
  readonly slot: number;
  readonly bound: boolean;
  readonly labels: readonly string[];
  readonly properties: PropertyTests | undefined;
}

interface RelationshipMaker {
  readonly slot: number;
  readonly type: string;
  readonly backwards: boolean;
  readonly properties: PropertyTests | undefined;
}

export interface PathMaker {
  readonly pathSlot: number | undefined;
  readonly nodes: readonly NodeMaker[];
  readonly relationships: readonly RelationshipMaker[];
}

export function compileCreate(clause: CreateClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  const makers = clause.patterns.map((pattern) => planPath(pattern, slots, expressions));
  const made = makers.reduce((sum, { nodes }) => sum + nodes.filter(({ bound }) => !bound).length, 0);
  const connected = makers.reduce((sum, { relationships }) => sum + relationships.length, 0);
  return materialised(async (rows, run) => {
    const wide = rows.map((row) => [...row]);
    await run.session.reserve(rows.length * made, rows.length * connected);
    // Properties may ask the graph as it was before this clause, so all of them are computed before anything is made.
    const values = await propertiesOf(wide, run, expressions, makers);
    await inSlices(wide.length, run.context.meter, (index) => {
      for (const [at, maker] of makers.entries()) {
        makePath(maker, wide[index] as Row, run, values[index]?.[at]);
      }
    });
    await run.session.flush();
    return wide;
  });
}

/** Names that are new in the pattern get slots; a node whose name is known is taken as it is. */
export function planPath(pattern: PathPattern, slots: Slots, expressions: ExpressionCompiler): PathMaker {
  const before = slots.bound();
  const named = new Set<string>();
  const bound = { has: (name: string): boolean => before.has(name) || named.has(name) };
  const pathSlot = pattern.variable && slots.add(pattern.variable.name);
  return {
    pathSlot,
    nodes: pattern.nodes.map((node) => {
      const name = node.variable?.name;
      const known = name !== undefined && bound.has(name);
      if (name !== undefined) named.add(name);
      return {
        slot: name === undefined ? slots.unnamed() : (slots.slotOf(name) ?? slots.add(name)),
        bound: known,
        labels: labelNames(node.labels),
        properties: expressions.properties(node.properties, slots, bound),
      };
    }),
    relationships: pattern.relationships.map((relationship) => ({
      slot: relationship.variable === undefined ? slots.unnamed() : slots.add(relationship.variable.name),
      type: labelNames(relationship.types)[0] ?? '',
      backwards: relationship.direction === 'left',
      properties: expressions.properties(relationship.properties, slots, bound),
    })),
  };
}

export function labelNames(expression: LabelExpression | undefined): readonly string[] {
  if (expression === undefined) return [];
  if (expression.kind === 'label') return [expression.name];
  if (expression.kind === 'and') return [...new Set(expression.operands.flatMap(labelNames))].sort();
  throw syntaxError('InvalidLabelExpression', 'What is made has labels, not alternatives of them');
}

/** Values for the nodes and then the relationships of each path. */
type PathProperties = readonly MapValue[];

async function propertiesOf(
  rows: readonly Row[],
  run: Run,
  expressions: ExpressionCompiler,
  makers: readonly PathMaker[],
): Promise<(readonly (PathProperties | undefined)[])[]> {
  const found: (readonly (PathProperties | undefined)[])[] = [];
  if (expressions.values.length === 0) return found;
  await evaluateRows(rows, run, expressions.values, (row, index) => {
    found[index] = makers.map((maker) =>
      [...maker.nodes, ...maker.relationships].map((part) => propertyMap(part.properties, row, run)),
    );
  });
  return found;
}

/**
 * Makes what is not bound, and fills the slots of `row`. Properties are computed on the way, as they may name what the
 * same clause has made before, unless they are given.
 */
export function makePath(maker: PathMaker, row: Row, run: Run, given?: PathProperties): void {
  const nodes: Node[] = [];
  for (const [at, node] of maker.nodes.entries()) {
    const known = row[node.slot] ?? null;
    if (node.bound || known instanceof Node) {
      nodes.push(boundNode(known));
      continue;
    }
    const properties = given?.[at] ?? propertyMap(node.properties, row, run);
    holdEntity(properties, run);
    const made = run.session.createNode(node.labels, properties);
    run.counters.nodesCreated++;
    run.counters.propertiesCreated += properties.size;
    run.counters.labelsAdded += node.labels.length;
    row[node.slot] = made;
    nodes.push(made);
  }
  const relationships: Relationship[] = [];
  for (const [at, step] of maker.relationships.entries()) {
    const [left, right] = [nodes[at], nodes[at + 1]];
    if (left === undefined || right === undefined) throw new Error('a relationship without ends');
    const properties = given?.[maker.nodes.length + at] ?? propertyMap(step.properties, row, run);
    const [start, end] = step.backwards ? [right, left] : [left, right];
    const known = row[step.slot] ?? null;
    if (known instanceof Relationship) {
      relationships.push(known);
      continue;
    }
    holdEntity(properties, run);
    const made = run.session.createRelationship(step.type, start, end, properties);
    run.counters.relationshipsCreated++;
    run.counters.propertiesCreated += properties.size;
    row[step.slot] = made;
    relationships.push(made);
  }
  if (maker.pathSlot !== undefined) row[maker.pathSlot] = new Path(nodes, relationships);
}

/** Of a node or a relationship, and of its way to the database. */
const ENTITY_BYTES = 256;

/** Counts what is made or changed: it stays until the query is over. @throws LIMIT_EXCEEDED, UNAVAILABLE */
export function holdEntity(properties: MapValue, run: Run): void {
  let bytes = ENTITY_BYTES;
  for (const [key, value] of properties) bytes += key.length + weightOf(value);
  run.context.meter.hold(bytes);
}

function boundNode(value: Value): Node {
  if (value instanceof Node) return value;
  throw runtimeTypeError(
    'InvalidArgumentType',
    'A relationship needs a node at each end, and one of them is null',
  );
}

/** Nulls are left out: a property that is null is not there. @throws TypeError InvalidPropertyType */
export function propertyMap(tests: PropertyTests | undefined, row: Row, run: Run): MapValue {
  if (tests === undefined) return NO_PROPERTIES;
  const map = new Map<string, Value>();
  for (const { key, value } of tests.entries) {
    const given = value.evaluate(row, run.context);
    try {
      setProperty(map, key, given);
    } catch (thrown) {
      throw placed(thrown, value.expression.span);
    }
  }
  if (tests.whole !== undefined) {
    setAll(map, tests.whole.evaluate(row, run.context), tests.whole.expression.span);
  }
  return map;
}

function setAll(map: Map<string, Value>, whole: Value, span: Span): void {
  if (whole === null) return;
  if (!isMap(whole)) throw runtimeTypeError('InvalidArgumentType', 'Properties are given by a map', span);
  try {
    for (const [key, value] of whole) setProperty(map, key, value);
  } catch (thrown) {
    throw placed(thrown, span);
  }
}

const NO_PROPERTIES: MapValue = new Map();

export function setProperty(map: Map<string, Value>, key: string, value: Value): void {
  if (value === null) {
    map.delete(key);
    return;
  }
  checkPropertyValue(value, key);
  map.set(key, value);
}
