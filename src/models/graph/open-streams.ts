/**
 * Results of a transaction that are not read to their end. Several may be open at once, since each is a cursor of its own.
 * What would disturb them has their rest gathered first: a query that writes disturbs those that ask the graph again
 * later on, which would see what it wrote, and a command on the schema disturbs all, since PostgreSQL changes no table
 * that a cursor walks over.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { Node, Relationship, type Row, type Value, weightOf } from '../../cypher/index.ts';
import type { Transaction } from '../../engine/index.ts';
import type { QueryKind } from './plan-node.ts';

type Batch = readonly Row[];

/** By the very transaction that they read in: work behind a savepoint of it cannot wait for them. */
const OPEN = new WeakMap<Transaction, Set<OpenStream>>();

/** @throws RESULT_TOO_LARGE when more is left than may be gathered, and then nothing is lost of it */
export async function settleStreams(transaction: Transaction, kind: QueryKind): Promise<void> {
  if (kind === 'read') return;
  const open = OPEN.get(transaction);
  if (open === undefined) return;
  for (const stream of [...open]) if (kind === 'schema' || stream.asksAgain) await stream.gatherRest();
}

export class OpenStream implements AsyncIterable<Batch> {
  readonly asksAgain: boolean;
  readonly #source: AsyncGenerator<Batch>;
  readonly #siblings: Set<OpenStream>;
  readonly #gathered: { readonly batch: Batch; readonly bytes: number }[] = [];
  #rows = 0;
  #bytes = 0;
  #ended = false;
  #failure: { readonly thrown: unknown } | undefined = undefined;
  /** One at a time goes on to read. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param asksAgain it may ask the graph more than once */
  constructor(transaction: Transaction, source: AsyncGenerator<Batch>, asksAgain: boolean) {
    this.#source = source;
    this.asksAgain = asksAgain;
    this.#siblings = OPEN.get(transaction) ?? new Set();
    OPEN.set(transaction, this.#siblings);
    this.#siblings.add(this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    try {
      for (;;) {
        const batch = await this.#inTurn(() => this.#next());
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      await this.#inTurn(() => this.#leave());
    }
  }

  /** What fails is told to whoever reads. @throws RESULT_TOO_LARGE */
  gatherRest(): Promise<void> {
    return this.#inTurn(async () => {
      while (!this.#ended) {
        const batch = await this.#pull();
        if (batch === undefined) return;
        const bytes = batch.reduce((sum, row) => sum + row.reduce<number>(addWeight, 0), 0);
        this.#gathered.push({ batch, bytes });
        this.#rows += batch.length;
        this.#bytes += bytes;
        const { resultRowsMax, resultBytesMax } = LIMITS;
        if (this.#rows > resultRowsMax) throw tooMuchLeft(`${resultRowsMax} rows (resultRowsMax)`);
        if (this.#bytes > resultBytesMax) throw tooMuchLeft(`${resultBytesMax} bytes (resultBytesMax)`);
      }
    });
  }

  async #next(): Promise<Batch | undefined> {
    const first = this.#gathered.shift();
    if (first !== undefined) {
      this.#rows -= first.batch.length;
      this.#bytes -= first.bytes;
      return first.batch;
    }
    const pulled = this.#ended ? undefined : await this.#pull();
    if (this.#failure !== undefined) throw this.#failure.thrown;
    return pulled;
  }

  async #pull(): Promise<Batch | undefined> {
    try {
      const { done, value } = await this.#source.next();
      if (done !== true) return value;
    } catch (thrown) {
      this.#failure = { thrown };
    }
    this.#ended = true;
    this.#siblings.delete(this);
    return undefined;
  }

  async #leave(): Promise<void> {
    this.#gathered.length = 0;
    this.#ended = true;
    this.#siblings.delete(this);
    await this.#source.return(undefined);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** Entities hold their properties, which `weightOf` leaves out. */
const addWeight = (sum: number, value: Value): number =>
  sum +
  weightOf(value) +
  (value instanceof Node || value instanceof Relationship ? weightOf(value.properties) : 0);

const tooMuchLeft = (bound: string): FacetError =>
  new FacetError('RESULT_TOO_LARGE', `An open result of the transaction has more than ${bound} left`, {
    hint: 'Read it to its end, or close it, before this query.',
  });
