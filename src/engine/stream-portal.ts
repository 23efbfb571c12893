/**
 * One statement through the extended protocol whose rows are fetched in steps: Execute with a row count and Flush, again
 * and again, and Sync only at the end. Between the steps the portal is suspended and PostgreSQL waits.
 *
 * States: *fetching* (an Execute is on its way), *suspended* (its rows are here, more may follow), *ending* (Sync was
 * sent), *ended* (ReadyForQuery came or the connection broke). The last rows are handed over only when ended, because
 * a commit may still fail after them.
 */
import { FacetError, LIMITS } from '../base/index.ts';
import type { Cell, Column, Parameter } from './contract.ts';
import {
  Exchange,
  type ExchangeHost,
  type ServerError,
  type ServerField,
  type TransactionStatus,
} from './exchange.ts';
import { type CancelReason, cancelled, fromServerError } from './pg-errors.ts';
import { affectedBy, columnsOf } from './portal.ts';

type Batch = readonly (readonly Cell[])[];

/** A step is sized so that it brings about this much, however wide the rows are. */
const STEP_BYTES = 512 * 1024;
const FIRST_STEP_ROWS = 64;

export interface StreamRequest {
  readonly text: string;
  readonly parameters: readonly Parameter[];
  /** Fetch the next step while the consumer works on the last one. */
  readonly readAhead: boolean;
  /** Ending early must undo the statement, so the connection is given up instead of synced. */
  readonly undoWhenLeft: boolean;
  readonly onColumns: (columns: readonly Column[]) => void;
  /** Called at each step: true when PostgreSQL is at work, false when it waits for the consumer. */
  readonly onStep: (working: boolean) => void;
}

export class StreamPortal extends Exchange {
  cancelledBy: CancelReason | undefined = undefined;
  /** Rows changed, by the command tag. */
  affected = 0;
  command = '';
  /** Resolves when the exchange is over, with its error if it has one. */
  readonly ended: Promise<FacetError | undefined>;

  readonly #request: StreamRequest;
  readonly #host: ExchangeHost;
  #state: 'fetching' | 'suspended' | 'ending' | 'ended' = 'fetching';
  #rows: (string | null)[][] = [];
  /** Rows of the steps before the last, whose tag counts its own alone. */
  #earlierRows = 0;
  #stepRows = FIRST_STEP_ROWS;
  #stepBytes = 0;
  #error: FacetError | undefined = undefined;
  #pull: { resolve(batch: Batch | undefined): void; reject(error: FacetError): void } | undefined = undefined;
  #end: (error: FacetError | undefined) => void = () => {};

  constructor(request: StreamRequest, host: ExchangeHost) {
    super();
    this.#request = request;
    this.#host = host;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get fetching(): boolean {
    return this.#state === 'fetching';
  }

  /** The next rows; undefined after the last. One call at a time. */
  pull(): Promise<Batch | undefined> {
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
      if (this.#state === 'suspended' && this.#rows.length === 0) this.#fetch();
      else this.#deliver();
    });
  }

  /** Ends the stream before its end, with `reason` for a consumer that still pulls. While fetching, cancel instead. */
  leave(reason: FacetError | undefined): void {
    if (this.#state !== 'suspended') return;
    this.#error ??= reason;
    this.#rows = [];
    if (this.#request.undoWhenLeft) {
      this.#host.abandon(reason ?? new FacetError('QUERY_CANCELLED', 'The stream was left before its end'));
      return;
    }
    this.#host.writer.closePortal();
    this.#sync();
  }

  send(host: ExchangeHost): void {
    host.writer.parse('', this.#request.text);
    host.writer.bind('', this.#request.parameters);
    host.writer.describePortal();
    host.writer.execute(this.#stepRows);
    host.writer.flush();
  }

  override onFields(fields: readonly ServerField[]): void {
    this.#request.onColumns(columnsOf(fields));
  }

  override onNoData(): void {
    this.#request.onColumns([]);
  }

  override onRow(fields: (string | null)[], bytes: number): void {
    this.#stepBytes += bytes;
    this.#rows.push(fields);
  }

  override onSuspended(): void {
    const bytesPerRow = Math.max(1, this.#stepBytes / this.#stepRows);
    this.#stepRows = Math.min(LIMITS.streamRowsPerFetch, Math.max(1, Math.floor(STEP_BYTES / bytesPerRow)));
    this.#earlierRows += this.#rows.length;
    this.#state = 'suspended';
    this.#request.onStep(false);
    // The cancel request came when this step was done already, and had nothing to stop.
    if (this.cancelledBy !== undefined) this.leave(cancelled(this.cancelledBy));
    else this.#deliver();
  }

  override onComplete(tag: string): void {
    const firstSpace = tag.indexOf(' ');
    this.command = firstSpace === -1 ? tag : tag.slice(0, firstSpace);
    this.affected = affectedBy(tag) + this.#earlierRows;
    this.#sync();
  }

  override onEmpty(): void {
    this.#sync();
  }

  override onCopyIn(host: ExchangeHost): void {
    this.#refuseCopy();
    host.writer.copyFail('COPY is not offered here');
    host.flushSoon();
  }

  override onCopyOut(host: ExchangeHost): void {
    this.#refuseCopy();
    if (this.#error !== undefined && this.#request.readAhead) host.abandon(this.#error);
  }

  override onError(error: ServerError): void {
    this.#error ??= fromServerError(error, this.cancelledBy);
    this.#sync();
  }

  onReady(_status: TransactionStatus): void {
    this.#finish();
  }

  onLost(reason: Error): void {
    this.#error ??= reason instanceof FacetError ? reason : new FacetError('UNAVAILABLE', reason.message);
    this.#finish();
  }

  #fetch(): void {
    this.#state = 'fetching';
    this.#stepBytes = 0;
    this.#request.onStep(true);
    this.#host.writer.execute(this.#stepRows);
    this.#host.writer.flush();
    this.#host.flushSoon();
  }

  #sync(): void {
    if (this.#state === 'ending' || this.#state === 'ended') return;
    this.#state = 'ending';
    this.#host.writer.sync();
    this.#host.flushSoon();
  }

  #finish(): void {
    this.#state = 'ended';
    this.#deliver();
    this.#end(this.#error);
  }

  #deliver(): void {
    const pull = this.#pull;
    if (pull === undefined || this.#state === 'fetching' || this.#state === 'ending') return;
    this.#pull = undefined;
    if (this.#error !== undefined) {
      pull.reject(this.#error);
      return;
    }
    const rows = this.#rows;
    this.#rows = [];
    pull.resolve(rows.length === 0 ? undefined : rows);
    if (this.#state === 'suspended' && this.#request.readAhead) this.#fetch();
  }

  #refuseCopy(): void {
    this.#error = new FacetError('FEATURE_NOT_SUPPORTED', 'COPY from or to the client is not offered here');
  }
}
