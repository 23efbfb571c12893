/**
 * Reads the messages of PostgreSQL's output plugin `pgoutput`, protocol version 1 (PostgreSQL documentation, Logical
 * Replication Message Formats). Pure: bytes in, calls out. It keeps nothing between messages but the number of columns
 * that it has seen announced, and nothing of a message's bytes survives the call.
 */
import { FacetError } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { Lsn } from '../change-contract.ts';

export interface RelationColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  /** Part of the replica identity: all columns of a table that has the whole row for it. */
  readonly identity: boolean;
}

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `f`: old rows are whole. `d`, `i` and `n`: they have the columns of a key, or none. */
  readonly identity: string;
  readonly columns: readonly RelationColumn[];
}

/** A value that PostgreSQL did not send because it has not changed and is stored apart. */
export const UNCHANGED = Symbol('unchanged');
export type SentCell = Cell | typeof UNCHANGED;

export interface PgoutputHandler {
  begin(commitLsn: Lsn, committedAtMs: number, xid: number): void;
  commit(commitLsn: Lsn, endLsn: Lsn): void;
  relation(relation: Relation): void;
  insert(relationOid: number, row: SentCell[], bytes: number): void;
  /** `key`: the old row has the columns of the key only, the others are null. */
  update(
    relationOid: number,
    oldRow: SentCell[] | undefined,
    row: SentCell[],
    key: boolean,
    bytes: number,
  ): void;
  delete(relationOid: number, oldRow: SentCell[], key: boolean, bytes: number): void;
  truncate(relationOids: readonly number[], bytes: number): void;
}

/** Between PostgreSQL's epoch and that of Unix. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
/** Below it a text of one byte a character is looked at here; above it the native decoder is faster. */
const SHORT_BYTES = 24;
/** PostgreSQL's own bound. */
const COLUMNS_MAX = 1_664;

export class PgoutputReader {
  readonly #handler: PgoutputHandler;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(handler: PgoutputHandler) {
    this.#handler = handler;
  }

  /**
   * Reads the one message that begins at `from` and fills the rest of `bytes`.
   * @throws CHANGES_UNAVAILABLE when it is cut off, too long, or of a kind that was not asked for
   */
  read(bytes: Buffer, from: number): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#message(bytes.length - from);
    if (this.#at !== bytes.length) throw garbled(`${bytes.length - this.#at} bytes are left over`);
  }

  #message(size: number): void {
    const kind = this.#byte();
    switch (kind) {
      case 0x42: {
        const commitLsn = this.#int64();
        const committedAtMs = EPOCH_MS + Number(this.#int64()) / 1_000;
        this.#handler.begin(commitLsn, Math.floor(committedAtMs), this.#uint32());
        return;
      }
      case 0x43: {
        this.#byte();
        const commitLsn = this.#int64();
        const endLsn = this.#int64();
        this.#int64();
        this.#handler.commit(commitLsn, endLsn);
        return;
      }
      case 0x49: {
        const oid = this.#uint32();
        this.#expect(0x4e);
        this.#handler.insert(oid, this.#row(), size);
        return;
      }
      case 0x55:
        this.#update(size);
        return;
      case 0x44: {
        const oid = this.#uint32();
        const mark = this.#byte();
        if (mark !== 0x4b && mark !== 0x4f) throw garbled(`mark ${mark} of an old row`);
        this.#handler.delete(oid, this.#row(), mark === 0x4b, size);
        return;
      }
      case 0x52:
        this.#relation();
        return;
      case 0x54: {
        const count = this.#uint32();
        this.#byte();
        if (count * 4 !== this.#bytes.length - this.#at) throw garbled(`${count} tables are emptied`);
        const oids: number[] = [];
        for (let index = 0; index < count; index++) oids.push(this.#uint32());
        this.#handler.truncate(oids, size);
        return;
      }
      // Types come along in relations; origins and messages say nothing of rows.
      case 0x59:
      case 0x4f:
      case 0x4d:
        this.#at = this.#bytes.length;
        return;
      default:
        throw garbled(`kind ${kind}`);
    }
  }

  #update(size: number): void {
    const oid = this.#uint32();
    let mark = this.#byte();
    let oldRow: SentCell[] | undefined;
    const key = mark === 0x4b;
    if (key || mark === 0x4f) {
      oldRow = this.#row();
      mark = this.#byte();
    }
    if (mark !== 0x4e) throw garbled(`mark ${mark} of a new row`);
    this.#handler.update(oid, oldRow, this.#row(), key, size);
  }

  #relation(): void {
    const oid = this.#uint32();
    // PostgreSQL leaves the name of its own catalog out.
    const schema = this.#cString() || 'pg_catalog';
    const name = this.#cString();
    const identity = String.fromCharCode(this.#byte());
    const count = this.#uint16();
    if (count > COLUMNS_MAX) throw garbled(`${count} columns`);
    const columns: RelationColumn[] = [];
    for (let index = 0; index < count; index++) {
      const flags = this.#byte();
      const column = this.#cString();
      const typeOid = this.#uint32();
      const typeModifier = this.#uint32() | 0;
      columns.push({ name: column, typeOid, typeModifier, identity: (flags & 1) === 1 });
    }
    this.#handler.relation({ oid, schema, name, identity, columns });
  }

  #row(): SentCell[] {
    const count = this.#uint16();
    if (count > COLUMNS_MAX) throw garbled(`${count} columns`);
    const row: SentCell[] = [];
    for (let index = 0; index < count; index++) row.push(this.#cell());
    return row;
  }

  #cell(): SentCell {
    switch (this.#byte()) {
      case 0x74: {
        const length = this.#uint32();
        const from = this.#at;
        const to = from + length;
        if (to > this.#bytes.length) throw garbled('a value is cut off');
        this.#at = to;
        return textOf(this.#bytes, from, to);
      }
      case 0x6e:
        return null;
      case 0x75:
        return UNCHANGED;
      default:
        throw garbled('a value of unknown form');
    }
  }

  #expect(wanted: number): void {
    if (this.#byte() !== wanted) throw garbled(`expected mark ${wanted}`);
  }

  #byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw garbled('it is cut off');
    this.#at++;
    return value;
  }

  #uint16(): number {
    this.#need(2);
    const value = this.#bytes.readUInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  #uint32(): number {
    this.#need(4);
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  #int64(): bigint {
    this.#need(8);
    const value = this.#bytes.readBigInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  #cString(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) throw garbled('a name has no end');
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#bytes.length) throw garbled('it is cut off');
  }
}

function textOf(bytes: Buffer, from: number, to: number): string {
  if (to - from <= SHORT_BYTES) {
    let at = from;
    while (at < to && (bytes[at] ?? 0) < 0x80) at++;
    if (at === to) return bytes.toString('latin1', from, to);
  }
  return bytes.toString('utf8', from, to);
}

const garbled = (what: string): FacetError =>
  new FacetError('CHANGES_UNAVAILABLE', `PostgreSQL sent a change that cannot be read: ${what}`);
