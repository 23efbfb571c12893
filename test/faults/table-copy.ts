/**
 * Clients that keep a copy of a table by its changes, over /ws/events and over /ws/replication. They die at random moments
 * and go on from what they had applied; what comes twice is known by position and sequence.
 */
import { WebSocket } from 'ws';
import { pause } from './server-under-fire.ts';

type Row = Readonly<Record<string, unknown>>;

interface Message {
  readonly type: string;
  readonly table?: string;
  readonly operation?: 'insert' | 'update' | 'delete';
  readonly row?: Row;
  readonly old_row?: Row;
  readonly new_row?: Row;
  readonly lsn: string;
  readonly commit_lsn?: string;
  readonly sequence: number;
  readonly error?: { readonly code: string };
}

const numberOf = (lsn: string): bigint => {
  const [high = '', low = ''] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
};

const RECONNECT_MS = 20;

export abstract class TableCopy {
  readonly rows = new Map<unknown, string>();
  readonly errors = new Map<string, number>();
  applied = 0;
  repeated = 0;
  deaths = 0;
  /** Of the last change that was applied; everything before is in the copy. */
  protected lastLsn = '0/0';
  #lastSequence = -1;
  #socket: WebSocket | undefined = undefined;
  #diesAfter = Number.POSITIVE_INFINITY;
  #stopped = false;
  readonly #port: () => number;
  readonly #changesPerLife: number;

  /** It dies after so many changes, more or less. */
  constructor(port: () => number, changesPerLife: number) {
    this.#port = port;
    this.#changesPerLife = changesPerLife;
  }

  protected abstract readonly path: string;
  /** What a connection begins with. */
  protected abstract first(): object;
  protected abstract take(message: Message, socket: WebSocket): void;

  /** Until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#live();
      await pause(RECONNECT_MS);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.terminate();
  }

  protected apply(operation: Message['operation'], message: Message, lsn: string): void {
    const at = numberOf(lsn);
    const last = numberOf(this.lastLsn);
    if (at < last || (at === last && message.sequence <= this.#lastSequence)) {
      this.repeated++;
      return;
    }
    this.lastLsn = lsn;
    this.#lastSequence = message.sequence;
    this.applied++;
    const before = operation === 'delete' ? message.row : message.old_row;
    const after = operation === 'insert' ? message.row : message.new_row;
    if (before !== undefined && !this.rows.delete(before.id)) {
      this.#note(`${operation} of a row that is not in the copy: ${JSON.stringify(message)}`);
    }
    if (after !== undefined) this.rows.set(after.id, JSON.stringify(Object.values(after)));
    this.#diesAfter--;
    if (this.#diesAfter > 0) return;
    this.deaths++;
    this.#socket?.terminate();
  }

  #note(what: string): void {
    this.errors.set(what, (this.errors.get(what) ?? 0) + 1);
  }

  #live(): Promise<void> {
    this.#diesAfter = 1 + Math.floor(Math.random() * 2 * this.#changesPerLife);
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port()}${this.path}`, { perMessageDeflate: false });
    this.#socket = socket;
    return new Promise((resolve) => {
      socket.on('open', () => socket.send(JSON.stringify(this.first())));
      socket.on('message', (data: Buffer) => {
        // What was received and not applied dies with the client.
        if (socket.readyState !== WebSocket.OPEN) return;
        const message = JSON.parse(data.toString()) as Message;
        if (message.type === 'error') {
          this.#note(message.error?.code ?? '');
          socket.terminate();
        } else this.take(message, socket);
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
  }
}

export class EventsCopy extends TableCopy {
  protected readonly path = '/ws/events';
  #from: string | undefined = undefined;

  get subscribed(): boolean {
    return this.#from !== undefined;
  }

  protected first(): object {
    const from = this.applied > 0 ? this.lastLsn : this.#from;
    return {
      type: 'subscribe',
      id: 'copy',
      table: 'mirror',
      events: ['insert', 'update', 'delete'],
      full_rows: true,
      ...(from === undefined ? {} : { from_lsn: from }),
    };
  }

  protected take(message: Message): void {
    if (message.type === 'subscribed') this.#from ??= message.lsn;
    else this.apply(message.operation, message, message.lsn);
  }
}

/** Acknowledges now and then, as clients do. */
const COMMITS_PER_ACK = 20;

export class ReplicationCopy extends TableCopy {
  protected readonly path = '/ws/replication';
  #commits = 0;
  #started = false;

  get subscribed(): boolean {
    return this.#started;
  }

  protected first(): object {
    return {
      type: 'start_replication',
      slot: 'mirror_copy',
      start_lsn: '0/0',
      options: { output_format: 'json', include_transaction_boundaries: true },
    };
  }

  protected take(message: Message, socket: WebSocket): void {
    switch (message.type) {
      case 'insert':
      case 'update':
      case 'delete':
        if (message.table === 'mirror') this.apply(message.type, message, message.commit_lsn ?? '');
        break;
      case 'commit':
        this.#commits++;
        if (this.#commits % COMMITS_PER_ACK === 0) {
          socket.send(JSON.stringify({ type: 'ack', lsn: message.lsn }));
        }
        break;
      default:
        this.#started = true;
    }
  }
}
