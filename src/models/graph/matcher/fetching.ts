/** How the rows that a search finds come from PostgreSQL. */
import {
  type Cell,
  type Database,
  type OwnParameter,
  type OwnRunOptions,
  statement,
} from '../../../engine/index.ts';
import type { Deadline } from '../deadline.ts';

export interface Fetching {
  /**
   * `all`: at once. `alone`: as they are taken, over a session that the stream holds, so nothing else can be asked
   * meanwhile; for a query that asks once. `cursor`: as they are taken, in the transaction of the query, where other
   * statements may run in between.
   */
  readonly way: 'all' | 'alone' | 'cursor';
  /** Entities of earlier rows are asked for again: by startNode(), endNode() and shortest paths. */
  readonly keepsEntities: boolean;
}

export const GATHERED: Fetching = { way: 'all', keepsEntities: true };

/** Parts of what the search of `text` finds. */
export function fetchedParts(
  database: Database,
  text: string,
  parameters: readonly OwnParameter[],
  options: OwnRunOptions,
  { way, deadline }: Pick<Fetching, 'way'> & { readonly deadline: Deadline },
): AsyncIterable<readonly (readonly Cell[])[]> {
  const { transaction } = options;
  if (way === 'cursor' && transaction !== undefined) {
    return database.cursor(statement('graph.match', text), parameters, {
      signal: options.signal,
      transaction,
      get timeoutMs() {
        return deadline.leftMs;
      },
    });
  }
  return database.streamUser(text, parameters as readonly (string | null)[], { ...options, readOnly: true });
}
