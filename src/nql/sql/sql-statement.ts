/** A statement for PostgreSQL, whether it is its own text or was rewritten from a short form. */
import type { Value } from '../syntax/values.ts';

export interface Sql {
  readonly kind: 'sql';
  /** For PostgreSQL, with placeholders `$1`, `$2` … for the parameters. */
  readonly text: string;
  readonly parameters: readonly Value[];
  /** Of the statement that does the work, in capitals: behind WITH the one that follows. */
  readonly verb: string;
  /** What it answers: rows, the number of changed rows, ids of new rows where the table has them, or nothing. */
  readonly answer: 'rows' | 'count' | 'ids' | 'empty';
  /** True when the text was rewritten from a form of this language. Positions in PostgreSQL's errors are then of no use. */
  readonly isRewritten: boolean;
  /** Where `answer` is `ids`. */
  readonly insert: SqlInsert | undefined;
}

export interface SqlInsert {
  /** The table as PostgreSQL folds its name, the schema first if there is one. */
  readonly table: readonly string[];
  /** The statement with RETURNING "_id", for tables that have such a column. */
  readonly returningId: string;
}

/** What a short form becomes. */
export type Rewritten = Omit<Sql, 'kind' | 'isRewritten'>;
