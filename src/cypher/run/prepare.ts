/** From the text of a query to something that runs: parse, analyse, compile. Nothing here reads a graph. */
import { CypherError } from '../cypher-error.ts';
import { analyse } from '../semantics/analyse.ts';
import { FUNCTION_SIGNATURES } from '../semantics/signatures.ts';
import type { RegularQuery, SchemaCommand } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { compileQuery, planEnvironment } from './plan/compile-query.ts';
import type { MatchPlan, PathStep } from './plan/match-plan.ts';
import type { Planned, Procedure } from './plan/plan-environment.ts';
import { type PlanHint, planHints } from './plan/plan-hints.ts';
import { type PlanStep, planSteps } from './plan/plan-steps.ts';
import { compileStraight, type Straight } from './plan/straight.ts';
import { visitExpressions } from './plan/visit-expressions.ts';
import { type Batches, onlyRow, type Run } from './run.ts';

export interface PreparedQuery {
  readonly kind: 'query';
  readonly mode: 'RUN' | 'EXPLAIN' | 'PROFILE';
  /** Empty for a query that returns nothing. */
  readonly columns: readonly string[];
  readonly writes: boolean;
  /** How often it asks the graph at most, if that is known: then one snapshot is its own. Infinity for all others. */
  readonly asks: number;
  /** It walks from one entity to others that it has come across: by startNode() or endNode(), or along shortest paths. */
  readonly keepsEntities: boolean;
  /** It has a MERGE: one that fails because another transaction made the same may find it when it runs again. */
  readonly merges: boolean;
  /** Bytes that keeping it takes, by estimation: see BYTES_PER_CHARACTER. */
  readonly bytes: number;
  /** Its clauses, and its patterns in other places, in the order of the text. */
  readonly steps: readonly PlanStep[];
  /** What it may cost, looked for when it is first asked for. */
  hints(): readonly PlanHint[];
  /** Another way to what `run` gives, in one go and for a session that has it; not for profiles. */
  readonly straight: Straight | undefined;
  /** Rows with a value for each column. Changes are complete when the last row has been taken. */
  run(run: Run): Batches;
}

/** Measured: of a text that is all numbers and operators, and of `WITH *`. */
const BYTES_PER_CHARACTER = 48;
const BYTES_PER_NAME = 400;

export interface PreparedCommand {
  readonly kind: 'command';
  readonly mode: 'RUN' | 'EXPLAIN' | 'PROFILE';
  readonly command: SchemaCommand;
}

/** @throws CypherError at compile time */
export function prepare(
  text: string,
  procedures: ReadonlyMap<string, Procedure>,
): PreparedQuery | PreparedCommand {
  const statement = parse(text);
  const { mode, body } = statement;
  const analysis = analyse(statement, { procedures, functions: FUNCTION_SIGNATURES });
  if (body.kind !== 'query') return { kind: 'command', mode, command: body };
  const { writes } = analysis;
  const plans = new Map<Planned, MatchPlan>();
  const walks = walksToEnds(body);
  const environment = planEnvironment(procedures, !writes && !walks, analysis);
  const compiled = compileQuery(body, [], { ...environment, plans });
  const asks = writes ? Number.POSITIVE_INFINITY : asksOf(body);
  const steps = planSteps(text, body, plans);
  let hints: readonly PlanHint[] | undefined;
  return {
    kind: 'query',
    mode,
    columns: analysis.columns,
    writes,
    asks,
    keepsEntities: walks || [...plans.values()].some(({ paths }) => paths.some(isShortest)),
    merges: steps.some(({ kind }) => kind === 'merge'),
    bytes: text.length * BYTES_PER_CHARACTER + analysis.passedOn * BYTES_PER_NAME,
    steps,
    hints: () => {
      hints ??= planHints(text, plans);
      return hints;
    },
    straight: asks <= 1 && mode === 'RUN' ? compileStraight(body, environment) : undefined,
    run: (run) => rowsReturned(compiled.operator(onlyRow([]), run), run, compiled.returns),
  };
}

const isShortest = ({ shortest }: PathStep): boolean => shortest !== undefined;

/** A query of one MATCH with relationships of fixed length, and no other expression that looks into the graph. */
function asksOf(query: RegularQuery): number {
  const clauses = query.parts.flatMap((part) => part.clauses);
  let asks = 0;
  for (const [at, clause] of clauses.entries()) {
    // A later one is asked once for each batch of rows.
    if (clause.kind === 'match' && at === 0) {
      const isPlain = clause.patterns.every(
        ({ shortest, relationships }) =>
          shortest === undefined && relationships.every(({ length }) => length === undefined),
      );
      asks += isPlain ? 1 : Number.POSITIVE_INFINITY;
    } else if (clause.kind !== 'with' && clause.kind !== 'return' && clause.kind !== 'unwind') {
      return Number.POSITIVE_INFINITY;
    }
  }
  visitExpressions(clauses, (expression) => {
    if (expression.kind === 'pattern' || expression.kind === 'subquery') asks = Number.POSITIVE_INFINITY;
    if (expression.kind === 'pattern-comprehension') asks = Number.POSITIVE_INFINITY;
    return true;
  });
  return asks;
}

/** startNode() and endNode() give nodes that no variable stands for: then whatever is found is fetched whole. */
function walksToEnds(query: RegularQuery): boolean {
  let found = false;
  visitExpressions(query, (expression) => {
    if (expression.kind === 'call' && /^(?:start|end)node$/i.test(expression.name)) found = true;
    return true;
  });
  return found;
}

/** Reads everything, also when nothing is returned: reading is what makes the clauses work. */
async function* rowsReturned(batches: Batches, run: Run, returns: boolean): Batches {
  for await (const batch of batches) if (returns) yield batch;
  await run.session.finish();
}

/** A statement that is not offered here. */
export const notOffered = (what: string): CypherError =>
  new CypherError('SyntaxError', 'compile time', 'UnsupportedFeature', `${what} is not offered here`);
