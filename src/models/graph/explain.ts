/**
 * How a query would run: its clauses in order, for each pattern the SQL that would be sent, which conditions that SQL
 * tests, and by which indexes it may find what it looks for. Nothing is run, and no row is read.
 */

import { nowMs, randomFraction } from '../../base/index.ts';
import {
  type Computed,
  type Counters,
  type MatchPlan,
  Meter,
  noCounters,
  type PlanStep,
  type PreparedCommand,
  type PreparedQuery,
  type Profile,
  type QueryContext,
  type StepProfile,
  visitExpressions,
} from '../../cypher/index.ts';
import type { Database } from '../../engine/index.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import { type GivenKind, givenOf, givenValues } from './matcher/given-values.ts';
import { patternSql } from './matcher/pattern-sql.ts';
import type { PlanNode } from './plan-node.ts';
import { kindOf } from './query-kind.ts';
import { type GraphSchema, graphSchema } from './schema/index.ts';

/**
 * `exact`: SQL lets through what the condition is true of. `superset`: perhaps more. `open`: it depends on values of
 * earlier clauses. `none`: SQL says nothing of it. What is not exact is tested again by the rules of Cypher.
 */
export type Pushdown = 'exact' | 'superset' | 'open' | 'none';

export interface Segment {
  /** What a Profile knows the step by: the clause or expression, and its search. */
  readonly sources: readonly object[];
  /** `match`, `merge`, `return`, or the expression that looks for a pattern. */
  readonly operator: PlanStep['kind'];
  readonly text: string;
  /** Which part of a UNION it is in, from 0. */
  readonly part: number;
  /** Absent for what asks PostgreSQL for no pattern. */
  readonly sql: string | undefined;
  readonly conditions: readonly { readonly text: string; readonly pushdown: Pushdown }[];
  /** Names of indexes and constraints whose keys the SQL tests. */
  readonly indexes: readonly string[];
}

export async function explain(
  database: Database,
  query: PreparedQuery,
  options: Pick<QueryOptions, 'parameters'>,
): Promise<readonly Segment[]> {
  const schema = await graphSchema(database);
  return query.steps.map((step, at) => segment(step, at === 0, schema, options));
}

function segment(
  { kind, source, text, part, plan, conditions }: PlanStep,
  isFirst: boolean,
  schema: GraphSchema,
  { parameters }: Pick<QueryOptions, 'parameters'>,
): Segment {
  if (plan === undefined) {
    return { sources: [source], operator: kind, text, part, sql: undefined, conditions: [], indexes: [] };
  }
  const kinds = kindsOf(plan, parameters);
  // The first clause starts from one row, others from as many as those before it find.
  const compiled = patternSql(plan, { schema, kinds, single: isFirst });
  const open = new Set(plan.conjuncts.map((conjunct, at) => (dependsOnRows(conjunct) ? at : -1)));
  return {
    sources: [source, plan],
    operator: kind,
    text,
    part,
    sql: compiled.text,
    conditions: conditions.map((condition, at) => {
      const predicate = compiled.predicates[at];
      const pushdown = predicate === undefined ? 'none' : predicate.exact ? 'exact' : 'superset';
      const isOpen = open.has(at) && plan.conjuncts[at]?.condition !== undefined;
      return { text: condition, pushdown: isOpen ? 'open' : pushdown };
    }),
    indexes: compiled.indexes,
  };
}

/** Of values that parameters and constants give; of the others nothing is known yet. */
function kindsOf(plan: MatchPlan, parameters: QueryOptions['parameters']): ReadonlyMap<Computed, GivenKind> {
  const known = givenValues(plan, [[]], contextOf(parameters)).kinds;
  return new Map([...known].map(([given, kind]) => [given, usesVariables(given) ? 'other' : kind]));
}

const contextOf = (parameters: QueryOptions['parameters']): QueryContext => ({
  parameters,
  clock: { epochMillis: nowMs(), nanos: 0 },
  random: randomFraction,
  graph: { node: () => undefined },
  subqueries: new Map(),
  meter: new Meter(() => {}),
});

function usesVariables({ expression }: Computed): boolean {
  let uses = false;
  visitExpressions(expression, (part) => {
    uses ||= part.kind === 'variable';
    return !uses;
  });
  return uses;
}

const dependsOnRows = (conjunct: MatchPlan['conjuncts'][number]): boolean =>
  givenOf(conjunct).some(usesVariables);

/** A row for each segment: `operator`, `details`, `sql`. With `planAsData` no rows, and the plan. */
export async function explained(
  database: Database,
  query: PreparedQuery | PreparedCommand,
  options: Pick<QueryOptions, 'parameters' | 'planAsData'>,
): Promise<GraphResult> {
  const kind = kindOf(query);
  const segments = query.kind === 'command' ? undefined : await explain(database, query, options);
  const operator = query.kind === 'command' ? query.command.kind.toUpperCase().replaceAll('-', ' ') : '';
  if (options.planAsData === true) {
    const columns = query.kind === 'command' ? [] : query.columns;
    const plan: PlanNode =
      segments === undefined
        ? { operator, details: '', indexes: [], conditions: [], children: [] }
        : planTree(segments.map((one) => ({ ...one, measured: undefined })));
    return { columns, rows: [], counters: noCounters(), writes: false, kind, plan };
  }
  const rows =
    segments === undefined
      ? [[operator, '', null]]
      : segments.map((one) => [operatorOf(one), details(one), one.sql ?? null]);
  return { columns: ['operator', 'details', 'sql'], rows, counters: noCounters(), writes: false, kind };
}

/** The plan of a query that has run, with what its steps have done. */
export async function profiledPlan(
  database: Database,
  query: PreparedQuery,
  profile: Profile,
  options: Pick<QueryOptions, 'parameters'>,
): Promise<PlanNode> {
  return planTree(await measuredSegments(database, query, profile, options));
}

/**
 * As `explained`, of a query that has run: with the rows that each step handed on, and the milliseconds that it took
 * without what it waited for. Both are null for a step that was never reached.
 */
export async function profileOf(
  database: Database,
  query: PreparedQuery,
  { counters, profile }: { readonly counters: Counters; readonly profile: Profile },
  options: Pick<QueryOptions, 'parameters'>,
): Promise<GraphResult> {
  const segments = await measuredSegments(database, query, profile, options);
  const rows = segments.map((one) => [
    operatorOf(one),
    details(one),
    one.measured === undefined ? null : BigInt(one.measured.rows),
    one.measured === undefined ? null : millisecondsOf(one.measured),
    one.sql ?? null,
  ]);
  const columns = ['operator', 'details', 'rows', 'time_ms', 'sql'];
  return { columns, rows, counters, writes: query.writes, kind: kindOf(query) };
}

interface MeasuredSegment extends Segment {
  /** Undefined for a step that was never reached. */
  readonly measured: StepProfile | undefined;
}

async function measuredSegments(
  database: Database,
  query: PreparedQuery,
  profile: Profile,
  options: Pick<QueryOptions, 'parameters'>,
): Promise<readonly MeasuredSegment[]> {
  return (await explain(database, query, options)).map((one) => ({
    ...one,
    measured: one.sources.flatMap((source) => profile.of(source) ?? [])[0],
  }));
}

/** Microseconds are the last digits that mean something. */
const millisecondsOf = ({ durationMs }: StepProfile): number =>
  Math.max(0, Math.round(durationMs * 1_000) / 1_000);

/** The steps of each part of a UNION form a chain, the last one outermost. */
function planTree(segments: readonly MeasuredSegment[]): PlanNode {
  const chains = new Map<number, PlanNode>();
  for (const one of segments) {
    const before = chains.get(one.part);
    chains.set(one.part, {
      operator: operatorOf(one),
      details: one.text,
      sql: one.sql,
      indexes: one.indexes,
      conditions: one.conditions.map(conditionText),
      rows: one.measured?.rows,
      timeMs: one.measured === undefined ? undefined : millisecondsOf(one.measured),
      children: before === undefined ? [] : [before],
    });
  }
  const [first, ...others] = chains.values();
  if (first !== undefined && others.length === 0) return first;
  return { operator: 'UNION', details: '', indexes: [], conditions: [], children: [...chains.values()] };
}

const operatorOf = ({ operator }: Segment): string => operator.toUpperCase().replaceAll('-', ' ');

function details({ text, conditions, indexes }: Segment): string {
  const lines = [text, ...conditions.map(conditionText)];
  if (indexes.length > 0) lines.push(`indexes: ${indexes.join(', ')}`);
  return lines.join('\n');
}

const conditionText = ({ text, pushdown }: Segment['conditions'][number]): string =>
  `condition (${pushdown}): ${text}`;
