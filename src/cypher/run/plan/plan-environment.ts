/** What compiling a query needs from outside. */
import type { Analysis } from '../../semantics/analysis.ts';
import type { ProcedureSignature } from '../../semantics/signatures.ts';
import type {
  Clause,
  MatchClause,
  MergeClause,
  PatternComprehension,
  PatternExpression,
  RegularQuery,
} from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import type { PatternLike } from '../expressions/evaluate.ts';
import type { Resolve } from '../pattern-values.ts';
import type { Slots } from '../row.ts';
import type { Operator, Run } from '../run.ts';
import type { MatchPlan } from './match-plan.ts';

export interface Procedure extends ProcedureSignature {
  /** Rows with a value for each output, in their order. A procedure without outputs has no rows. */
  call(parameters: readonly Value[], run: Run): Promise<readonly (readonly Value[])[]>;
}

export interface CompiledQuery {
  /** Takes rows with the imports in their order, gives rows with the columns in theirs. */
  readonly operator: Operator;
  readonly columns: readonly string[];
  /** False when it ends with an update: its rows then have no columns, and only their number means something. */
  readonly returns: boolean;
}

/** Rules that need each other reach each other through these, so that no file imports in a circle. */
export interface Compilers {
  query(query: RegularQuery, imports: readonly string[], environment: PlanEnvironment): CompiledQuery;
  clauses(clauses: readonly Clause[], slots: Slots, environment: PlanEnvironment): CompiledQuery;
  patternLike(expression: PatternLike, slots: Slots, environment: PlanEnvironment): Resolve;
}

export interface PlanEnvironment {
  readonly compilers: Compilers;
  /** What was found out before: of the very trees that are compiled, which are its keys. */
  readonly analysis: Analysis;
  /** By name in lower case. */
  readonly procedures: ReadonlyMap<string, Procedure>;
  /** True when entities may be fetched in part: nobody sets something on them or walks from one to the next. */
  readonly readOnly: boolean;
  /** Names that stay visible whatever WITH lists: those around an EXISTS, COUNT or COLLECT. */
  readonly outer: readonly string[];
  /** Filled while compiling, for those who want to see the plan: by the clause or expression that is looked for. */
  readonly plans?: Map<Planned, MatchPlan>;
}

/** What a search is planned for. */
export type Planned = MatchClause | MergeClause | PatternExpression | PatternComprehension;
