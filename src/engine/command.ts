/** Exchanges that bring no rows: transaction control, session settings, and describing a statement. */
import { FacetError } from '../base/index.ts';
import type { StatementDescription } from './contract.ts';
import {
  Exchange,
  type ExchangeHost,
  type ServerError,
  type ServerField,
  type TransactionStatus,
} from './exchange.ts';
import { type CancelReason, fromServerError } from './pg-errors.ts';
import { columnsOf } from './portal.ts';

interface Settlement<T> {
  resolve(value: T): void;
  reject(error: FacetError): void;
}

/** SQL of Facet's own through the simple protocol: one round trip for several statements. */
export class Command extends Exchange {
  readonly #sql: string;
  readonly #settlement: Settlement<readonly string[]>;
  readonly #tags: string[] = [];
  #error: ServerError | undefined = undefined;

  /** Resolves with the command tags. */
  constructor(sql: string, settlement: Settlement<readonly string[]>) {
    super();
    this.#sql = sql;
    this.#settlement = settlement;
  }

  send(host: ExchangeHost): void {
    host.writer.query(this.#sql);
  }

  override onComplete(tag: string): void {
    this.#tags.push(tag);
  }

  override onError(error: ServerError): void {
    this.#error ??= error;
  }

  onReady(_status: TransactionStatus): void {
    if (this.#error === undefined) this.#settlement.resolve(this.#tags);
    else this.#settlement.reject(fromServerError(this.#error));
  }

  onLost(reason: Error): void {
    this.#settlement.reject(asUnavailable(reason));
  }
}

/** Parses a statement and asks for its parameters and columns, without running it. */
export class Describe extends Exchange {
  cancelledBy: CancelReason | undefined = undefined;
  readonly #sql: string;
  readonly #settlement: Settlement<StatementDescription>;
  #parameters: readonly number[] = [];
  #fields: readonly ServerField[] = [];
  #error: ServerError | undefined = undefined;

  constructor(sql: string, settlement: Settlement<StatementDescription>) {
    super();
    this.#sql = sql;
    this.#settlement = settlement;
  }

  send(host: ExchangeHost): void {
    host.writer.parse('', this.#sql);
    host.writer.describeStatement('');
    host.writer.sync();
  }

  override onParameters(typeOids: readonly number[]): void {
    this.#parameters = typeOids;
  }

  override onFields(fields: readonly ServerField[]): void {
    this.#fields = fields;
  }

  override onError(error: ServerError): void {
    this.#error ??= error;
  }

  onReady(_status: TransactionStatus): void {
    if (this.#error !== undefined) this.#settlement.reject(fromServerError(this.#error, this.cancelledBy));
    else this.#settlement.resolve({ parameterTypeOids: this.#parameters, columns: columnsOf(this.#fields) });
  }

  onLost(reason: Error): void {
    this.#settlement.reject(asUnavailable(reason));
  }
}

const asUnavailable = (reason: Error): FacetError =>
  reason instanceof FacetError ? reason : new FacetError('UNAVAILABLE', reason.message);

/** Runs `sql` on a session and resolves with its command tags. */
export function command(host: ExchangeHost, sql: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    host.start(new Command(sql, { resolve, reject }));
  });
}
