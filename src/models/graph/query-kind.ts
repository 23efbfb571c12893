/** Whether a query reads, writes or changes the schema, as it is known before it runs. */
import { FacetError } from '../../base/index.ts';
import type { PreparedCommand, PreparedQuery } from '../../cypher/index.ts';
import type { QueryKind } from './plan-node.ts';

export function kindOf(query: PreparedQuery | PreparedCommand): QueryKind {
  if (query.kind === 'command') {
    const { kind } = query.command;
    return kind === 'show-indexes' || kind === 'show-constraints' ? 'read' : 'schema';
  }
  if (!query.writes) return 'read';
  return query.columns.length > 0 ? 'read-write' : 'write';
}

/** @throws READ_ONLY_TRANSACTION */
export function assertReads(kind: QueryKind): void {
  if (kind === 'read') return;
  const what = kind === 'schema' ? 'A command that changes the schema' : 'A query that writes';
  throw new FacetError('READ_ONLY_TRANSACTION', `${what} is not open to who has asked for reading only`);
}
