/** What both APIs do before a query runs: where it is to run, and what it has to wait for. */
import { LIMITS } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { clusterAwaitPosition, type GraphStream } from '../../../models/index.ts';
import { bookmarkOf, lastPosition } from '../bookmarks.ts';
import type { Databases } from '../databases.ts';
import type { HttpTransactions, Place } from './http-transactions.ts';
import type { JsonOut } from './json-out.ts';

export interface Serving {
  readonly dispatch: Dispatch;
  readonly databases: Databases;
  readonly transactions: HttpTransactions;
  /** What proxies say about the address that clients use is believed. */
  readonly trustProxy: boolean;
  /** For a query that names no timeout, and the longest one that it may name. */
  readonly queryTimeoutMsMax: number;
}

/**
 * The namespace of the path; `neo4j` may be the client's own or the default one.
 * @throws FEATURE_NOT_SUPPORTED for the database `system`
 */
export async function placeOf(
  { databases, dispatch }: Serving,
  database: string | undefined,
  session: Session,
): Promise<Place> {
  const named = (await databases.namespaceOf(database)) ?? session.namespace;
  return { session, namespace: named ?? session.principal?.namespace ?? dispatch.store.defaultNamespace };
}

/** Waits until this server has the commits that the client knows of. @throws POSITION_NOT_REACHED, INVALID_CURSOR */
export async function catchUp(
  { dispatch }: Serving,
  { session, namespace }: Place,
  bookmarks: readonly string[],
  timeoutMs: number | undefined,
): Promise<void> {
  const position = lastPosition(bookmarks);
  if (position === undefined) return;
  await dispatch.call(
    clusterAwaitPosition,
    {
      position,
      ...(timeoutMs === undefined ? {} : { timeoutMs: Math.min(timeoutMs, LIMITS.positionWaitMsMax) }),
    },
    { ...session, namespace, transactionId: undefined },
  );
}

/** The bookmark of a commit; of what was only read those that it was asked with, so that a client that goes on by them can. */
export const bookmarksAfter = (
  { namespace }: Place,
  position: string | undefined,
  given: readonly string[],
): readonly string[] => (position === undefined ? given : [bookmarkOf(namespace, position)]);

type Row = GraphStream['batches'] extends AsyncIterable<readonly (infer One)[]> ? One : never;

/**
 * All rows of a result, with commas between them.
 * @param prepare is told of the rows that are written next
 * @throws RESULT_TOO_LARGE for a row beyond the bound
 */
export async function addRows(
  out: JsonOut,
  { batches }: GraphStream,
  write: (out: JsonOut, row: Row) => void,
  prepare?: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  let before = '';
  for await (const batch of batches) {
    if (prepare !== undefined) await prepare(batch);
    for (const row of batch) {
      out.row(() => {
        out.add(before);
        write(out, row);
      });
      before = ',';
      if (out.isFull) await out.flow();
    }
  }
}
