/**
 * Plans that were compiled to SQL. A plan is compiled once for each kind of values that its conditions meet, and again
 * when the schema of the graph has changed; its text is then prepared in PostgreSQL as well.
 */
import type { MatchPlan } from '../../../cypher/index.ts';
import type { GraphSchema } from '../schema/index.ts';
import type { GivenValues } from './given-values.ts';
import { countSql, type PatternSql, patternSql } from './pattern-sql.ts';

interface Compiled {
  readonly schema: GraphSchema;
  readonly variants: Map<string, PatternSql | undefined>;
}

/** Queries see one or two kinds of values in each place; whoever tries all kinds starts over now and then. */
const VARIANTS_MAX = 32;

const COMPILED = new WeakMap<MatchPlan, Compiled>();

/** @param single see Circumstances */
export function compiledPattern(
  plan: MatchPlan,
  single: boolean,
  schema: GraphSchema,
  given: GivenValues,
): PatternSql {
  const { variants } = compiledFor(plan, schema);
  const key = single ? `one ${given.variant}` : given.variant;
  let found = variants.get(key);
  if (found === undefined) {
    found = patternSql(plan, { schema, kinds: given.kinds, single });
    variants.set(key, found);
  }
  return found;
}

/** Undefined when SQL alone cannot count. */
export function compiledCount(
  plan: MatchPlan,
  distinctSlot: number | undefined,
  schema: GraphSchema,
  given: GivenValues,
): PatternSql | undefined {
  const { variants } = compiledFor(plan, schema);
  const key = `count ${distinctSlot ?? ''} ${given.variant}`;
  if (!variants.has(key)) {
    variants.set(key, countSql(plan, distinctSlot, { schema, kinds: given.kinds, single: true }));
  }
  return variants.get(key);
}

function compiledFor(plan: MatchPlan, schema: GraphSchema): Compiled {
  const known = COMPILED.get(plan);
  if (known?.schema === schema) {
    if (known.variants.size >= VARIANTS_MAX) known.variants.clear();
    return known;
  }
  const fresh: Compiled = { schema, variants: new Map() };
  COMPILED.set(plan, fresh);
  return fresh;
}
