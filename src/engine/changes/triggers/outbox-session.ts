/**
 * The statements of one reader of the outbox, on a session of its own: it is woken there, and holds the lock that says that
 * it sleeps.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Cell } from '../../cell.ts';
import type { Lsn } from '../../change-contract.ts';
import { command } from '../../command.ts';
import { query } from '../../query.ts';
import type { Session } from '../../session.ts';

/** The lock of readers that sleep, as cdc.outbox_stamp knows it. */
const SLEEP = '1667523329, 0';
const CHANNEL = 'facet_changes';

/** The notes and from where on they are there, both of one moment. */
const PAGE = `SELECT s.first, s.lost <> cdc.outbox_last('cdc.outbox_lost'), p.*
  FROM cdc.outbox_state s LEFT JOIN LATERAL cdc.outbox_page($1, $2, $3, $4, $5) AS p ON true`;

export interface OutboxPage {
  /** Transactions that committed before it are no longer there. */
  readonly first: Lsn;
  /** Changes were not noted as the outbox was full. */
  readonly lost: boolean;
  /** As cdc.outbox_page has them. */
  readonly rows: readonly (readonly Cell[])[];
}

export class OutboxSession {
  readonly #session: Session;
  /** Transactions may be prepared on this server: those notify nobody. */
  readonly neverSleeps: boolean;

  private constructor(session: Session, neverSleeps: boolean) {
    this.#session = session;
    this.neverSleeps = neverSleeps;
  }

  /** `woken` is called for each notification, `lost` when the connection is. Takes the session over, also when it fails. */
  static async open(session: Session, woken: () => void, lost: () => void): Promise<OutboxSession> {
    try {
      session.onNotification = woken;
      session.onClosed = lost;
      await command(session, `SET jit = off; LISTEN ${CHANNEL}`);
      const { rows } = await query(session, `SELECT current_setting('max_prepared_transactions') <> '0'`);
      return new OutboxSession(session, rows[0]?.[0] === 't');
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async horizon(): Promise<{ readonly horizon: Lsn; readonly committing: boolean }> {
    const rows = await this.#rows('SELECT horizon, committing FROM cdc.outbox_horizon()');
    const [horizon, committing] = rows[0] ?? [];
    return { horizon: BigInt(horizon ?? 0), committing: committing !== '0' };
  }

  async page(from: { readonly commit: Lsn; readonly change: Lsn }, to: Lsn): Promise<OutboxPage> {
    const bounds = [from.commit, from.change, to, LIMITS.changePageRowsMax, LIMITS.changePageBytesMax];
    const rows = await this.#rows(PAGE, bounds.map(String));
    const [first, lost] = rows[0] ?? [];
    if (first == null) throw new FacetError('CHANGES_UNAVAILABLE', 'The outbox is gone');
    const notes = rows.map((row) => row.slice(2)).filter(([commit]) => commit !== null);
    return { first: BigInt(first), lost: lost === 't', rows: notes };
  }

  /** False when somebody commits at this moment. */
  async sleep(): Promise<boolean> {
    const rows = await this.#rows(`SELECT pg_try_advisory_lock_shared(${SLEEP})`);
    return rows[0]?.[0] === 't';
  }

  async awake(): Promise<void> {
    await this.#rows(`SELECT pg_advisory_unlock_shared(${SLEEP})`);
  }

  close(): Promise<void> {
    this.#session.onClosed = undefined;
    this.#session.onNotification = undefined;
    return this.#session.close();
  }

  /** @throws UNAVAILABLE when there is no answer for too long: the connection may be dead */
  async #rows(text: string, parameters: readonly string[] = []): Promise<readonly (readonly Cell[])[]> {
    const late = setTimeout(() => {
      const detail = `No answer in ${LIMITS.changeSilenceMsMax} ms (changeSilenceMsMax)`;
      this.#session.abandon(new FacetError('UNAVAILABLE', detail));
    }, LIMITS.changeSilenceMsMax).unref();
    try {
      return (await query(this.#session, text, parameters)).rows;
    } finally {
      clearTimeout(late);
    }
  }
}
