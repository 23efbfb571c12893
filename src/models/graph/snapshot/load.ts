/** A dump -> a namespace without a graph: all of it or nothing, in one transaction in which nobody else writes. */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { Database, RunOptions, Statement, Store, Transaction } from '../../../engine/index.ts';
import { decodeSnapshotMeta, type SnapshotRecord } from '../../../strana/index.ts';
import { seatJournal } from '../journal/index.ts';
import { createDefinitions, type SchemaEntry } from '../schema/index.ts';
import { writerOf } from '../writer.ts';
import { LOCK_EPOCH } from '../writer-statements.ts';
import {
  CLEARED_TABLES,
  DUMPED_TABLES,
  isDumpedTable,
  tableClear,
  tableIsEmpty,
  tableLoad,
} from './catalog.ts';
import type { GraphFacts } from './dump.ts';
import {
  ANALYZE_GRAPH,
  IS_EMPTY,
  LOAD_IDENTITIES,
  LOAD_JOURNAL_ON,
  LOAD_NODES,
  LOAD_RELATIONSHIPS,
  LOCK_GRAPH,
} from './dump-statements.ts';
import { type Frame, readFrames } from './frames.ts';

export interface Loaded {
  readonly meta: SnapshotRecord;
  /** Namespace that the dump is of, which may have another name than the one it went into. */
  readonly namespace: string;
  readonly nodes: number;
  readonly relationships: number;
  readonly indexesAndConstraints: number;
}

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** After each batch, with what has been loaded so far. */
  readonly progress?: ((so: { readonly nodes: number; readonly relationships: number }) => void) | undefined;
}

/**
 * Claims the graph: other processes that served it write there no more. Identities, the journal's end and whether it is
 * on are those of the dump.
 * @throws GRAPH_NOT_EMPTY, FILE_DAMAGED, and what PostgreSQL raises; nothing is left of it then
 */
export async function loadGraph(
  store: Store,
  database: Database,
  pieces: AsyncIterable<Uint8Array>,
  options: LoadOptions = {},
): Promise<Loaded> {
  await claimGraph(store, database);
  const timeoutMs = LIMITS.snapshotLoadMsMax;
  const loaded = await database.inTransaction(
    async (transaction) => {
      const run = { transaction, signal: options.signal, timeoutMs };
      await database.run(LOCK_EPOCH, [], run);
      await database.run(LOCK_GRAPH, [], run);
      await assertEmpty(database, run);
      const load = new Load(database, run, options.progress);
      for await (const frame of readFrames(pieces)) await load.take(frame);
      return await load.end();
    },
    { signal: options.signal },
  );
  await database.inTransaction((transaction) => database.run(ANALYZE_GRAPH, [], { transaction, timeoutMs }));
  return loaded;
}

/** What a dump says of itself before its nodes come. */
export interface SnapshotPlace {
  readonly meta: SnapshotRecord;
  readonly facts: GraphFacts;
}

/** Reads no more of a dump than its beginning. @throws FILE_DAMAGED */
export async function readPlace(pieces: AsyncIterable<Uint8Array>): Promise<SnapshotPlace> {
  let meta: SnapshotRecord | undefined;
  for await (const { kind, body } of readFrames(pieces)) {
    if (kind === 'M') meta = decodeSnapshotMeta(body);
    else if (kind === 'G' && meta !== undefined) return { meta, facts: parsed(body) as GraphFacts };
    else break;
  }
  throw withoutFacts();
}

const withoutFacts = (): FacetError => new FacetError('FILE_DAMAGED', 'The dump does not say what it is of');

type InTransaction = RunOptions & { readonly transaction: Transaction };

/** Other processes that served the graph write there no more. */
export const claimGraph = (store: Store, database: Database): Promise<void> =>
  writerOf(store, database, 'exclusive').ready(database);

/** As `loadGraph` begins: the graph is claimed, and has to be empty. @throws GRAPH_NOT_EMPTY */
export async function assertEmptyGraph(
  store: Store,
  database: Database,
  { signal }: Pick<LoadOptions, 'signal'>,
): Promise<void> {
  await claimGraph(store, database);
  await database.inTransaction((transaction) => assertEmpty(database, { transaction, signal }), { signal });
}

/** @throws GRAPH_NOT_EMPTY naming what is there */
async function assertEmpty(database: Database, run: InTransaction): Promise<void> {
  const { rows } = await database.run(IS_EMPTY, [], run);
  const present = ['nodes', 'indexes or constraints', 'a journal'].filter((_, at) => rows[0]?.[at] !== 't');
  for (const table of DUMPED_TABLES) {
    if (CLEARED_TABLES.includes(table)) continue;
    const found = await database.run(tableIsEmpty(table), [], run);
    if (found.rows[0]?.[0] !== 't') present.push('declared tables');
  }
  const [first] = present;
  if (first === undefined) return;
  throw new FacetError(
    'GRAPH_NOT_EMPTY',
    `The graph of namespace '${database.namespace}' has ${first} already`,
  );
}

class Load {
  readonly #database: Database;
  readonly #run: InTransaction;
  readonly #progress: LoadOptions['progress'];
  #meta: SnapshotRecord | undefined = undefined;
  #facts: GraphFacts | undefined = undefined;
  #entries: readonly Omit<SchemaEntry, 'id'>[] = [];
  readonly #tables: string[] = [];
  #nodes = 0;
  #relationships = 0;

  constructor(database: Database, run: InTransaction, progress: LoadOptions['progress']) {
    this.#database = database;
    this.#run = run;
    this.#progress = progress;
  }

  async take({ kind, body }: Frame): Promise<void> {
    switch (kind) {
      case 'M':
        this.#meta = decodeSnapshotMeta(body);
        return;
      case 'G':
        this.#facts = parsed(body) as GraphFacts;
        return;
      case 'N': {
        this.#nodes += await this.#insert(LOAD_NODES, body);
        break;
      }
      case 'R': {
        this.#relationships += await this.#insert(LOAD_RELATIONSHIPS, body);
        break;
      }
      case 'S':
        this.#entries = (parsed(body) as readonly StoredEntry[]).map((entry) => ({
          ...entry,
          propertyType: entry.propertyType ?? undefined,
        }));
        return;
      case 'T':
        this.#tables.push(body.toString());
        return;
    }
    this.#progress?.({ nodes: this.#nodes, relationships: this.#relationships });
  }

  /** What depends on all that was loaded. The journal last: sequences are not rolled back. */
  async end(): Promise<Loaded> {
    const [meta, facts] = [this.#meta, this.#facts];
    if (meta === undefined || facts === undefined) throw withoutFacts();
    for (const table of this.#tables) await this.#loadTable(table);
    await createDefinitions(this.#database, this.#entries, this.#run);
    const given = (isGiven: boolean): string => (isGiven ? 't' : 'f');
    await this.#database.run(
      LOAD_IDENTITIES,
      [
        facts.nodeIdentity,
        given(facts.nodeIdentityGiven),
        facts.relationshipIdentity,
        given(facts.relationshipIdentityGiven),
      ],
      this.#run,
    );
    const { sequence, chainHash: hash } = meta;
    await seatJournal(this.#database, { sequence, hash, timestampMs: facts.journalAtMs }, this.#run);
    if (facts.journalOn) await this.#database.run(LOAD_JOURNAL_ON, [], this.#run);
    return {
      meta,
      namespace: facts.namespace,
      nodes: this.#nodes,
      relationships: this.#relationships,
      indexesAndConstraints: this.#entries.length,
    };
  }

  /** @returns how many there were */
  async #insert(statement: Statement, body: Buffer): Promise<number> {
    try {
      return (await this.#database.run(statement, [body.toString()], this.#run)).affected;
    } catch (thrown) {
      const { kind, message } = asFacetError(thrown);
      // That the bytes are not what was written shows only at the end of all of them.
      if (kind !== 'invalid' && kind !== 'exists' && kind !== 'state') throw thrown;
      throw new FacetError('FILE_DAMAGED', `The dump has a part that PostgreSQL does not take: ${message}`, {
        cause: thrown,
      });
    }
  }

  /** @param text a line with the name, and the rows as PostgreSQL has written them */
  async #loadTable(text: string): Promise<void> {
    const end = text.indexOf('\n');
    const [table, rows] = [text.slice(0, end), text.slice(end + 1)];
    if (!isDumpedTable(table)) {
      throw new FacetError(
        'FEATURE_NOT_SUPPORTED',
        `The dump has rows of ${table}, which this version has not`,
        {
          hint: 'It was written by a later version of Facet: load it with that one.',
        },
      );
    }
    if (CLEARED_TABLES.includes(table)) await this.#database.run(tableClear(table), [], this.#run);
    if (rows !== '[]') await this.#database.run(tableLoad(table), [rows], this.#run);
  }
}

type StoredEntry = Omit<SchemaEntry, 'id' | 'propertyType'> & { readonly propertyType: string | null };

/** @throws FILE_DAMAGED: the bytes are what was written, so it was written by something else */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new FacetError('FILE_DAMAGED', 'The dump has a part that is not JSON', { cause: error });
  }
}
