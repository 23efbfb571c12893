/** What is told of a query beside its rows: what kind it is, and its plan as data. */

/** `write` returns no rows, `read-write` does. A command that shows the schema is a `read`. */
export type QueryKind = 'read' | 'write' | 'read-write' | 'schema';

/** One step of a plan. Its child is the step before it, so the root is the last one. */
export interface PlanNode {
  /** `MATCH`, `RETURN`, `PATTERN EXPRESSION` … */
  readonly operator: string;
  /** The text of the step. */
  readonly details: string;
  /** What PostgreSQL is asked; absent for what asks it for no pattern. */
  readonly sql?: string | undefined;
  /** Names of indexes and constraints by which PostgreSQL may find what the step looks for. */
  readonly indexes: readonly string[];
  /** Each with how much of it PostgreSQL tests: `condition (exact): n.age > 3`. */
  readonly conditions: readonly string[];
  /** With PROFILE, unless the step was never reached: rows that it handed on. */
  readonly rows?: number | undefined;
  /** With PROFILE, unless the step was never reached: milliseconds, without what it waited for. */
  readonly timeMs?: number | undefined;
  readonly children: readonly PlanNode[];
}
