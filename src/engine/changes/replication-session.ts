/**
 * One replication connection: SQL by the simple protocol, and then the stream of a slot, with what both sides tell each
 * other to stay connected (PostgreSQL documentation, Streaming Replication Protocol). It does not look into messages.
 *
 * PostgreSQL says how far it has read whenever it has nothing more to send and the position that we report as written is
 * behind that. So reporting little and seldom is what makes the position move by itself after each commit.
 */
import { FacetError, LIMITS, monotonicMs, nowMs } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { Lsn } from '../change-contract.ts';
import { Exchange, type ExchangeHost, type ServerError } from '../exchange.ts';
import { quoteIdentifier, quoteLiteral } from '../identifiers.ts';
import { fromServerError } from '../pg-errors.ts';
import type { Session } from '../session.ts';
import { lsnText } from './lsn.ts';

export interface StreamHandler {
  /**
   * A message of the output plugin that begins at `from` and fills the rest of `bytes`, valid during the call. `lsn` is
   * that of the change. What it throws ends the stream.
   */
  message(bytes: Buffer, from: number, lsn: Lsn): void;
  /** PostgreSQL has read to there, and sent everything before it. */
  reached(lsn: Lsn): void;
  /** Called once, unless it was closed here. */
  ended(reason: FacetError): void;
}

/** Between PostgreSQL's epoch and that of Unix, in milliseconds. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const DATA_HEADER_BYTES = 25;
const STATUS_BYTES = 34;

export class ReplicationSession {
  readonly #session: Session;
  #handler: StreamHandler | undefined = undefined;
  #confirmed: Lsn = 0n;
  #beat: NodeJS.Timeout | undefined = undefined;
  #heardMs = 0;
  #paused = false;
  #asked = false;
  #closed = false;

  /** A session that was opened for replication. */
  constructor(session: Session) {
    this.#session = session;
  }

  get processId(): number {
    return this.#session.processId;
  }

  /** Rows of one statement of ours. @throws what PostgreSQL says */
  rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    return new Promise((resolve, reject) => {
      this.#session.start(new SimpleQuery(sql, resolve, reject));
    });
  }

  /**
   * Streams transactions that committed at or after `from`. Resolves when PostgreSQL has begun.
   * @throws what PostgreSQL says to the slot or the publication
   */
  start(slot: string, from: Lsn, publication: string, handler: StreamHandler): Promise<void> {
    const names = quoteLiteral(quoteIdentifier(publication)).trim();
    const sql =
      `START_REPLICATION SLOT ${quoteIdentifier(slot)} LOGICAL ${lsnText(from)} ` +
      `(proto_version '1', publication_names ${names})`;
    this.#handler = handler;
    this.#session.onCopyData = this.#received;
    return new Promise((resolve, reject) => {
      let begun = false;
      const started = (): void => {
        begun = true;
        this.#heardMs = monotonicMs();
        this.#beat = setInterval(() => this.#beatOnce(), LIMITS.changeStatusMs).unref();
        resolve();
      };
      this.#session.start(
        new StartReplication(sql, started, (reason) => {
          if (begun) this.#end(reason);
          else reject(reason);
        }),
      );
    });
  }

  /** PostgreSQL need not keep what lies before `lsn` for this slot any more. It is told at once. */
  confirm(lsn: Lsn): void {
    if (lsn <= this.#confirmed) return;
    this.#confirmed = lsn;
    this.#report(false);
  }

  /** PostgreSQL is to say how far it has read. One question at a time. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#report(true);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#session.pauseReading();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#heardMs = monotonicMs();
    this.#session.resumeReading();
  }

  /** Ends the stream and the connection; nothing is called afterwards. PostgreSQL has let the slot go when it resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#handler = undefined;
    clearInterval(this.#beat);
    this.#session.onCopyData = undefined;
    // What is still on its way must be taken, or the end of the connection would not be seen behind it.
    this.#session.resumeReading();
    await this.#session.close();
  }

  readonly #received = (chunk: Buffer): void => {
    const handler = this.#handler;
    if (handler === undefined) return;
    this.#heardMs = monotonicMs();
    try {
      if (chunk[0] === 0x77 && chunk.length > DATA_HEADER_BYTES) {
        handler.message(chunk, DATA_HEADER_BYTES, chunk.readBigInt64BE(1));
      } else if (chunk[0] === 0x6b && chunk.length === 18) {
        this.#asked = false;
        handler.reached(chunk.readBigInt64BE(1));
        if (chunk[17] === 1) this.#report(false);
      } else {
        throw new FacetError('CHANGES_UNAVAILABLE', 'PostgreSQL sent something that is no part of a stream');
      }
    } catch (error) {
      this.#fail(
        error instanceof FacetError
          ? error
          : new FacetError('INTERNAL_ERROR', 'A change could not be taken', { cause: error }),
      );
    }
  };

  #beatOnce(): void {
    if (!this.#paused && monotonicMs() - this.#heardMs > LIMITS.changeSilenceMsMax) {
      const message = `PostgreSQL has sent nothing for ${LIMITS.changeSilenceMsMax} ms (changeSilenceMsMax)`;
      this.#fail(new FacetError('UNAVAILABLE', message));
    } else {
      this.#report(true);
    }
  }

  /** Standby status update: written, flushed, applied, clock, and whether an answer is wanted. */
  #report(answer: boolean): void {
    const status = Buffer.allocUnsafe(STATUS_BYTES);
    status[0] = 0x72;
    status.writeBigInt64BE(this.#confirmed, 1);
    status.writeBigInt64BE(this.#confirmed, 9);
    status.writeBigInt64BE(this.#confirmed, 17);
    status.writeBigInt64BE(BigInt(nowMs() - EPOCH_MS) * 1_000n, 25);
    status[33] = answer ? 1 : 0;
    this.#session.writer.copyData(status);
    this.#session.flushSoon();
  }

  #fail(reason: FacetError): void {
    this.#end(reason);
    this.#session.abandon(reason);
  }

  #end(reason: FacetError): void {
    clearInterval(this.#beat);
    const handler = this.#handler;
    this.#handler = undefined;
    if (!this.#closed) handler?.ended(reason);
  }
}

const asUnavailable = (reason: Error): FacetError =>
  reason instanceof FacetError ? reason : new FacetError('UNAVAILABLE', reason.message);

class SimpleQuery extends Exchange {
  readonly #sql: string;
  readonly #resolve: (rows: readonly (readonly Cell[])[]) => void;
  readonly #reject: (error: FacetError) => void;
  readonly #rows: Cell[][] = [];
  #error: ServerError | undefined = undefined;

  constructor(
    sql: string,
    resolve: (rows: readonly (readonly Cell[])[]) => void,
    reject: (error: FacetError) => void,
  ) {
    super();
    this.#sql = sql;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  send(host: ExchangeHost): void {
    host.writer.query(this.#sql);
  }

  override onRow(fields: Cell[]): void {
    this.#rows.push(fields);
  }

  override onError(error: ServerError): void {
    this.#error ??= error;
  }

  onReady(): void {
    if (this.#error === undefined) this.#resolve(this.#rows);
    else this.#reject(fromServerError(this.#error));
  }

  onLost(reason: Error): void {
    this.#reject(asUnavailable(reason));
  }
}

/** Lasts as long as the stream. */
class StartReplication extends Exchange {
  readonly #sql: string;
  readonly #started: () => void;
  readonly #ended: (reason: FacetError) => void;
  #error: ServerError | undefined = undefined;

  constructor(sql: string, started: () => void, ended: (reason: FacetError) => void) {
    super();
    this.#sql = sql;
    this.#started = started;
    this.#ended = ended;
  }

  send(host: ExchangeHost): void {
    host.writer.query(this.#sql);
  }

  override onCopyBoth(): void {
    this.#started();
  }

  override onError(error: ServerError): void {
    this.#error ??= error;
  }

  onReady(): void {
    this.#ended(
      this.#error === undefined
        ? new FacetError('UNAVAILABLE', 'PostgreSQL has ended the stream of changes')
        : fromServerError(this.#error),
    );
  }

  onLost(reason: Error): void {
    this.#ended(asUnavailable(reason));
  }
}
