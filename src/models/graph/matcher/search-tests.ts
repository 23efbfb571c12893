/** What a pattern and its WHERE ask of a shortest path, for one pair of nodes, as the search takes it. */
import {
  allPass,
  entityTest,
  type PathStep,
  type QueryContext,
  type Relationship,
  type RelationshipStep,
  type Row,
  visitExpressions,
} from '../../../cypher/index.ts';
import type { Search } from './shortest-paths.ts';

/**
 * @param fits whether a relationship is as the pattern says
 * @param longer the row with the path
 */
export function searchFor(
  path: PathStep,
  step: RelationshipStep,
  row: Row,
  context: QueryContext,
  fits: (relationship: Relationship) => boolean,
  longer: (relationships: readonly Relationship[]) => Row,
): Search {
  const { min, max = Number.POSITIVE_INFINITY } = step.length ?? { min: 1, max: 1 };
  const isAsked = step.properties !== undefined || step.where !== undefined;
  const each = entityTest(path, 'relationships', row, context);
  const whole = path.tests?.whole ?? [];
  return {
    min,
    max,
    all: path.shortest === 'allShortestPaths',
    usable: isAsked || each !== undefined ? (one) => fits(one) && each?.(one) !== false : undefined,
    asksEnds: asksEnds(path, step),
    visitable: entityTest(path, 'nodes', row, context),
    accepts: whole.length === 0 ? undefined : (way) => allPass(whole, longer(way), context),
    checkpoint: () => context.checkpoint?.(),
  };
}

/** startNode() and endNode() know the nodes that have been loaded. */
function asksEnds({ tests }: PathStep, step: RelationshipStep): boolean {
  let found = false;
  visitExpressions([tests?.each.map(({ test }) => test.expression), step.where?.expression], (part) => {
    if (part.kind === 'call' && /^(?:start|end)node$/i.test(part.name)) found = true;
    return !found;
  });
  return found;
}
