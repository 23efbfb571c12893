/**
 * What of a pattern is tested again on the rows that PostgreSQL found: everything but what its SQL has settled for good.
 * Entities that other parts of the query hold, too, are always looked at again, since the query may have changed them.
 */
import type {
  Computed,
  MatchPlan,
  NodeStep,
  PropertyTests,
  RelationshipStep,
} from '../../../cypher/index.ts';
import type { Predicate } from './predicates.ts';

export interface RemainingTests {
  readonly nodes: readonly NodeStep[];
  readonly relationships: readonly RelationshipStep[];
  readonly where: Computed | undefined;
}

/**
 * @param settled values of property tests that SQL lets nothing else through of
 * @param predicates one for each conjunct of the plan
 */
export function remainingTests(
  plan: MatchPlan,
  settled: ReadonlySet<Computed>,
  predicates: readonly (Predicate | undefined)[],
): RemainingTests {
  const seen = new Set<number>();
  /** Where a slot stands again, SQL says nothing of what is asked there. */
  const remaining = <Step extends NodeStep | RelationshipStep>(step: Step): readonly Step[] => {
    const isFirst = seen.size < seen.add(step.slot).size;
    return isFirst && isPart(step) ? remainingOfPart(step, settled) : [step];
  };
  const nodes = plan.paths.flatMap((path) => path.nodes.flatMap(remaining));
  const fixed = plan.paths.filter(({ shortest }) => shortest === undefined);
  const relationships = fixed.flatMap((path) => path.relationships.flatMap(remaining));
  const steps = plan.paths.flatMap((path) => [...path.nodes, ...path.relationships]);
  const isSettled = steps.every(isPart) && predicates.every((predicate) => predicate?.exact === true);
  return { nodes, relationships, where: isSettled ? undefined : plan.where };
}

/** Fetched in part, so that nobody else has it. */
const isPart = ({ bound, usage }: NodeStep | RelationshipStep): boolean => !bound && usage.kind !== 'whole';

function remainingOfPart<Step extends NodeStep | RelationshipStep>(
  step: Step,
  settled: ReadonlySet<Computed>,
): readonly Step[] {
  const { properties, where } = step;
  const left: PropertyTests | undefined = properties && {
    ...properties,
    entries: properties.entries.filter(({ value }) => !settled.has(value)),
  };
  const isNothing = left === undefined || (left.entries.length === 0 && left.whole === undefined);
  return isNothing && where === undefined ? [] : [{ ...step, properties: left }];
}
