/**
 * One statement through the extended protocol, its rows gathered in memory as the texts that PostgreSQL sent:
 * Parse (unless prepared before), Bind, Describe, Execute and Sync leave in one chunk. Streams are in stream.ts.
 *
 * Success is reported at ReadyForQuery and not before: deferred constraints and serialization failures come
 * between the last row and it.
 */
import { AnswerHold, asFacetError, FacetError, LIMITS } from '../base/index.ts';
import type { Column, OwnParameter, ResultSet } from './contract.ts';
import {
  Exchange,
  type ExchangeHost,
  type PreparedName,
  type ServerError,
  type ServerField,
  type TransactionStatus,
} from './exchange.ts';
import { type CancelReason, fromServerError, isStalePlan } from './pg-errors.ts';

export interface PortalRequest {
  readonly text: string;
  readonly parameters: readonly OwnParameter[];
  /** Prepare under a name, to be found again. Only for statements whose columns cannot change by themselves. */
  readonly named: boolean;
  readonly rowsMax: number;
  readonly bytesMax: number;
  /**
   * What to do when the result is too large. `discard`: read on without keeping, since the session serves others or is
   * in a transaction. `abandon`: give up the connection, so that PostgreSQL stops at once. `undo`: like `abandon`, and
   * hold back the Sync until the whole result has arrived, so that what the statement wrote is not committed.
   */
  readonly overflow: 'discard' | 'abandon' | 'undo';
}

/** What the text of a cell takes beside its bytes. */
const CELL_BYTES = 24;
/** As `CELL_BYTES`, of a row. */
const ROW_BYTES = 40;
/** Counted ahead, so that most rows cost one comparison. */
const HELD_AHEAD = LIMITS.resultBytesSmall;

type Settled = (outcome: ResultSet | FacetError) => void;

export class Portal extends Exchange {
  /** Set by whoever asks PostgreSQL to cancel it. */
  cancelledBy: CancelReason | undefined = undefined;
  /** True when the statement failed because its prepared form was outdated: running it again, unnamed, is right. */
  stale = false;

  readonly #request: PortalRequest;
  readonly #settled: Settled;
  #entry: PreparedName | undefined = undefined;
  #fields: readonly ServerField[] | undefined = undefined;
  #rows: (string | null)[][] = [];
  #bytes = 0;
  /** In memory, about. */
  #heldBytes = 0;
  #heldBytesNext = LIMITS.resultBytesSmall;
  #hold: AnswerHold | undefined = undefined;
  #tag = '';
  #error: ServerError | undefined = undefined;
  #refusal: FacetError | undefined = undefined;
  #synced = false;
  #retried = false;

  /** `settled` is called once. */
  constructor(request: PortalRequest, settled: Settled) {
    super();
    this.#request = request;
    this.#settled = (outcome) => {
      this.#hold?.release();
      settled(outcome);
    };
  }

  send(host: ExchangeHost): void {
    const { writer } = host;
    const { text, parameters, rowsMax, overflow } = this.#request;
    let name = '';
    let described = false;
    if (this.#request.named && !this.#retried) {
      const entry = host.statements.take(text, writer);
      this.#entry = entry;
      name = entry.name;
      if (!entry.sent) {
        writer.parse(name, text);
        entry.sent = true;
      }
      described = entry.fields !== undefined;
    } else {
      writer.parse('', text);
    }
    writer.bind(name, parameters);
    if (!described) writer.describePortal();
    // One row more than allowed tells a full result from one that is too large.
    writer.execute(rowsMax + 1);
    if (overflow === 'undo') {
      writer.flush();
    } else {
      this.#synced = true;
      writer.sync();
    }
  }

  override onParsed(): void {
    if (this.#entry !== undefined) this.#entry.parsed = true;
  }

  override onFields(fields: readonly ServerField[]): void {
    this.#fields = fields;
    if (this.#entry !== undefined) this.#entry.fields = fields;
  }

  override onNoData(): void {
    this.onFields([]);
  }

  override onRow(fields: (string | null)[], bytes: number, host: ExchangeHost): void {
    if (this.#refusal !== undefined) return;
    this.#bytes += bytes;
    if (this.#rows.length === this.#request.rowsMax) {
      this.#tooLarge(`${this.#request.rowsMax} rows (resultRowsMax)`, host);
    } else if (this.#bytes > this.#request.bytesMax) {
      this.#tooLarge(`${this.#request.bytesMax} bytes (resultBytesMax)`, host);
    } else {
      this.#rows.push(fields);
      this.#heldBytes += bytes + ROW_BYTES + CELL_BYTES * fields.length;
      if (this.#heldBytes > this.#heldBytesNext) this.#holdMore(host);
    }
  }

  override onComplete(tag: string, host: ExchangeHost): void {
    this.#tag = tag;
    this.#sync(host);
  }

  override onEmpty(host: ExchangeHost): void {
    this.#sync(host);
  }

  /** The rows that were not fetched vanish with the portal. The refusal was made when the last row came. */
  override onSuspended(host: ExchangeHost): void {
    this.#sync(host);
  }

  override onCopyIn(host: ExchangeHost): void {
    this.#refuseCopy();
    host.writer.copyFail('COPY is not offered here');
    // PostgreSQL has swallowed the Sync that was sent with the statement: it skips Sync while it waits for data.
    this.#synced = false;
    this.#sync(host);
  }

  override onCopyOut(host: ExchangeHost): void {
    this.#refuseCopy();
    if (this.#request.overflow !== 'discard' && this.#refusal !== undefined) host.abandon(this.#refusal);
  }

  override onError(error: ServerError, host: ExchangeHost): void {
    this.#error ??= error;
    this.#sync(host);
  }

  onReady(status: TransactionStatus, host: ExchangeHost): void {
    const entry = this.#entry;
    if (this.#error !== undefined) {
      if (entry !== undefined && (!entry.parsed || isStalePlan(this.#error))) {
        host.statements.forget(entry, host.writer);
        host.flushSoon();
      }
      this.stale = entry !== undefined && isStalePlan(this.#error);
      if (this.stale && status === 'I') {
        this.#retry(host);
        return;
      }
      this.#settled(this.#refusal ?? this.#failure(this.#error));
      return;
    }
    if (this.#refusal !== undefined) {
      this.#settled(this.#refusal);
      return;
    }
    this.#settled(resultSet(this.#tag, this.#fields ?? entry?.fields ?? [], this.#rows));
  }

  onLost(reason: Error): void {
    if (this.#refusal !== undefined) this.#settled(this.#refusal);
    else if (this.#error !== undefined) this.#settled(this.#failure(this.#error));
    else this.#settled(reason instanceof FacetError ? reason : new FacetError('UNAVAILABLE', reason.message));
  }

  /** Nothing was done, so the same statement goes out once more without a name. */
  #retry(host: ExchangeHost): void {
    this.#retried = true;
    this.#entry = undefined;
    this.#fields = undefined;
    this.#error = undefined;
    this.#synced = false;
    this.stale = false;
    host.start(this);
  }

  #failure(error: ServerError): FacetError {
    if (!this.stale) return fromServerError(error, this.cancelledBy);
    return new FacetError('TRANSACTION_CONFLICT', 'A table changed its columns during the transaction', {
      sqlState: error.code,
    });
  }

  #sync(host: ExchangeHost): void {
    if (this.#synced) return;
    this.#synced = true;
    host.writer.sync();
    host.flushSoon();
  }

  /** Others may hold too much: then this result is not to be had now. */
  #holdMore(host: ExchangeHost): void {
    this.#hold ??= new AnswerHold();
    try {
      this.#hold.take(this.#heldBytes - this.#heldBytesNext + HELD_AHEAD);
      this.#heldBytesNext = this.#heldBytes + HELD_AHEAD;
    } catch (thrown) {
      this.#giveUp(asFacetError(thrown), host);
    }
  }

  #tooLarge(bound: string, host: ExchangeHost): void {
    const error = new FacetError('RESULT_TOO_LARGE', `The result has more than ${bound}`, {
      hint: 'Ask for less with LIMIT, or stream the result.',
    });
    this.#giveUp(error, host);
  }

  #giveUp(error: FacetError, host: ExchangeHost): void {
    this.#rows = [];
    this.#hold?.release();
    this.#refusal = error;
    if (this.#request.overflow !== 'discard') host.abandon(this.#refusal);
  }

  #refuseCopy(): void {
    this.#refusal = new FacetError('FEATURE_NOT_SUPPORTED', 'COPY from or to the client is not offered here');
  }
}

/** From a command tag such as `INSERT 0 3`, `SELECT 2`, `CREATE TABLE`. An empty statement has none. */
function resultSet(
  tag: string,
  fields: readonly ServerField[],
  rows: readonly (readonly (string | null)[])[],
): ResultSet {
  const firstSpace = tag.indexOf(' ');
  return {
    command: firstSpace === -1 ? tag : tag.slice(0, firstSpace),
    columns: columnsOf(fields),
    rows,
    affected: affectedBy(tag),
  };
}

/** The count at the end of a command tag; 0 when it has none. */
export function affectedBy(tag: string): number {
  const last = tag.charCodeAt(tag.length - 1);
  return last >= 0x30 && last <= 0x39 ? Number(tag.slice(tag.lastIndexOf(' ') + 1)) : 0;
}

const described = new WeakMap<readonly ServerField[], readonly Column[]>();

/** Prepared statements keep their fields, so that their columns are made once. */
export function columnsOf(fields: readonly ServerField[]): readonly Column[] {
  const known = described.get(fields);
  if (known !== undefined) return known;
  const columns = fields.map((field) => ({
    name: field.name,
    typeOid: field.dataTypeID,
    typeModifier: field.dataTypeModifier,
  }));
  described.set(fields, columns);
  return columns;
}
