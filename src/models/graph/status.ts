/**
 * Epoch and manifest version of a graph, and flushes. The manifest version is the sum of what was counted in the
 * transactions that did it: queries that changed the graph, claims, and flushes that had something to do. One snapshot
 * reads it, so it never falls and never counts what was rolled back.
 */
import { asFacetError, assert, FacetError, LIMITS } from '../../base/index.ts';
import type { Database, Store } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import type { FlushResult, StatusInput, StatusResult } from './query-schemas.ts';
import { writerOf } from './writer.ts';
import { MARK_FLUSHED, STATUS } from './writer-statements.ts';

interface Totals {
  readonly epoch: bigint;
  readonly manifestVersion: bigint;
  readonly nodeWrites: string;
  readonly edgeWrites: string;
  /** Tables with changes that came after the last flush. */
  readonly tablesChanged: number;
}

/**
 * Whoever asks needs no credentials, so no namespace is opened for them.
 * @throws DATABASE_NOT_FOUND, UNAVAILABLE
 */
export async function status(context: OperationContext, input: StatusInput): Promise<StatusResult> {
  const { store, database } = context;
  const asked = input.namespace ?? database.namespace;
  const found = store.opened.find(({ namespace }) => namespace === asked);
  if (found === undefined) {
    throw new FacetError('DATABASE_NOT_FOUND', `Namespace '${asked}' is not open`, {
      hint: 'The first request with credentials opens it.',
    });
  }
  const { epoch, manifestVersion } = await promptTotalsOf(found);
  return { namespace: asked, epoch, manifestVersion };
}

/**
 * Has PostgreSQL write its memory to its files. Commits are durable without, so where the server does not let us ask
 * for it the answer is that nothing was written.
 * @throws WRITER_FENCED
 */
export async function flush({ store, database, server }: OperationContext): Promise<FlushResult> {
  const writer = writerOf(store, database, server.graphWriter ?? 'exclusive');
  writer.check((await totalsOf(database)).epoch);
  return flushGraph(store, database, { onlyChanged: false });
}

/** @param options onlyChanged: nothing is asked of PostgreSQL when the graph has not changed since the last flush */
export async function flushGraph(
  store: Store,
  database: Database,
  options: { readonly onlyChanged: boolean },
): Promise<FlushResult> {
  const before = await totalsOf(database);
  const unwritten = { tablesWritten: 0, manifestVersion: before.manifestVersion };
  if (options.onlyChanged && before.tablesChanged === 0) return unwritten;
  if (!(await store.checkpoint())) return unwritten;
  if (before.tablesChanged > 0) await database.run(MARK_FLUSHED, [before.nodeWrites, before.edgeWrites]);
  const { manifestVersion } = await totalsOf(database);
  return { tablesWritten: before.tablesChanged, manifestVersion };
}

/** For probes, which wait no longer than that themselves. */
async function promptTotalsOf(database: Database): Promise<Totals> {
  try {
    return await totalsOf(database, LIMITS.probeMsMax);
  } catch (thrown) {
    if (asFacetError(thrown).code !== 'QUERY_TIMEOUT') throw thrown;
    throw new FacetError('UNAVAILABLE', `PostgreSQL did not answer in ${LIMITS.probeMsMax} ms`, {
      cause: thrown,
    });
  }
}

async function totalsOf(database: Database, timeoutMs?: number): Promise<Totals> {
  const { rows } = await database.run(STATUS, [], { timeoutMs });
  const [epoch, version, nodeWrites, edgeWrites, nodesChanged, edgesChanged] = rows[0] ?? [];
  assert(typeof epoch === 'string' && typeof version === 'string', 'the graph has a row for its writer');
  return {
    epoch: BigInt(epoch),
    manifestVersion: BigInt(version),
    nodeWrites: nodeWrites ?? '0',
    edgeWrites: edgeWrites ?? '0',
    tablesChanged: (nodesChanged === 't' ? 1 : 0) + (edgesChanged === 't' ? 1 : 0),
  };
}
