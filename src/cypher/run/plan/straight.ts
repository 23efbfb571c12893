/**
 * `MATCH … RETURN …` with nothing more to it, in one go: one search, then the columns of what it found. It gives what
 * the clauses give one after the other, without the streams between them, which cost a short query more than the rest.
 */
import type { RegularQuery } from '../../syntax/ast.ts';
import { weightOf } from '../../values/weight.ts';
import { compileMatch } from '../clauses/match.ts';
import { evaluateRows } from '../pattern-values.ts';
import { type Row, Slots } from '../row.ts';
import type { Run } from '../run.ts';
import { ExpressionCompiler } from './expression-compiler.ts';
import type { MatchPlan } from './match-plan.ts';
import type { PlanEnvironment, Planned } from './plan-environment.ts';
import { Usages, Uses } from './usage.ts';

/** All rows; undefined when the session has no such way. */
export type Straight = (run: Run) => Promise<readonly Row[] | undefined>;

/** @param query one that asks the graph once */
export function compileStraight(query: RegularQuery, environment: PlanEnvironment): Straight | undefined {
  const [match, projection, ...others] = query.parts[0]?.clauses ?? [];
  if (query.parts.length > 1 || others.length > 0) return undefined;
  if (match?.kind !== 'match' || match.optional || projection?.kind !== 'return') return undefined;
  if (projection.distinct || projection.orderBy.length > 0) return undefined;
  if (projection.skip !== undefined || projection.limit !== undefined) return undefined;
  const info = environment.analysis.projections.get(projection);
  if (info === undefined || info.aggregating || !environment.readOnly) return undefined;
  const slots = new Slots();
  const plans = new Map<Planned, MatchPlan>();
  const usages = new Usages(match, 0, new Uses([match, projection]));
  compileMatch(match, slots, { ...environment, plans }, usages);
  const plan = plans.get(match);
  const expressions = new ExpressionCompiler(environment);
  const evaluates = info.items.map(({ expression }) => expressions.compile(expression, slots));
  if (plan === undefined || expressions.values.length > 0) return undefined;
  return async (run) => {
    const found = await run.session.matchOnce?.(plan, [], run.context);
    if (found === undefined) return undefined;
    const rows: Row[] = [];
    const computing = evaluateRows(
      found,
      run,
      expressions.values,
      (row, index) => {
        rows[index] = evaluates.map((evaluate) => evaluate(row, run.context));
      },
      (index) => (rows[index] ?? []).reduce<number>((sum, value) => sum + weightOf(value), 0),
    );
    if (computing !== undefined) await computing;
    return rows;
  };
}
