/** What WHERE asks of a shortest path, asked of what a search has come across. The same for every matcher. */
import { CypherError } from '../cypher-error.ts';
import type { Node, Relationship } from '../values/value.ts';
import type { QueryContext } from './context.ts';
import { passes } from './expressions/predicate.ts';
import type { Computed, EachTest, PathStep } from './plan/match-plan.ts';
import type { Row } from './row.ts';

export const allPass = (tests: readonly Computed[], row: Row, context: QueryContext): boolean =>
  tests.every(({ evaluate }) => passes(evaluate(row, context)));

/** Whether a relationship or a node may be on the way. Undefined when each of its kind may. */
export function entityTest(
  path: PathStep,
  of: EachTest['of'],
  row: Row,
  context: QueryContext,
): ((entity: Node | Relationship) => boolean) | undefined {
  const tests = path.tests?.each.filter((one) => one.of === of) ?? [];
  if (tests.length === 0) return undefined;
  return (entity) =>
    tests.every(({ slot, test }) => {
      row[slot] = entity;
      return passes(test.evaluate(row, context));
    });
}

/**
 * Refuses a search from a node to itself, as Neo4j does: what is asked for is a way between two nodes. The path
 * without relationships is one when `*0..` admits it.
 */
export function requireTwoEnds(path: PathStep, start: Node, end: Node): void {
  if (start.id !== end.id || path.relationships[0]?.length?.min === 0) return;
  throw new CypherError(
    'ArgumentError',
    'runtime',
    'InvalidArgumentValue',
    `${path.shortest} was asked for a path from a node to itself`,
    {
      hint: 'Leave these out by WHERE a <> b, or admit the path without relationships by *0.. as in -[*0..]-.',
    },
  );
}
