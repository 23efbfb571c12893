/** What is known of a query once it is found to make sense: what its clauses bind, project and write. */
import type {
  CallClause,
  Clause,
  CountStar,
  Expression,
  FunctionCall,
  PathPattern,
  RegularQuery,
  ReturnClause,
  SubqueryExpression,
  WithClause,
} from '../syntax/ast.ts';
import type { Scope } from './scope.ts';
import type { FunctionSignatures, ProcedureRegistry, ProcedureSignature } from './signatures.ts';
import type { StaticType } from './static-type.ts';

/** Which procedures and functions there are. */
export interface Environment {
  readonly procedures: ProcedureRegistry;
  readonly functions: FunctionSignatures;
}

export interface Column {
  readonly name: string;
  readonly type: StaticType;
}

/** Of a query, of the body of CALL, or of a subquery in an expression. */
export interface QueryInfo {
  /** Undefined if it returns nothing. With UNION the names are the same in each part. */
  readonly columns: readonly Column[] | undefined;
  /** True if a clause changes the graph, also one inside CALL or FOREACH, or a procedure that writes is called. */
  readonly writes: boolean;
}

/** The variables before a clause and those after it. */
export interface ClauseInfo {
  readonly before: Scope;
  readonly after: Scope;
}

export interface ProjectedItem {
  readonly name: string;
  /** For `*` a variable made up for each name. */
  readonly expression: Expression;
  readonly type: StaticType;
  /** The outermost aggregates in the expression; an item without any is a grouping key if another item has one. */
  readonly aggregates: readonly (FunctionCall | CountStar)[];
}

/** Of a WITH or RETURN. */
export interface ProjectionInfo {
  /** `*` first, sorted by name, then the items as written. */
  readonly items: readonly ProjectedItem[];
  /** True if an item has an aggregate. */
  readonly aggregating: boolean;
  /**
   * Expressions that are to be read from an item's value instead of being evaluated: parts of ORDER BY and WHERE that
   * are projected, and, in items that aggregate, parts that are grouping keys.
   */
  readonly itemOf: ReadonlyMap<Expression, number>;
  /** Aggregates of ORDER BY that stand in an item too, but are not one: `RETURN 1 + count(*) ORDER BY count(*)`. */
  readonly sortAggregates: ReadonlySet<FunctionCall | CountStar>;
  /**
   * What ORDER BY and WHERE see: the projected names, and, unless the projection aggregates or is DISTINCT, those
   * before it that no projected name hides.
   */
  readonly sorting: Scope;
}

export interface PatternInfo {
  /** Names that the pattern binds; the others that it mentions are bound before it. */
  readonly binds: ReadonlySet<string>;
}

export interface CallInfo {
  readonly procedure: ProcedureSignature;
  /** True for a statement of nothing but this call. */
  readonly standalone: boolean;
  /** Names of the parameters that are the arguments; undefined if arguments are written. */
  readonly parameters: readonly string[] | undefined;
  /** What is taken of the outputs, by position in the signature, and what it is bound to. */
  readonly yields: readonly { readonly output: number; readonly variable: string }[];
}

export interface Analysis {
  /** Of the statement's query; undefined for a schema command. */
  readonly query: QueryInfo | undefined;
  /** Names of the result's columns; none if nothing is returned. */
  readonly columns: readonly string[];
  readonly writes: boolean;
  /** The statement's query, the bodies of CALL and of subqueries in expressions. */
  readonly queries: ReadonlyMap<RegularQuery, QueryInfo>;
  readonly clauses: ReadonlyMap<Clause, ClauseInfo>;
  readonly projections: ReadonlyMap<WithClause | ReturnClause, ProjectionInfo>;
  /** Those of clauses and those in expressions. */
  readonly patterns: ReadonlyMap<PathPattern, PatternInfo>;
  readonly calls: ReadonlyMap<CallClause, CallInfo>;
  /** Names that its clauses pass on, added up: what a plan takes beyond what its text says. */
  readonly passedOn: number;
}

/** An analysis while it is made. */
export interface Findings {
  readonly queries: Map<RegularQuery, QueryInfo>;
  readonly clauses: Map<Clause, ClauseInfo>;
  readonly projections: Map<WithClause | ReturnClause, ProjectionInfo>;
  readonly patterns: Map<PathPattern, PatternInfo>;
  readonly calls: Map<CallClause, CallInfo>;
  /** See Analysis. */
  passedOn: number;
}

/** Where an expression stands, as far as it decides what may be in it. */
export interface Place {
  /** True where an aggregate may stand: in the items of WITH and RETURN, outside of lists made item by item. */
  readonly aggregates: boolean;
  /** True in an argument of an aggregate. */
  readonly insideAggregate: boolean;
  /** Expressions that are known to be projected, with their types. */
  readonly projected: ReadonlyMap<Expression, StaticType> | undefined;
}

/** Most expressions: no aggregates. */
export const ROW_BY_ROW: Place = { aggregates: false, insideAggregate: false, projected: undefined };
export const PROJECTED_ITEM: Place = { aggregates: true, insideAggregate: false, projected: undefined };

/** What the checks share. The functions are here so that expressions, patterns and queries can hold each other. */
export interface Context {
  readonly environment: Environment;
  readonly findings: Findings;
  /** Checks an expression and gives its type. */
  readonly expression: (expression: Expression, scope: Scope, place: Place) => StaticType;
  /** Checks an expression that decides something: it must be able to be BOOLEAN, and patterns may stand in it. */
  readonly predicate: (expression: Expression, scope: Scope, place: Place) => void;
  /** Checks the body of a subquery in an expression. */
  readonly subquery: (expression: SubqueryExpression, scope: Scope) => QueryInfo;
}
