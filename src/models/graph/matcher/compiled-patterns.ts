/**
 * Plans that were compiled to SQL. A plan is compiled once for each kind of values that its conditions meet, and again
 * when the schema of the graph has changed; its text is then prepared in PostgreSQL as well.
 */
import type { MatchPlan } from '../../../cypher/index.ts';
import type { GraphSchema } from '../schema/index.ts';
import type { GivenValues } from './given-values.ts';
import { countSql, countsSql, type PatternSql, patternSql, type SearchSql } from './pattern-sql.ts';

interface Compiled {
  readonly schema: GraphSchema;
  readonly searches: Map<string, SearchSql>;
  readonly counts: Map<string, PatternSql | undefined>;
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
): SearchSql {
  const { searches } = compiledFor(plan, schema);
  const key = single ? `one ${given.variant}` : given.variant;
  let found = searches.get(key);
  if (found === undefined) {
    found = patternSql(plan, { schema, kinds: given.kinds, single });
    searches.set(key, found);
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
  const { counts } = compiledFor(plan, schema);
  const key = `${distinctSlot ?? ''} ${given.variant}`;
  if (!counts.has(key)) {
    counts.set(key, countSql(plan, distinctSlot, { schema, kinds: given.kinds, single: true }));
  }
  return counts.get(key);
}

/** For each driving row; undefined when SQL alone cannot count. @param existence see countsSql */
export function compiledCounts(
  plan: MatchPlan,
  existence: boolean,
  schema: GraphSchema,
  given: GivenValues,
): PatternSql | undefined {
  const { counts } = compiledFor(plan, schema);
  const key = `${existence ? 'exists' : 'each'} ${given.variant}`;
  if (!counts.has(key)) {
    counts.set(key, countsSql(plan, existence, { schema, kinds: given.kinds, single: false }));
  }
  return counts.get(key);
}

function compiledFor(plan: MatchPlan, schema: GraphSchema): Compiled {
  const known = COMPILED.get(plan);
  if (known?.schema === schema) {
    if (known.searches.size >= VARIANTS_MAX) known.searches.clear();
    if (known.counts.size >= VARIANTS_MAX) known.counts.clear();
    return known;
  }
  const fresh: Compiled = { schema, searches: new Map(), counts: new Map() };
  COMPILED.set(plan, fresh);
  return fresh;
}
