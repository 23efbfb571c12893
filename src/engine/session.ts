/**
 * One connection to PostgreSQL and the queue of exchanges on it. `pg` opens and authenticates the connection and
 * parses the server's messages; from then on messages go straight to the exchange at the head of the queue.
 *
 * Why not `client.query`: its queue answers an error before PostgreSQL is ready again, cannot hold a portal open
 * while other statements are sent, and costs an event emitter, a result object and a system call per statement.
 * Here several exchanges may be under way at once; who must not share a session (a transaction) does not.
 */
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { asFacetError, FacetError } from '../base/index.ts';
import { cancelBackend } from './cancel.ts';
import type { Exchange, ExchangeHost, ServerError, ServerField, TransactionStatus } from './exchange.ts';
import { connectionLost, fromConnectError } from './pg-errors.ts';
import { type SchemaVersion, SessionStatements } from './statement-names.ts';
import type { ServerTarget } from './store-location.ts';
import { WireWriter } from './wire-writer.ts';

/** The part of the driver's connection that is used here. */
interface Wire {
  readonly stream: Duplex;
  on(event: string, listener: (message: never) => void): unknown;
  removeAllListeners(event: string): unknown;
  end(): void;
}

const ANSWERS = [
  'errorMessage',
  'readyForQuery',
  'rowDescription',
  'dataRow',
  'portalSuspended',
  'emptyQuery',
  'commandComplete',
  'parseComplete',
  'parameterDescription',
  'noData',
  'copyInResponse',
  'copyOutResponse',
  'copyData',
  'replicationStart',
  'notification',
  'notice',
] as const;

/**
 * So many bytes are worth a system call of their own: PostgreSQL begins with a batch while those are answered who wait
 * for the one before. With batches of 512 rows and 1,024 callers this is worth a tenth to a quarter of the throughput.
 */
const FLUSH_BYTES = 16 * 1024;
/** After the polite goodbye the socket is torn down. */
const GOODBYE_MS = 2_000;

export interface SessionOptions {
  readonly target: ServerTarget;
  readonly database: string;
  /** Run-time settings given when connecting, so that they are what DISCARD ALL returns to. */
  readonly settings: Readonly<Record<string, string>>;
  readonly schema: SchemaVersion;
  readonly connectMsMax: number;
  /** A connection that may stream changes. It takes SQL by the simple protocol only. */
  readonly replication?: boolean | undefined;
}

/** NotificationResponse as the driver hands it over. */
export interface Notification {
  /** The backend that sent it. */
  readonly processId: number;
  readonly channel: string;
  readonly payload: string;
}

export class Session implements ExchangeHost {
  readonly writer = new WireWriter();
  readonly statements: SessionStatements;
  /** What the server reported while connecting: server_version, in_hot_standby, is_superuser … */
  readonly reported: ReadonlyMap<string, string>;
  readonly processId: number;
  status: TransactionStatus = 'I';
  closed = false;
  /** Exchanges sent or queued and not finished. */
  underWay = 0;
  onClosed: (() => void) | undefined = undefined;
  /** Called when the connection broke, not when it was closed here. */
  onBroken: ((reason: Error) => void) | undefined = undefined;
  /** What NOTIFY of a backend sent, for sessions that listen. */
  onNotification: ((notification: Notification) => void) | undefined = undefined;
  /** What a replication connection streams. The bytes are valid during the call only. */
  onCopyData: ((chunk: Buffer) => void) | undefined = undefined;

  readonly #wire: Wire;
  readonly #secret: number;
  readonly #address: { readonly host: string; readonly port: number };
  #head: Exchange | undefined = undefined;
  #tail: Exchange | undefined = undefined;
  #flushPlanned = false;
  #lastError: Error | undefined = undefined;

  constructor(
    client: pg.Client,
    wire: Wire,
    address: { readonly host: string; readonly port: number },
    reported: ReadonlyMap<string, string>,
    schema: SchemaVersion,
  ) {
    const keys = client as unknown as { processID: number; secretKey: number };
    this.processId = keys.processID;
    this.#secret = keys.secretKey;
    this.#address = address;
    this.#wire = wire;
    this.reported = reported;
    this.statements = new SessionStatements(schema);
    this.#listen(client);
  }

  /** In recovery, as the server last said: it may be promoted at any time. */
  get isStandby(): boolean {
    return this.reported.get('in_hot_standby') === 'on';
  }

  /** Queues `exchange` and sends its first messages: at the end of this turn of the event loop, large ones at once. */
  start(exchange: Exchange): void {
    if (this.closed) {
      exchange.onLost(this.#lastError ?? connectionLost());
      return;
    }
    try {
      exchange.send(this);
    } catch (error) {
      // A text that the protocol cannot carry: nothing of it was written, so no answer will come.
      exchange.onLost(asFacetError(error));
      return;
    }
    this.underWay++;
    exchange.next = undefined;
    if (this.#tail === undefined) this.#head = exchange;
    else this.#tail.next = exchange;
    this.#tail = exchange;
    if (this.writer.pending < FLUSH_BYTES) this.flushSoon();
    else this.#write();
  }

  flushSoon(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    // After all sockets that are readable now have been read: requests of many clients go out in one write. With 64
    // HTTP clients this is worth a third of the throughput against a write per request (nextTick).
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushPlanned = false;
    this.#write();
  };

  #write(): void {
    if (this.writer.pending > 0 && !this.closed) this.#wire.stream.write(this.writer.take());
  }

  /** Nothing more is read from PostgreSQL, which waits in turn. One chunk that has arrived may still come. */
  pauseReading(): void {
    this.#wire.stream.pause();
  }

  resumeReading(): void {
    this.#wire.stream.resume();
  }

  /** Asks PostgreSQL to stop what this session runs. Resolves when the request has been taken. */
  cancel(): Promise<void> {
    return cancelBackend(this.#address, this.processId, this.#secret);
  }

  abandon(reason: Error): void {
    if (this.closed) return;
    if (this.underWay > 0) void this.cancel();
    this.#lost(reason);
    this.#wire.stream.destroy();
  }

  /** Says goodbye and closes; exchanges that are under way are lost. */
  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wire.stream.destroy(), GOODBYE_MS);
      this.#wire.stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#lost(new FacetError('UNAVAILABLE', 'The connection to PostgreSQL was closed'));
      this.#wire.end();
    });
  }

  #listen(client: pg.Client): void {
    const wire = this.#wire;
    for (const event of ANSWERS) wire.removeAllListeners(event);
    wire.on('dataRow', (message: { fields: (string | null)[]; length: number }) => {
      this.#head?.onRow(message.fields, message.length, this);
    });
    wire.on('readyForQuery', (message: { status: TransactionStatus }) => {
      this.status = message.status;
      const done = this.#head;
      if (done === undefined) return;
      this.#head = done.next;
      if (done.next === undefined) this.#tail = undefined;
      done.next = undefined;
      this.underWay--;
      done.onReady(message.status, this);
    });
    wire.on('commandComplete', (message: { text: string }) => this.#head?.onComplete(message.text, this));
    wire.on('rowDescription', (message: { fields: readonly ServerField[] }) =>
      this.#head?.onFields(message.fields),
    );
    wire.on('noData', () => this.#head?.onNoData());
    wire.on('parameterDescription', (message: { dataTypeIDs: readonly number[] }) =>
      this.#head?.onParameters(message.dataTypeIDs),
    );
    wire.on('parseComplete', () => this.#head?.onParsed());
    wire.on('portalSuspended', () => this.#head?.onSuspended(this));
    wire.on('emptyQuery', () => this.#head?.onEmpty(this));
    wire.on('copyInResponse', () => this.#head?.onCopyIn(this));
    wire.on('copyOutResponse', () => this.#head?.onCopyOut(this));
    wire.on('replicationStart', () => this.#head?.onCopyBoth(this));
    wire.on('copyData', (message: { chunk: Buffer }) => this.onCopyData?.(message.chunk));
    wire.on('errorMessage', (error: ServerError) => {
      // Without an exchange it is a parting word, such as "terminating connection due to administrator command".
      if (this.#head === undefined) this.#lastError = connectionLost(error);
      else this.#head.onError(this.isStandby ? ofStandby(error) : error, this);
      if (error.severity === 'FATAL' || error.severity === 'PANIC') this.#lastError = connectionLost(error);
    });
    wire.on('notification', (message: Notification) => this.onNotification?.(message));
    wire.on('error', (error: Error) => this.#broken(connectionLost(error)));
    wire.on('end', () => this.#broken(this.#lastError ?? connectionLost()));
    client.on('error', ignoreClientError);
  }

  #broken(reason: Error): void {
    if (!this.closed) this.onBroken?.(reason);
    this.#lost(reason);
  }

  #lost(reason: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.#lastError = reason;
    let exchange = this.#head;
    this.#head = undefined;
    this.#tail = undefined;
    this.underWay = 0;
    while (exchange !== undefined) {
      const following: Exchange | undefined = exchange.next;
      exchange.onLost(reason);
      exchange = following;
    }
    this.onClosed?.();
  }
}

/** PostgreSQL says of any write in recovery that the transaction may only read; why it may says nothing. */
function ofStandby(error: ServerError): ServerError {
  if (error.code !== '25006') return error;
  return {
    ...error,
    message: `${error.message}: PostgreSQL is a standby here`,
    hint: 'Write to a server whose PostgreSQL is the primary.',
  };
}

/** The driver knows this parameter of the startup message; its type does not. */
const REPLICATION: object = { replication: 'database' };

/** The driver reports a broken connection here too; the session has learnt of it by then. */
const ignoreClientError = (): void => {};

/**
 * Opens a session with the first host that answers and is not a standby.
 * @throws FacetError UNAVAILABLE, UNAUTHORIZED and others of pg-errors.ts.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  let failure: FacetError | undefined;
  for (const host of options.target.hosts) {
    try {
      const session = await openOn(host, options);
      if (options.target.hosts.length === 1 || !session.isStandby) return session;
      await session.close();
      failure ??= new FacetError('NOT_LEADER', `${host.host}:${host.port} is a standby`);
    } catch (error) {
      failure = error instanceof FacetError ? error : fromConnectError(error, host);
    }
  }
  throw failure ?? new FacetError('STORE_INVALID', 'The store URI names no host');
}

async function openOn(
  address: { readonly host: string; readonly port: number },
  options: SessionOptions,
): Promise<Session> {
  const { target } = options;
  const attempts =
    target.tls.fallback === undefined ? [target.tls.first] : [target.tls.first, target.tls.fallback];
  let refusal: unknown;
  for (const ssl of attempts) {
    const client = new pg.Client({
      host: address.host,
      port: address.port,
      user: target.user,
      ...(target.password === undefined ? {} : { password: target.password }),
      database: options.database,
      ssl,
      application_name: 'facet',
      options: settingsText(options.settings),
      connectionTimeoutMillis: options.connectMsMax,
      keepAlive: true,
      ...(options.replication === true ? REPLICATION : {}),
    });
    client.on('error', ignoreClientError);
    const wire = client.connection as unknown as Wire;
    const reported = new Map<string, string>();
    wire.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
      reported.set(message.parameterName, message.parameterValue);
    });
    try {
      await client.connect();
      return new Session(client, wire, address, reported, options.schema);
    } catch (error) {
      wire.stream.destroy();
      refusal = error;
      // Falling back is for servers without TLS; a refused password would only be refused a second time.
      if (!/SSL/.test(String(error))) break;
    }
  }
  throw fromConnectError(refusal, address);
}

/** Settings in the form of the startup message: spaces and backslashes are escaped. */
function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}
