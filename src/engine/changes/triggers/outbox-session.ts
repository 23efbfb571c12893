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

/** Stands for the kind of a change that has more bytes than can be delivered, in place of its rows. */
export const TOO_LARGE = '>';

/** The notes and from where on they are there, both of one moment. */
const PAGE = `SELECT s.first, s.lost <> cdc.outbox_last('cdc.outbox_lost'),
    p.commit_position, p.xid, p.committed_ms, p.position, p.table_oid, CASE WHEN fits THEN p.kind ELSE '${TOO_LARGE}' END,
    CASE WHEN fits THEN p.new_row END, CASE WHEN fits THEN p.old_row END
  FROM cdc.outbox_state s LEFT JOIN LATERAL cdc.outbox_page($1, $2, $3, $4, $5) AS p ON true
  CROSS JOIN LATERAL (SELECT coalesce(octet_length(p.new_row)::bigint, 0) + coalesce(octet_length(p.old_row), 0) <= $6) AS c (fits)`;

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
  readonly #rowBytesMax: number;
  /** Transactions may be prepared on this server: those notify nobody. */
  readonly neverSleeps: boolean;

  private constructor(session: Session, rowBytesMax: number, neverSleeps: boolean) {
    this.#session = session;
    this.#rowBytesMax = rowBytesMax;
    this.neverSleeps = neverSleeps;
  }

  /**
   * `woken` is called for each notification, and when the connection is lost. Takes the session over, also when it fails.
   * @param rowBytesMax of one change
   */
  static async open(session: Session, rowBytesMax: number, woken: () => void): Promise<OutboxSession> {
    try {
      session.onNotification = woken;
      session.onClosed = woken;
      await command(session, `SET jit = off; LISTEN ${CHANNEL}`);
      const { rows } = await query(session, `SELECT current_setting('max_prepared_transactions') <> '0'`);
      return new OutboxSession(session, rowBytesMax, rows[0]?.[0] === 't');
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
    const { changePageRowsMax, changePageBytesMax, resultBytesMax } = LIMITS;
    const bounds = [from.commit, from.change, to, changePageRowsMax, changePageBytesMax, this.#rowBytesMax];
    // A page is as large as its last row, and what comes before that and beside the rows is little.
    const rows = await this.#rows(PAGE, bounds.map(String), resultBytesMax + this.#rowBytesMax);
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
  async #rows(
    text: string,
    parameters: readonly string[] = [],
    bytesMax: number = LIMITS.resultBytesMax,
  ): Promise<readonly (readonly Cell[])[]> {
    const late = setTimeout(() => {
      const detail = `No answer in ${LIMITS.changeSilenceMsMax} ms (changeSilenceMsMax)`;
      this.#session.abandon(new FacetError('UNAVAILABLE', detail));
    }, LIMITS.changeSilenceMsMax).unref();
    try {
      return (await query(this.#session, text, parameters, bytesMax)).rows;
    } finally {
      clearTimeout(late);
    }
  }
}
