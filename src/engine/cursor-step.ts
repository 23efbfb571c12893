/**
 * The exchanges of a cursor in a transaction: a portal with a name, of which each step fetches some rows. Each step is
 * answered to its end (Sync), so that other statements may run on the session between two steps; a portal with a name
 * outlives that as long as its transaction.
 */
import { FacetError } from '../base/index.ts';
import type { OwnParameter } from './contract.ts';
import {
  Exchange,
  type ExchangeHost,
  type PreparedName,
  type ServerError,
  type TransactionStatus,
} from './exchange.ts';
import { type CancelReason, fromServerError, isStalePlan } from './pg-errors.ts';

export interface StepRequest {
  readonly portal: string;
  readonly rowsMax: number;
  /** Of the first step: what the portal is for. */
  readonly opens?: { readonly text: string; readonly parameters: readonly OwnParameter[] } | undefined;
}

export interface Step {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly bytes: number;
  /** There are no more. */
  readonly isLast: boolean;
}

type Settled = (outcome: Step | FacetError) => void;

export class CursorStep extends Exchange {
  /** Set by whoever asks PostgreSQL to cancel it. */
  cancelledBy: CancelReason | undefined = undefined;
  readonly #request: StepRequest;
  readonly #settled: Settled;
  readonly #rows: (string | null)[][] = [];
  #bytes = 0;
  #isLast = false;
  #entry: PreparedName | undefined = undefined;
  #error: ServerError | undefined = undefined;

  /** `settled` is called once. */
  constructor(request: StepRequest, settled: Settled) {
    super();
    this.#request = request;
    this.#settled = settled;
  }

  send({ writer, statements }: ExchangeHost): void {
    const { portal, rowsMax, opens } = this.#request;
    if (opens !== undefined) {
      const entry = statements.take(opens.text, writer);
      this.#entry = entry;
      if (!entry.sent) {
        writer.parse(entry.name, opens.text);
        entry.sent = true;
      }
      writer.bind(entry.name, opens.parameters, portal);
    }
    writer.execute(rowsMax, portal);
    writer.sync();
  }

  override onParsed(): void {
    if (this.#entry !== undefined) this.#entry.parsed = true;
  }

  override onRow(fields: (string | null)[], bytes: number): void {
    this.#bytes += bytes;
    this.#rows.push(fields);
  }

  override onComplete(): void {
    this.#isLast = true;
  }

  override onError(error: ServerError): void {
    this.#error ??= error;
  }

  onReady(_status: TransactionStatus, host: ExchangeHost): void {
    const error = this.#error;
    if (error === undefined) {
      this.#settled({ rows: this.#rows, bytes: this.#bytes, isLast: this.#isLast });
      return;
    }
    const isStale = this.#entry !== undefined && isStalePlan(error);
    if (this.#entry !== undefined && (isStale || !this.#entry.parsed)) {
      host.statements.forget(this.#entry, host.writer);
      host.flushSoon();
    }
    this.#settled(
      isStale
        ? new FacetError('TRANSACTION_CONFLICT', 'A table changed its columns during the transaction', {
            sqlState: error.code,
          })
        : fromServerError(error, this.cancelledBy),
    );
  }

  onLost(reason: Error): void {
    this.#settled(reason instanceof FacetError ? reason : new FacetError('UNAVAILABLE', reason.message));
  }
}

/** Closes the portal; nobody waits for it, and one that is gone already is no error. */
export class CloseCursor extends Exchange {
  readonly #portal: string;
  readonly #done: () => void;

  constructor(portal: string, done: () => void) {
    super();
    this.#portal = portal;
    this.#done = done;
  }

  send({ writer }: ExchangeHost): void {
    writer.closePortal(this.#portal);
    writer.sync();
  }

  onReady(): void {
    this.#done();
  }

  onLost(): void {
    this.#done();
  }
}
