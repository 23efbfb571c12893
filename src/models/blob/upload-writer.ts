/**
 * Stores the chunks of one upload, some statements at a time, and makes the artifact at the end or leaves garbage. No
 * transaction is open between two statements, however slow the client is: what keeps the chunks is the upload's row.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import type { ChunkBatch } from './chunk-batch.ts';
import { type Depot, depotOf } from './depot.ts';
import { INFO, UPLOAD_CHUNKS } from './statements.ts';

export class UploadWriter {
  readonly #context: OperationContext;
  readonly #depot: Depot;
  readonly #id: string;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly thrown: unknown } | undefined = undefined;

  private constructor(context: OperationContext, id: string) {
    this.#context = context;
    this.#depot = depotOf(context.database);
    this.#id = id;
  }

  static async begin(context: OperationContext, id: string): Promise<UploadWriter> {
    const writer = new UploadWriter(context, id);
    await writer.#depot.uploads.begin(id, context.signal);
    return writer;
  }

  /** Resolves when there is room for the next batch. @throws what an earlier one failed with */
  async write(batch: ChunkBatch): Promise<void> {
    const task = this.#store(batch)
      .catch((thrown: unknown) => {
        this.#failure ??= { thrown };
      })
      .finally(() => this.#underWay.delete(task));
    this.#underWay.add(task);
    while (this.#underWay.size >= LIMITS.blobWritesMax) await Promise.race(this.#underWay);
    this.#raise();
  }

  /** When the artifact was made. What has been written before is durable, then. */
  async finish(description: readonly (string | Uint8Array)[]): Promise<number> {
    await Promise.all(this.#underWay);
    this.#raise();
    let madeAtMs: number | undefined;
    try {
      madeAtMs = await this.#depot.uploads.finish(this.#id, description);
    } catch (thrown) {
      madeAtMs = await this.#madeAfterAll();
      if (madeAtMs === undefined) throw thrown;
    }
    if (madeAtMs === undefined) throw givenUp();
    return madeAtMs;
  }

  /** Nothing of it is left but garbage. */
  async abandon(): Promise<void> {
    await Promise.all(this.#underWay);
    await this.#depot.uploads.abandon(this.#id);
    this.#depot.freed(undefined);
  }

  /**
   * The connection was lost, and with it the answer to the last statement. Giving the upload up comes either before it,
   * which then makes nothing, or after it, when the artifact is there.
   */
  async #madeAfterAll(): Promise<number | undefined> {
    await this.abandon();
    try {
      const { rows } = await this.#context.database.run(INFO, [this.#id]);
      return rows[0] === undefined ? undefined : Number(rows[0][6]);
    } catch {
      return undefined;
    }
  }

  #raise(): void {
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }

  async #store(batch: ChunkBatch): Promise<void> {
    const { database, signal } = this.#context;
    const { rows } = await this.#depot.inTurn(signal, () =>
      database.inTransaction(
        (transaction) => {
          const parameters = [
            this.#id,
            String(LIMITS.blobLockMsMax),
            String(batch.firstOrdinal),
            ...batch.parameters(),
          ];
          return database.run(UPLOAD_CHUNKS, parameters, { transaction, signal });
        },
        { signal },
      ),
    );
    if (rows[0]?.[0] !== 't') throw givenUp();
  }
}

const givenUp = (): FacetError =>
  new FacetError('UNAVAILABLE', 'The upload was given up: its lease could not be renewed in time', {
    retryAfterSeconds: 1,
  });
