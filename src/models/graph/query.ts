/** Cypher queries of clients: what they may do, what they are given, rows gathered or in batches. */
import { FacetError, LIMITS, roleAllows } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedRowsMax, allowedTimeoutMs } from '../operator-limits.ts';
import { assertRoom } from '../plan-limits.ts';
import type { QueryOptions } from './graph-result.ts';
import { beginJournal } from './journal/index.ts';
import { parameterValues } from './parameters.ts';
import type { GraphQueryResult, GraphStream, QueryInput } from './query-schemas.ts';
import { runQuery } from './run-query.ts';
import { streamQuery } from './stream-query.ts';
import { type WriteGuard, writerOf } from './writer.ts';

/** @throws CypherError, FORBIDDEN, WRITER_FENCED, RESULT_TOO_LARGE, and what PostgreSQL raises */
export async function query(context: OperationContext, input: QueryInput): Promise<GraphQueryResult> {
  assertLength(input.query);
  const result = await runQuery(context.database, input.query, optionsOf(context, input));
  const rowsMax = allowedRowsMax(context) ?? LIMITS.resultRowsMax;
  if (result.rows.length > rowsMax) {
    throw new FacetError('RESULT_TOO_LARGE', `The result has more than ${rowsMax} rows (resultRowsMax)`, {
      hint: 'Stream it, or ask for less by LIMIT.',
    });
  }
  const { columns, rows, counters, heldBytes = 0, schema, kind, plan, position } = result;
  // A command on the schema leaves nodes and relationships alone.
  const writes = result.writes && schema === undefined;
  return { columns, rows, counters, writes, heldBytes, schema, kind, plan, position };
}

/** @throws as `query`, and what comes while rows are computed through `batches` */
export async function stream(context: OperationContext, input: QueryInput): Promise<GraphStream> {
  assertLength(input.query);
  const { counters, ...rows } = await streamQuery(context.database, input.query, optionsOf(context, input));
  return { ...rows, outcome: () => counters };
}

const optionsOf = (context: OperationContext, input: QueryInput): QueryOptions => ({
  parameters: parameterValues(input.params),
  signal: context.signal,
  timeoutMs: allowedTimeoutMs(context, input.timeoutMs),
  transaction: context.transaction,
  readOnly: input.readOnly,
  position: input.position,
  planAsData: input.planAsData,
  writeGuard: writeGuard(context, input.query),
});

/** The caller's role and room first, then the epoch of this process. */
export function writeGuard(context: OperationContext, text: string): WriteGuard {
  const { database, principal, server, signal, store } = context;
  const writer = writerOf(store, database, server.graphWriter ?? 'exclusive');
  return {
    async ready() {
      if (!roleAllows(principal.role, 'write')) {
        throw new FacetError(
          'FORBIDDEN',
          `A query that writes needs role write, and ${principal.name} has ${principal.role}`,
        );
      }
      if (principal.plan !== undefined && !onlyDeletes(text)) assertRoom(context);
      await writer.ready(database);
      if (server.graphJournal === 'on') await beginJournal(database);
    },
    enter: (transaction) => writer.enter(database, transaction, { signal }),
  };
}

/**
 * A query that may run when a plan has no storage left. By its words: one that has them in a string or a name is
 * taken for one that writes.
 */
const onlyDeletes = (text: string): boolean =>
  /\b(?:DELETE|REMOVE|DROP)\b/i.test(text) && !/\b(?:CREATE|MERGE|SET|CALL)\b/i.test(text);

/** @throws PAYLOAD_TOO_LARGE */
export function assertLength(text: string): void {
  // A UTF-16 unit makes at most three bytes, so most texts need not be measured.
  if (text.length * 3 <= LIMITS.cypherTextBytesMax) return;
  if (Buffer.byteLength(text) <= LIMITS.cypherTextBytesMax) return;
  throw new FacetError(
    'PAYLOAD_TOO_LARGE',
    `The query is larger than ${LIMITS.cypherTextBytesMax} bytes (cypherTextBytesMax); send data as parameters`,
  );
}
