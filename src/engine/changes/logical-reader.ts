/**
 * Reads items from PostgreSQL by logical decoding, from a frontier on. On the slot itself while that is free and
 * wanted, otherwise on a temporary copy of it, which goes with the connection.
 */
import { asFacetError, FacetError, randomHex } from '../../base/index.ts';
import type { ChangeItem, Lsn } from '../change-contract.ts';
import { quoteLiteral } from '../identifiers.ts';
import { Assembler } from './assembler.ts';
import type { ChangeParts } from './change-parts.ts';
import type { ChangedTables } from './changed-tables.ts';
import type { Frontier } from './frontier.ts';
import { lsnText, parseLsn } from './lsn.ts';
import type { Relation } from './pgoutput.ts';
import { PUBLICATION } from './publication.ts';
import { ReplicationSession } from './replication-session.ts';

export interface ReaderSink {
  item(item: ChangeItem): void;
  /** Everything that committed before it has been delivered. */
  reached(lsn: Lsn): void;
  /**
   * Called once, unless it was closed. `behind`: the reason is a transaction that can never be had, and what commits
   * from there on can.
   */
  ended(reason: FacetError, behind?: Lsn): void;
}

/** One connection that reads. */
export interface Reading {
  /** It holds the slot itself, so that `confirm` moves what is kept for everybody. */
  readonly holdsSlot: boolean;
  confirm(lsn: Lsn): void;
  /** `reached` is to be called soon, with where PostgreSQL is then. */
  ask(): void;
  pause(): void;
  resume(): void;
  /** Nothing is called afterwards. */
  close(): Promise<void>;
}

export interface ReadOptions {
  readonly slot: string;
  readonly from: Frontier;
  /** Take the slot itself if nobody has it. */
  readonly wantsSlot: boolean;
  readonly sink: ReaderSink;
  /** Of one change. */
  readonly rowBytesMax: number;
}

/** What came while a table was looked up, with the position of each. */
type Held = { readonly bytes: Buffer; readonly lsn: Lsn } | { readonly reached: Lsn };

/** @throws LSN_NOT_AVAILABLE when the slot is gone or begins behind `from`, UNAVAILABLE, CHANGES_UNAVAILABLE */
export async function openReading(
  parts: ChangeParts,
  tables: ChangedTables,
  options: ReadOptions,
): Promise<Reading> {
  const session = new ReplicationSession(await parts.openPrivileged(true));
  try {
    const reader = new LogicalReader(session, tables, options);
    await reader.start();
    return reader;
  } catch (error) {
    await session.close();
    throw asChangesError(asFacetError(error));
  }
}

class LogicalReader implements Reading {
  holdsSlot = false;
  readonly #session: ReplicationSession;
  readonly #tables: ChangedTables;
  readonly #options: ReadOptions;
  readonly #assembler: Assembler;
  /** Set while a table is looked up: rows of it cannot be delivered before. */
  #held: Held[] | undefined = undefined;
  #paused = false;
  #closed = false;

  constructor(session: ReplicationSession, tables: ChangedTables, options: ReadOptions) {
    this.#session = session;
    this.#tables = tables;
    this.#options = options;
    this.#assembler = new Assembler(
      options.from,
      (item) => options.sink.item(item),
      (relation) => this.#announced(relation),
    );
  }

  async start(): Promise<void> {
    const { slot, wantsSlot } = this.#options;
    if (wantsSlot) {
      await this.#check(slot);
      try {
        await this.#stream(slot);
        this.holdsSlot = true;
        return;
      } catch (error) {
        // Another process reads from it.
        if (asFacetError(error).sqlState !== '55006') throw error;
      }
    }
    const copy = `${slot.slice(0, 50)}_${randomHex(6)}`;
    await this.#session.rows(
      `SELECT pg_copy_logical_replication_slot(${quoteLiteral(slot)}, ${quoteLiteral(copy)}, true)`,
    );
    await this.#check(copy);
    await this.#stream(copy);
  }

  confirm(lsn: Lsn): void {
    this.#session.confirm(lsn);
  }

  ask(): void {
    this.#session.ask();
  }

  pause(): void {
    this.#paused = true;
    this.#session.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#held === undefined) this.#session.resume();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#session.close();
  }

  /** PostgreSQL would silently begin later. */
  async #check(slot: string): Promise<void> {
    const rows = await this.#session.rows(
      `SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)}`,
    );
    const confirmed = rows[0]?.[0];
    if (confirmed == null) throw gone(this.#options.from.lsn, 'the slot is gone');
    if (parseLsn(confirmed, 'confirmed_flush_lsn') > this.#options.from.lsn) {
      throw gone(this.#options.from.lsn, `they are kept from ${confirmed} on`);
    }
  }

  #stream(slot: string): Promise<void> {
    return this.#session.start(slot, this.#options.from.lsn, PUBLICATION, {
      message: (bytes, from, lsn) => {
        if (this.#held === undefined) this.#message(bytes, from, lsn);
        else this.#held.push({ bytes: Buffer.from(bytes.subarray(from)), lsn });
      },
      reached: (lsn) => {
        if (this.#held === undefined) this.#reached(lsn);
        else this.#held.push({ reached: lsn });
      },
      ended: (reason) => this.#options.sink.ended(asChangesError(reason)),
    });
  }

  #reached(lsn: Lsn): void {
    if (this.#assembler.atRest) this.#options.sink.reached(lsn);
  }

  #announced(relation: Relation): void {
    this.#held = [];
    this.#session.pause();
    this.#tables.resolve(relation).then(
      (table) => {
        this.#assembler.enter(table);
        this.#release();
      },
      (error: unknown) => this.#fail(asFacetError(error)),
    );
  }

  /** Goes on with what was held, up to the next table. */
  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    try {
      for (let index = 0; index < held.length && !this.#closed; index++) {
        const entry = held[index];
        if (entry === undefined) continue;
        if ('reached' in entry) this.#reached(entry.reached);
        else this.#message(entry.bytes, 0, entry.lsn);
        if (this.#isHolding()) {
          this.#held = held.slice(index + 1);
          return;
        }
      }
    } catch (error) {
      this.#fail(asFacetError(error));
      return;
    }
    if (!this.#paused) this.#session.resume();
  }

  /** A call may have set it. */
  #isHolding(): boolean {
    return this.#held !== undefined;
  }

  #message(bytes: Buffer, from: number, lsn: Lsn): void {
    const { rowBytesMax } = this.#options;
    if (bytes.length - from <= rowBytesMax) this.#assembler.message(bytes, from, lsn);
    else this.#fail(tooLarge(rowBytesMax), this.#assembler.behind);
  }

  #fail(reason: FacetError, behind?: Lsn): void {
    if (this.#closed) return;
    void this.close();
    this.#options.sink.ended(reason, behind);
  }
}

/** What PostgreSQL says when it no longer has the log, or has given the slot up. */
const GONE_STATES = new Set(['58P01', '55000', '42704']);

function asChangesError(error: FacetError): FacetError {
  if (error.code === 'LSN_NOT_AVAILABLE' || !GONE_STATES.has(error.sqlState ?? '')) return error;
  return new FacetError('LSN_NOT_AVAILABLE', `The changes are no longer kept: ${error.message}`, {
    cause: error,
  });
}

/** @param bytesMax that one change may have */
export const tooLarge = (bytesMax: number): FacetError =>
  new FacetError(
    'LSN_NOT_AVAILABLE',
    `A change has more than ${bytesMax} bytes, which is the most that can be delivered (changeRowBytesMax)`,
    { hint: 'Read the table again, and follow from now on.' },
  );

const gone = (lsn: Lsn, why: string): FacetError =>
  new FacetError('LSN_NOT_AVAILABLE', `Changes from ${lsnText(lsn)} on are no longer kept: ${why}`);
