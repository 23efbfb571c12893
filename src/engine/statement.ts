/** How Facet's own SQL is declared. Not for text of clients: that goes to `Database.runUser`. */
import type { Statement } from './contract.ts';

/** A statement of Facet itself. `name` is its metric label and slow-log key, such as `sql.tables.list`. */
export function statement(name: string, text: string): Statement {
  return { name, text };
}
