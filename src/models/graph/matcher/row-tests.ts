/** Tests what PostgreSQL found by the rules of Cypher: labels, properties, and conditions on them. */
import {
  equals,
  labelsMatch,
  Node,
  type NodeStep,
  type PropertyTests,
  passes,
  type QueryContext,
  Relationship,
  type RelationshipStep,
  type Row,
} from '../../../cypher/index.ts';
import type { RemainingTests } from './remaining-tests.ts';

/** What was left to be tested of a pattern is true of this row. */
export function rowFits(
  { nodes, relationships, where }: RemainingTests,
  row: Row,
  context: QueryContext,
): boolean {
  for (const node of nodes) if (!nodeFits(node, row, context)) return false;
  for (const step of relationships) {
    if (step.usage.kind === 'none') continue;
    const value = row[step.slot] ?? null;
    for (const one of Array.isArray(value) ? value : [value]) {
      if (!(one instanceof Relationship && relationshipFits(step, one, row, context))) return false;
    }
  }
  return where === undefined || passes(where.evaluate(row, context));
}

/** What a pattern asks of a node where it stands, as far as it is known of what was fetched. */
export function nodeFits(step: NodeStep, row: Row, context: QueryContext): boolean {
  if (step.usage.kind === 'none' && !step.bound) return true;
  const node = row[step.slot];
  if (!(node instanceof Node) || node.deleted) return false;
  const isKnown = step.bound || step.usage.kind === 'whole';
  if (isKnown && step.labels !== undefined && !labelsMatch(step.labels, node.labels)) return false;
  if (step.properties !== undefined && !propertiesFit(step.properties, node, row, context)) return false;
  return step.where === undefined || passes(step.where.evaluate(row, context));
}

/** As nodeFits, of one relationship of a step. */
export function relationshipFits(
  step: RelationshipStep,
  one: Relationship,
  row: Row,
  context: QueryContext,
): boolean {
  // Of one that is fetched in part the type is not known, and PostgreSQL has tested it.
  if (step.usage.kind === 'whole' && step.types !== undefined && !labelsMatch(step.types, [one.type]))
    return false;
  if (step.properties === undefined && step.where === undefined) return true;
  const before = row[step.slot] ?? null;
  row[step.slot] = one;
  const fits =
    (step.properties === undefined || propertiesFit(step.properties, one, row, context)) &&
    (step.where === undefined || passes(step.where.evaluate(row, context)));
  row[step.slot] = before;
  return fits;
}

function propertiesFit(
  tests: PropertyTests,
  entity: Node | Relationship,
  row: Row,
  context: QueryContext,
): boolean {
  for (const { key, value } of tests.entries) {
    if (equals(entity.properties.get(key) ?? null, value.evaluate(row, context)) !== true) return false;
  }
  const whole = tests.whole?.evaluate(row, context) ?? null;
  if (!(whole instanceof Map)) return true;
  for (const [key, wanted] of whole) {
    if (equals(entity.properties.get(key) ?? null, wanted) !== true) return false;
  }
  return true;
}
