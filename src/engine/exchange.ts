/**
 * One conversation with PostgreSQL on a session: what is sent, and what is done with each message that answers.
 * A session answers its exchanges in the order they were sent. Each ends with exactly one `onReady` or `onLost`.
 */
import type { WireWriter } from './wire-writer.ts';

/** ErrorResponse as the driver hands it over; `code` is the SQLSTATE. */
export interface ServerError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly severity?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly routine?: string | undefined;
}

/** Fields of a RowDescription, as the driver hands them over. */
export interface ServerField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

/** I: idle, T: in a transaction, E: in a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** What an exchange may do to the session it runs on. */
export interface ExchangeHost {
  readonly writer: WireWriter;
  readonly statements: StatementNames;
  /** Sends what was written, at the end of this turn of the event loop. */
  flushSoon(): void;
  /** Queues an exchange behind those that are under way. */
  start(exchange: Exchange): void;
  /** Gives the connection up: cancels in PostgreSQL what runs, closes, and every exchange gets `onLost(reason)`. */
  abandon(reason: Error): void;
}

/** Names under which a session has prepared texts. */
export interface StatementNames {
  /** The prepared statement of `text`; a new one has `sent` false and must be parsed under its name. */
  take(text: string, writer: WireWriter): PreparedName;
  forget(entry: PreparedName, writer: WireWriter): void;
}

export interface PreparedName {
  readonly name: string;
  readonly text: string;
  sent: boolean;
  parsed: boolean;
  /** Absent until PostgreSQL has described it. It cannot change while the name lives: PostgreSQL refuses to. */
  fields: readonly ServerField[] | undefined;
}

/** The base of all exchanges: answers that an exchange does not expect are ignored. */
export abstract class Exchange {
  /** Link in the session's queue. */
  next: Exchange | undefined = undefined;

  abstract send(host: ExchangeHost): void;
  abstract onReady(status: TransactionStatus, host: ExchangeHost): void;
  abstract onLost(reason: Error): void;

  onError(_error: ServerError, _host: ExchangeHost): void {}
  onParsed(): void {}
  onParameters(_typeOids: readonly number[]): void {}
  onFields(_fields: readonly ServerField[]): void {}
  onNoData(): void {}
  onRow(_fields: (string | null)[], _bytes: number, _host: ExchangeHost): void {}
  onSuspended(_host: ExchangeHost): void {}
  onComplete(_tag: string, _host: ExchangeHost): void {}
  onEmpty(_host: ExchangeHost): void {}
  /** COPY FROM STDIN: PostgreSQL waits for data. */
  onCopyIn(_host: ExchangeHost): void {}
  onCopyOut(_host: ExchangeHost): void {}
  /** START_REPLICATION: from here on both sides send data. */
  onCopyBoth(_host: ExchangeHost): void {}
}
