/**
 * Restore points of namespaces. One is a copy of the namespace's database, made while nobody is connected to it.
 *
 * Creating: [copy to facet-rpnew-x] [comment and rename to facet-rp-x, in one transaction]
 * Rolling back: [copy the restore point to facet-rpnew-y] [rename the namespace to facet-rpold-y and the copy to the
 * namespace, in one transaction] [drop the slots of the old one] [drop the old one]
 *
 * A crash between two of these leaves a namespace with the old content or the new one; what else it leaves has a name that
 * says so and is dropped before a namespace is opened again. Only the copy of the first and the renaming of the second
 * need the namespace to be paused.
 */
import { FacetError, nowMs } from '../../base/index.ts';
import { forgetBeside } from '../beside-data.ts';
import { command } from '../command.ts';
import type { Database } from '../contract.ts';
import type { MadeRestorePoint, RestorePoint, RestorePoints, RolledBack } from '../restore-point-contract.ts';
import type { ServerAccess } from '../server-access.ts';
import type { Session } from '../session.ts';
import { DEFAULT_NAMESPACE } from '../store-location.ts';
import {
  checkNew,
  checkRights,
  copyDatabase,
  dropDatabase,
  dropLeftovers,
  dropSlots,
  FIND_LEFTOVERS,
  finishPoint,
  listPoints,
  ownerOf,
  pointOf,
  swap,
} from './copies.ts';
import { databaseOfPoint, newPointId, noteText, type PointState } from './point-name.ts';
import { checkRoom } from './room.ts';
import { withWorkshop } from './workshop.ts';

/** How the store lets go of a namespace while its database is worked at. */
export type Pause = <T>(
  namespace: string,
  purpose: 'copy' | 'rollback',
  work: () => Promise<T>,
) => Promise<{ readonly result: T; readonly pausedMs: number }>;

export interface PointParts {
  readonly server: ServerAccess;
  /** @throws DATABASE_NOT_FOUND */
  readonly open: (namespace: string) => Promise<Database>;
  readonly pause: Pause;
}

export class StoreRestorePoints implements RestorePoints {
  readonly #parts: PointParts;
  /** Whether there may be something left behind. */
  #unsettled: boolean;
  /** One at a time in this process; the lock of the workshop is for several. */
  #turn: Promise<unknown> = Promise.resolve();
  #working = false;

  constructor(parts: PointParts) {
    this.#parts = parts;
    this.#unsettled = parts.server.embedded;
  }

  async create(namespace: string, name?: string): Promise<MadeRestorePoint> {
    const { pause } = this.#parts;
    const database = await this.#databaseOf(namespace);
    return this.#work(async (session) => {
      await checkRights(session, database);
      const id = newPointId();
      const note = { namespace, name: name ?? id, createdAtMs: nowMs() };
      checkNew(await this.#all(session), namespace, note.name);
      await checkRoom(session, this.#parts.server, database);
      const copy = this.#nameOf('rpnew', id);
      const owner = await ownerOf(session, database);
      // What is written now need not be written while everybody waits.
      await command(session, 'CHECKPOINT').catch(() => undefined);
      this.#unsettled = true;
      const { pausedMs } = await pause(namespace, 'copy', () =>
        copyDatabase(session, database, copy, { asPoint: true, owner }),
      );
      await finishPoint(session, copy, this.#nameOf('rp', id), noteText(note));
      this.#unsettled = false;
      const made = pointOf(await this.#all(session), namespace, id);
      return { ...made, pausedMs };
    });
  }

  async list(namespace: string): Promise<readonly RestorePoint[]> {
    return withWorkshop(this.#parts.server, async (session) =>
      (await this.#all(session)).filter((point) => point.namespace === namespace),
    );
  }

  async drop(namespace: string, asked: string): Promise<RestorePoint> {
    return this.#work(async (session) => {
      const point = pointOf(await this.#all(session), namespace, asked);
      await dropDatabase(session, this.#nameOf('rp', point.id));
      return point;
    });
  }

  async rollBack(namespace: string, asked: string): Promise<RolledBack> {
    const { pause, server } = this.#parts;
    const database = await this.#databaseOf(namespace);
    return this.#work(async (session) => {
      await checkRights(session, database);
      const point = pointOf(await this.#all(session), namespace, asked);
      const turn = newPointId();
      const copy = this.#nameOf('rpnew', turn);
      const old = this.#nameOf('rpold', turn);
      const owner = await ownerOf(session, database);
      const from = this.#nameOf('rp', point.id);
      await checkRoom(session, server, from);
      this.#unsettled = true;
      await copyDatabase(session, from, copy, { asPoint: false, owner });
      const { pausedMs } = await pause(namespace, 'rollback', async () => {
        // Nothing there is needed, and it is of the history that ends here.
        if (server.home !== undefined) await forgetBeside(server.home, database);
        await swap(session, database, copy, old);
        await dropSlots(session, old);
      });
      await dropDatabase(session, old);
      this.#unsettled = false;
      return { point, pausedMs };
    });
  }

  /** Before a namespace is opened: drops what work that was broken off has left behind. */
  async settle(): Promise<void> {
    // What is there while this process works is not left behind.
    if (!this.#unsettled || this.#working) return;
    await withWorkshop(this.#parts.server, (session) => dropLeftovers(session, this.#beginning));
    this.#unsettled = false;
  }

  /** On a server of others nobody looks for leftovers by a connection of its own. */
  async lookFor(database: Database): Promise<void> {
    const { rows } = await database.run(FIND_LEFTOVERS, [this.#beginning], { reads: true });
    if (rows.length === 0) return;
    this.#unsettled = true;
    await this.settle();
  }

  async #databaseOf(namespace: string): Promise<string> {
    const database = await this.#parts.open(namespace);
    if (database.changes.source === 'logical') return this.#parts.server.databaseOf(namespace);
    throw new FacetError(
      'RESTORE_POINT_UNSUPPORTED',
      'Changes of this store are noted by triggers: who follows them would not notice a rollback',
      {
        hint: "Give the role of the store URI the attribute REPLICATION, and the server wal_level = 'logical'.",
      },
    );
  }

  /** `work` in its turn, on a session to another database. */
  #work<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const result = this.#turn.then(() =>
      withWorkshop(this.#parts.server, async (session) => {
        this.#working = true;
        try {
          await dropLeftovers(session, this.#beginning);
          return await work(session);
        } catch (thrown) {
          if (!session.closed) await this.#cleanUp(session);
          throw thrown;
        } finally {
          this.#working = false;
        }
      }),
    );
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** What cannot be dropped now is dropped before a namespace is opened or the next work begins. */
  async #cleanUp(session: Session): Promise<void> {
    try {
      await dropLeftovers(session, this.#beginning);
      this.#unsettled = false;
    } catch {
      this.#unsettled = true;
    }
  }

  #all(session: Session): Promise<readonly RestorePoint[]> {
    return listPoints(session, this.#beginning);
  }

  #nameOf(state: PointState, id: string): string {
    return databaseOfPoint(this.#beginning, state, id);
  }

  /** The same whatever namespace the store was opened with. */
  get #beginning(): string {
    return this.#parts.server.databaseOf(DEFAULT_NAMESPACE);
  }
}
