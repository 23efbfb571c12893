/**
 * The uploads that this process runs in one namespace. Each has a row with a lease, which says to the collectors of all
 * processes that its chunks are wanted; one timer renews all of them, whatever pace their clients have.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Database, type Subscription } from '../../engine/index.ts';
import { UPLOAD_ABANDON, UPLOAD_BEGIN, UPLOAD_FINISH, UPLOAD_RENEW } from './statements.ts';

export class RunningUploads {
  readonly #database: Database;
  /** What keeps the namespace open, by the id of the upload. */
  readonly #running = new Map<string, Subscription>();
  #places = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A place for an upload of this process; the caller gives it back. @throws LIMIT_EXCEEDED */
  enter(): () => void {
    if (this.#places >= LIMITS.blobUploadsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `${LIMITS.blobUploadsMax} uploads are under way (blobUploadsMax)`,
        { retryAfterSeconds: 1 },
      );
    }
    this.#places++;
    let held = true;
    return () => {
      if (held) this.#places--;
      held = false;
    };
  }

  /** From here on chunks can be stored for it. */
  async begin(id: string, signal: AbortSignal): Promise<void> {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    this.#running.set(id, this.#database.hold());
    this.#arm();
    try {
      await this.#database.run(UPLOAD_BEGIN, [id, String(LIMITS.blobUploadLeaseMs)], { signal });
    } catch (thrown) {
      // It may be there all the same.
      await this.abandon(id);
      throw thrown;
    }
  }

  /** The artifact is there from here on: the last statement of an upload. @returns when it was made; undefined when the upload was given up */
  async finish(id: string, described: readonly (string | Uint8Array)[]): Promise<number | undefined> {
    const { rows } = await this.#database.run(UPLOAD_FINISH, [id, ...described]);
    this.#end(id);
    return rows[0] === undefined ? undefined : Number(rows[0][0]);
  }

  /** What it has stored is garbage. When that cannot be said now, the end of its lease does. */
  async abandon(id: string): Promise<void> {
    this.#end(id);
    await this.#database.run(UPLOAD_ABANDON, [id]).catch(() => undefined);
  }

  stop(): void {
    this.#stopped = true;
    for (const id of [...this.#running.keys()]) this.#end(id);
  }

  #end(id: string): void {
    this.#running.get(id)?.close();
    this.#running.delete(id);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer ??= setInterval(() => {
      const ids = arrayLiteral([...this.#running.keys()]);
      // What fails is observed; an upload that has lost its lease learns of it from its next statement.
      this.#database.run(UPLOAD_RENEW, [ids, String(LIMITS.blobUploadLeaseMs)]).catch(() => undefined);
    }, LIMITS.blobUploadRenewMs).unref();
  }
}
