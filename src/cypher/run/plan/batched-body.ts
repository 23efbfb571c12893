/**
 * Bodies of EXISTS, COUNT, COLLECT and CALL that go through many rows at once: one MATCH or several, and perhaps a RETURN
 * of plain columns. Each row carries its position through them, so that what is found for it is known to be its own.
 * Everything else (UNION, aggregates, DISTINCT, ORDER BY, LIMIT, updates) means something for one row alone.
 */
import type { Clause, MatchClause, RegularQuery, ReturnClause } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { weightOf } from '../../values/weight.ts';
import { compileMatch } from '../clauses/match.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { evaluateRows } from '../pattern-values.ts';
import { type Row, Slots } from '../row.ts';
import { type Operator, profiled, type Run, rowsOf } from '../run.ts';
import { ExpressionCompiler } from './expression-compiler.ts';
import type { MatchPlan } from './match-plan.ts';
import type { PlanEnvironment } from './plan-environment.ts';
import { Usages, Uses } from './usage.ts';
import { visitExpressions } from './visit-expressions.ts';

export interface BatchedBody {
  readonly columns: readonly string[];
  /** Takes rows with the imports in their order. @returns what is found, in the order of the rows */
  find(rows: readonly Row[], run: Run): AsyncIterable<readonly Found[]>;
  /** For each row how many there are, when the graph can tell without showing them. */
  count(rows: readonly Row[], run: Run, existence: boolean): Promise<readonly bigint[] | undefined>;
}

interface Found {
  /** Position of the row that it was found for. */
  readonly from: number;
  /** Values of the columns come first. */
  readonly values: readonly Value[];
}

interface Body {
  readonly matches: readonly MatchClause[];
  readonly projection: ReturnClause | undefined;
}

/** Undefined for a body that each row goes through by itself. @param imports names of the values in its rows */
export function compileBatched(
  query: RegularQuery,
  imports: readonly string[],
  environment: PlanEnvironment,
): BatchedBody | undefined {
  const body = bodyOf(query, environment);
  if (body === undefined) return undefined;
  const { matches, projection } = body;
  const slots = new Slots(imports);
  const position = slots.unnamed();
  const clauses: readonly Clause[] = projection === undefined ? matches : [...matches, projection];
  const uses = environment.readOnly ? new Uses(clauses) : undefined;
  const plans = environment.plans ?? new Map();
  const within = { ...environment, plans };
  const stages = matches.map((clause, index): Operator => {
    const usages = uses && new Usages(clause, index, uses);
    return profiled(clause, compileMatch(clause, slots, within, usages));
  });
  const items = projection && (environment.analysis.projections.get(projection)?.items ?? []);
  const expressions = new ExpressionCompiler(environment);
  const evaluates = (items ?? []).map(({ expression }) => expressions.compile(expression, slots));
  if (projection !== undefined)
    stages.push(profiled(projection, projecting(expressions, evaluates, position)));
  const at = projection === undefined ? position : evaluates.length;
  const [only, ...others] = matches;
  const plain = items?.every(({ expression: { kind } }) => kind === 'variable' || kind === 'literal') ?? true;
  const countable = only !== undefined && others.length === 0 && !only.optional && plain && !asks(only);
  const plan: MatchPlan | undefined = countable ? plans.get(only) : undefined;
  return {
    columns: (items ?? []).map(({ name }) => name),
    async *find(rows, run) {
      const numbered = rows.map((row, index): Row => [...row.slice(0, position), BigInt(index)]);
      let batches = rowsOf(numbered);
      for (const stage of stages) batches = stage(batches, run);
      for await (const batch of batches) yield batch.map((row) => ({ from: Number(row[at]), values: row }));
    },
    async count(rows, run, existence) {
      // A profile wants to see what is found.
      if (plan === undefined || run.profile !== undefined) return undefined;
      return run.session.counts?.(plan, rows, existence, run.context);
    },
  };
}

/** The values of the columns, and the position behind them. */
const projecting = (
  expressions: ExpressionCompiler,
  evaluates: readonly Evaluate[],
  position: number,
): Operator =>
  async function* project(input, run) {
    for await (const batch of input) {
      const rows: Row[] = [];
      await evaluateRows(
        batch,
        run,
        expressions.values,
        (row, index) => {
          const values = evaluates.map((evaluate) => evaluate(row, run.context));
          rows[index] = [...values, row[position] ?? null];
        },
        (index) => (rows[index] ?? []).reduce<number>((sum, value) => sum + weightOf(value), 0),
      );
      yield rows;
    }
  };

function bodyOf({ parts, unions }: RegularQuery, environment: PlanEnvironment): Body | undefined {
  const [part] = parts;
  if (part === undefined || unions.length > 0) return undefined;
  const matches: MatchClause[] = [];
  let projection: ReturnClause | undefined;
  for (const clause of part.clauses) {
    if (clause.kind === 'match') matches.push(clause);
    else if (clause.kind === 'return' && isPlain(clause, environment)) projection = clause;
    else return undefined;
  }
  return matches.length === 0 ? undefined : { matches, projection };
}

/** A value within the pattern asks the graph itself. */
function asks({ patterns }: MatchClause): boolean {
  let found = false;
  visitExpressions(patterns, ({ kind }) => {
    found ||= kind === 'pattern' || kind === 'pattern-comprehension' || kind === 'subquery';
    return !found;
  });
  return found;
}

const isPlain = (clause: ReturnClause, { analysis }: PlanEnvironment): boolean =>
  analysis.projections.get(clause)?.aggregating === false &&
  !clause.distinct &&
  clause.orderBy.length === 0 &&
  clause.skip === undefined &&
  clause.limit === undefined;
