/**
 * The syntax tree of Cypher. Plain data, made by the parser and read by everybody else; nothing in it is resolved.
 * Each node has the span of its source text, because a column without an alias is named by that text and because
 * errors point at it.
 */

/** Offsets into the query text in UTF-16 units; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Spanned {
  readonly span: Span;
}

// ---- Expressions

export type Expression =
  | Literal
  | Parameter
  | Variable
  | Property
  | LabelTest
  | Index
  | Slice
  | Unary
  | Binary
  | Comparison
  | NullTest
  | ListLiteral
  | MapLiteral
  | Case
  | FunctionCall
  | CountStar
  | ListComprehension
  | PatternComprehension
  | Quantifier
  | Reduce
  | PatternExpression
  | SubqueryExpression
  | MapProjection;

export interface Literal extends Spanned {
  readonly kind: 'literal';
  /** INTEGER is bigint, FLOAT is number. */
  readonly value: null | boolean | bigint | number | string;
}

/** `$name` or `$0`. */
export interface Parameter extends Spanned {
  readonly kind: 'parameter';
  readonly name: string;
}

export interface Variable extends Spanned {
  readonly kind: 'variable';
  readonly name: string;
}

/** `object.key` */
export interface Property extends Spanned {
  readonly kind: 'property';
  readonly object: Expression;
  readonly key: string;
}

/** `n:A|B` as a predicate; on a relationship it tests the type. */
export interface LabelTest extends Spanned {
  readonly kind: 'label-test';
  readonly object: Expression;
  readonly labels: LabelExpression;
}

/** `object[index]`, on lists by position, on maps and entities by name. */
export interface Index extends Spanned {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
}

/** `object[from..to]` */
export interface Slice extends Spanned {
  readonly kind: 'slice';
  readonly object: Expression;
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
}

/** The parser folds `-` and a number literal into the literal, so that the least INTEGER can be written. */
export interface Unary extends Spanned {
  readonly kind: 'unary';
  readonly operator: 'NOT' | '+' | '-';
  readonly operand: Expression;
}

export type BinaryOperator =
  | 'OR'
  | 'XOR'
  | 'AND'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '||'
  | 'IN'
  | 'STARTS WITH'
  | 'ENDS WITH'
  | 'CONTAINS'
  | '=~';

export interface Binary extends Spanned {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** `a < b <= c` means `a < b AND b <= c`, with b evaluated once. One link is the usual comparison. */
export interface Comparison extends Spanned {
  readonly kind: 'comparison';
  readonly first: Expression;
  readonly links: readonly { readonly operator: ComparisonOperator; readonly operand: Expression }[];
}

/** `IS NULL`, `IS NOT NULL` */
export interface NullTest extends Spanned {
  readonly kind: 'null-test';
  readonly operand: Expression;
  readonly negated: boolean;
}

export interface ListLiteral extends Spanned {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

export interface MapLiteral extends Spanned {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: string; readonly value: Expression }[];
}

/** With a subject each `when` is compared to it by `=`, without one it is a predicate. */
export interface Case extends Spanned {
  readonly kind: 'case';
  readonly subject: Expression | undefined;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression | undefined;
}

/** Aggregates are function calls too. Names are looked up without regard to case. */
export interface FunctionCall extends Spanned {
  readonly kind: 'call';
  /** As written, with its dots: `duration.between`. */
  readonly name: string;
  readonly distinct: boolean;
  readonly arguments: readonly Expression[];
}

export interface CountStar extends Spanned {
  readonly kind: 'count-star';
}

/** `[x IN list WHERE p | e]` */
export interface ListComprehension extends Spanned {
  readonly kind: 'list-comprehension';
  readonly variable: string;
  readonly list: Expression;
  readonly where: Expression | undefined;
  readonly projection: Expression | undefined;
}

/** `[p = (a)-->(b) WHERE p | e]` */
export interface PatternComprehension extends Spanned {
  readonly kind: 'pattern-comprehension';
  readonly pattern: PathPattern;
  readonly where: Expression | undefined;
  readonly projection: Expression;
}

/** `all(x IN list WHERE p)` */
export interface Quantifier extends Spanned {
  readonly kind: 'quantifier';
  readonly quantifier: 'all' | 'any' | 'none' | 'single';
  readonly variable: string;
  readonly list: Expression;
  readonly where: Expression;
}

/** `reduce(acc = initial, x IN list | expression)` */
export interface Reduce extends Spanned {
  readonly kind: 'reduce';
  readonly accumulator: string;
  readonly initial: Expression;
  readonly variable: string;
  readonly list: Expression;
  readonly expression: Expression;
}

/**
 * A pattern where an expression stands: `(a)-->(b)`, true if it matches, or `shortestPath((a)-[*]->(b))`, whose value is
 * the path (a list of paths for allShortestPaths).
 */
export interface PatternExpression extends Spanned {
  readonly kind: 'pattern';
  readonly pattern: PathPattern;
}

/** `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`. A body that is only a pattern is a query of one MATCH. */
export interface SubqueryExpression extends Spanned {
  readonly kind: 'subquery';
  readonly form: 'EXISTS' | 'COUNT' | 'COLLECT';
  readonly query: RegularQuery;
}

/** `n {.name, .*, other, key: expression}` */
export interface MapProjection extends Spanned {
  readonly kind: 'map-projection';
  readonly subject: Variable;
  readonly items: readonly MapProjectionItem[];
}

export type MapProjectionItem =
  | { readonly kind: 'property'; readonly key: string }
  | { readonly kind: 'all-properties' }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'entry'; readonly key: string; readonly value: Expression };

// ---- Patterns

/** `:A:B` and `:A&B` are both `and`; `%` is any label. */
export type LabelExpression =
  | { readonly kind: 'label'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'not'; readonly operand: LabelExpression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly LabelExpression[] };

/** nodes.length is relationships.length + 1; relationship i stands between nodes i and i + 1. */
export interface PathPattern extends Spanned {
  readonly variable: Variable | undefined;
  readonly shortest: 'shortestPath' | 'allShortestPaths' | undefined;
  readonly nodes: readonly NodePattern[];
  readonly relationships: readonly RelationshipPattern[];
}

export interface NodePattern extends Spanned {
  readonly variable: Variable | undefined;
  readonly labels: LabelExpression | undefined;
  readonly properties: MapLiteral | Parameter | undefined;
  readonly where: Expression | undefined;
}

export interface RelationshipPattern extends Spanned {
  readonly variable: Variable | undefined;
  /** `both` for `--` and for `<-->`. */
  readonly direction: 'right' | 'left' | 'both';
  readonly types: LabelExpression | undefined;
  readonly properties: MapLiteral | Parameter | undefined;
  readonly where: Expression | undefined;
  /** Present for a variable length: `*` is `{}`, `*2` is both. */
  readonly length: { readonly min: number | undefined; readonly max: number | undefined } | undefined;
}

// ---- Clauses

export type Clause =
  | MatchClause
  | UnwindClause
  | WithClause
  | ReturnClause
  | CreateClause
  | MergeClause
  | SetClause
  | RemoveClause
  | DeleteClause
  | ForeachClause
  | CallClause
  | CallSubqueryClause;

export interface MatchClause extends Spanned {
  readonly kind: 'match';
  readonly optional: boolean;
  readonly patterns: readonly PathPattern[];
  readonly where: Expression | undefined;
}

export interface UnwindClause extends Spanned {
  readonly kind: 'unwind';
  readonly list: Expression;
  readonly variable: Variable;
}

/** What WITH and RETURN share. */
export interface Projection {
  readonly distinct: boolean;
  /** `*` first, then items. */
  readonly star: boolean;
  readonly items: readonly ProjectionItem[];
  readonly orderBy: readonly SortItem[];
  readonly skip: Expression | undefined;
  readonly limit: Expression | undefined;
}

export interface ProjectionItem extends Spanned {
  readonly expression: Expression;
  readonly alias: string | undefined;
  /** The alias, else the source text of the expression as written, blanks and all. */
  readonly name: string;
}

export interface SortItem extends Spanned {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface WithClause extends Spanned, Projection {
  readonly kind: 'with';
  readonly where: Expression | undefined;
}

export interface ReturnClause extends Spanned, Projection {
  readonly kind: 'return';
}

export interface CreateClause extends Spanned {
  readonly kind: 'create';
  readonly patterns: readonly PathPattern[];
}

export interface MergeClause extends Spanned {
  readonly kind: 'merge';
  readonly pattern: PathPattern;
  readonly onCreate: readonly SetItem[];
  readonly onMatch: readonly SetItem[];
}

export interface SetClause extends Spanned {
  readonly kind: 'set';
  readonly items: readonly SetItem[];
}

export type SetItem = Spanned &
  (
    | { readonly kind: 'property'; readonly target: Property; readonly value: Expression }
    /** `n[key] = value` */
    | { readonly kind: 'dynamic-property'; readonly target: Index; readonly value: Expression }
    | { readonly kind: 'replace' | 'merge'; readonly variable: Variable; readonly value: Expression }
    | { readonly kind: 'labels'; readonly variable: Variable; readonly labels: readonly string[] }
  );

export interface RemoveClause extends Spanned {
  readonly kind: 'remove';
  readonly items: readonly RemoveItem[];
}

export type RemoveItem = Spanned &
  (
    | { readonly kind: 'property'; readonly target: Property }
    | { readonly kind: 'dynamic-property'; readonly target: Index }
    | { readonly kind: 'labels'; readonly variable: Variable; readonly labels: readonly string[] }
  );

export interface DeleteClause extends Spanned {
  readonly kind: 'delete';
  readonly detach: boolean;
  readonly expressions: readonly Expression[];
}

export interface ForeachClause extends Spanned {
  readonly kind: 'foreach';
  readonly variable: Variable;
  readonly list: Expression;
  readonly clauses: readonly Clause[];
}

/** `CALL name(args) YIELD …`. Without parentheses `arguments` is undefined: a standalone call takes parameters. */
export interface CallClause extends Spanned {
  readonly kind: 'call-procedure';
  readonly name: string;
  readonly optional: boolean;
  readonly arguments: readonly Expression[] | undefined;
  /** Undefined without YIELD. */
  readonly yields: '*' | readonly YieldItem[] | undefined;
  readonly where: Expression | undefined;
}

export interface YieldItem extends Spanned {
  readonly field: string;
  readonly variable: Variable;
}

/** `CALL { … }` and `CALL (a, b) { … }`. */
export interface CallSubqueryClause extends Spanned {
  readonly kind: 'call-subquery';
  readonly optional: boolean;
  /** Undefined for the older form, whose body imports by a leading WITH. */
  readonly imports: '*' | readonly Variable[] | undefined;
  readonly query: RegularQuery;
}

// ---- Statements

/** Single queries with UNION between them; `unions[i]` stands between parts i and i + 1. */
export interface RegularQuery extends Spanned {
  readonly kind: 'query';
  readonly parts: readonly SingleQuery[];
  readonly unions: readonly ('UNION' | 'UNION ALL')[];
}

export interface SingleQuery extends Spanned {
  readonly clauses: readonly Clause[];
}

export type SchemaCommand = Spanned &
  (
    | {
        readonly kind: 'create-index';
        readonly name: string | undefined;
        readonly ifNotExists: boolean;
        readonly type: 'RANGE' | 'TEXT' | 'POINT' | 'LOOKUP' | 'FULLTEXT' | 'VECTOR';
        readonly entity: 'node' | 'relationship';
        readonly label: string;
        readonly properties: readonly string[];
      }
    | { readonly kind: 'drop-index' | 'drop-constraint'; readonly name: string; readonly ifExists: boolean }
    | {
        readonly kind: 'create-constraint';
        readonly name: string | undefined;
        readonly ifNotExists: boolean;
        readonly requires: 'UNIQUE' | 'NOT NULL' | 'KEY' | 'TYPE';
        readonly entity: 'node' | 'relationship';
        readonly label: string;
        readonly properties: readonly string[];
        /** For TYPE: `INTEGER`, `STRING`, `LIST<INTEGER>` … in upper case. */
        readonly propertyType: string | undefined;
      }
    | { readonly kind: 'show-indexes' | 'show-constraints' }
  );

export interface Statement {
  /** EXPLAIN plans without running, PROFILE runs and tells the rows of each step. */
  readonly mode: 'RUN' | 'EXPLAIN' | 'PROFILE';
  readonly body: RegularQuery | SchemaCommand;
  /** The whole query, for names of columns and for messages. */
  readonly text: string;
}
