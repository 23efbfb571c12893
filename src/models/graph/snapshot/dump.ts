/**
 * A whole graph as bytes: all of it as one transaction sees it, in batches, so that neither this process nor PostgreSQL
 * holds more than one of them. The transaction is open until the last batch was taken.
 */
import { assert, FacetError, LIMITS, nowMs, VERSION } from '../../../base/index.ts';
import type { Database, RunOptions, Statement, Transaction } from '../../../engine/index.ts';
import { encodeSnapshotMeta, type SnapshotRecord } from '../../../strana/index.ts';
import { journalStatus } from '../journal/index.ts';
import { DUMPED_TABLES, tableDump } from './catalog.ts';
import { DUMP_IDENTITIES, DUMP_NODES, DUMP_RELATIONSHIPS, DUMP_SCHEMA } from './dump-statements.ts';
import { FrameWriter } from './frames.ts';
import { type Give, pulled } from './pulled.ts';

/** What a dump says of the graph as a whole. Identities are text: they may be larger than a number of JSON. */
export interface GraphFacts {
  readonly namespace: string;
  readonly nodeIdentity: string;
  readonly nodeIdentityGiven: boolean;
  readonly relationshipIdentity: string;
  readonly relationshipIdentityGiven: boolean;
  readonly journalOn: boolean;
  /** Of its last entry; 0 without one. */
  readonly journalAtMs: number;
}

export interface Dump {
  readonly meta: SnapshotRecord;
  /** Ends with everything, or rejects. Who does not take it all has to call its `return`: its transaction is open. */
  readonly pieces: AsyncGenerator<Uint8Array>;
}

export interface DumpOptions {
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for a reader that takes nothing. Default: LIMITS.streamPauseMsMax. */
  readonly pauseMsMax?: number | undefined;
}

/** @throws what PostgreSQL raises; the pieces: LIMIT_EXCEEDED, QUERY_TIMEOUT for a reader that is too slow */
export async function dumpGraph(database: Database, options: DumpOptions = {}): Promise<Dump> {
  let meta: SnapshotRecord | undefined;
  const pieces = pulled<Uint8Array>(
    (give) =>
      database.inTransaction(
        async (transaction) => {
          const run = { transaction, signal: options.signal };
          meta = await metaOf(database, run);
          await give(Buffer.alloc(0));
          await dump(database, meta, run, give);
        },
        { isolationLevel: 'repeatable_read', readOnly: true, signal: options.signal },
      ),
    options.pauseMsMax ?? LIMITS.streamPauseMsMax,
  );
  // The first piece is empty: with it the transaction has its snapshot.
  await pieces.next();
  assert(meta !== undefined, 'a dump begins with what it is of');
  return { meta, pieces };
}

type InTransaction = RunOptions & { readonly transaction: Transaction };

async function metaOf(database: Database, run: InTransaction): Promise<SnapshotRecord> {
  const { head } = await journalStatus(database, run);
  return {
    sequence: head.sequence,
    chainHash: head.hash,
    timestampMs: nowMs(),
    version: VERSION,
  };
}

async function dump(
  database: Database,
  meta: SnapshotRecord,
  run: InTransaction,
  give: Give<Uint8Array>,
): Promise<void> {
  const frames = new FrameWriter();
  await give(frames.begin());
  await give(frames.frame('M', encodeSnapshotMeta(meta)));
  await give(frames.frame('G', JSON.stringify(await factsOf(database, run))));
  const batches = async (statement: Statement, kind: 'N' | 'R'): Promise<void> => {
    let last = '-1';
    while (true) {
      const { rows } = await database.run(
        statement,
        [last, String(LIMITS.snapshotBatchRows), String(LIMITS.snapshotBatchBytes)],
        run,
      );
      const [end, , text] = rows[0] ?? [];
      if (end === null || end === undefined || text === null || text === undefined) return;
      await give(frames.frame(kind, text));
      last = end;
    }
  };
  await batches(DUMP_NODES, 'N');
  await batches(DUMP_RELATIONSHIPS, 'R');
  const schema = await database.run(DUMP_SCHEMA, [], run);
  await give(frames.frame('S', schema.rows[0]?.[0] ?? '[]'));
  for (const table of DUMPED_TABLES) {
    const { rows } = await database.run(tableDump(table), [], run);
    await give(frames.frame('T', `${table}\n${rows[0]?.[0] ?? '[]'}`));
  }
  await give(frames.end());
}

async function factsOf(database: Database, run: InTransaction): Promise<GraphFacts> {
  const { rows } = await database.run(DUMP_IDENTITIES, [], run);
  const [node, nodeGiven, relationship, relationshipGiven] = rows[0] ?? [];
  const journal = await journalStatus(database, run);
  if (node === null || node === undefined || relationship === null || relationship === undefined) {
    throw new FacetError('INTERNAL_ERROR', 'The sequences of identities have no value');
  }
  return {
    namespace: database.namespace,
    nodeIdentity: node,
    nodeIdentityGiven: nodeGiven === 't',
    relationshipIdentity: relationship,
    relationshipIdentityGiven: relationshipGiven === 't',
    journalOn: journal.state === 'on',
    journalAtMs: journal.head.timestampMs,
  };
}
