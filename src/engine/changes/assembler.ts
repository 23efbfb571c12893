/**
 * Makes items of the feed out of the messages of a stream: whole rows, numbered within their transaction. What was
 * delivered before, of the transaction that the stream begins with, is left out.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { ChangedTable, ChangeItem, ChangeKind, Lsn } from '../change-contract.ts';
import { type Frontier, isDelivered } from './frontier.ts';
import { type PgoutputHandler, PgoutputReader, type Relation, type SentCell, UNCHANGED } from './pgoutput.ts';

/** Objects and strings around the bytes that were sent, which take two bytes a character at most. */
const OVERHEAD_BYTES = 240;

/** Its end is known when the stream gets there. */
interface OpenTransaction {
  readonly xid: number;
  readonly commitLsn: Lsn;
  endLsn: Lsn;
  readonly committedAtMs: number;
}

export class Assembler implements PgoutputHandler {
  readonly #reader = new PgoutputReader(this);
  readonly #from: Frontier;
  readonly #emit: (item: ChangeItem) => void;
  readonly #announced: (relation: Relation) => void;
  readonly #tables = new Map<number, ChangedTable>();
  #transaction: OpenTransaction | undefined = undefined;
  #sequence = 0;
  #lsn: Lsn = 0n;

  /** `announced` is called with each relation; its rows come after `enter` was called with the table. */
  constructor(from: Frontier, emit: (item: ChangeItem) => void, announced: (relation: Relation) => void) {
    this.#from = from;
    this.#emit = emit;
    this.#announced = announced;
  }

  /** Between two transactions, so that everything before the position of the stream has been delivered. */
  get atRest(): boolean {
    return this.#transaction === undefined;
  }

  /** What commits from there on is behind the transaction that the stream is in. */
  get behind(): Lsn | undefined {
    return this.#transaction?.endLsn;
  }

  enter(table: ChangedTable): void {
    this.#tables.delete(table.oid);
    this.#tables.set(table.oid, table);
    // Tables come and go while a stream lasts. If one is forgotten that was not dropped, its next row ends the stream,
    // and the one that follows it announces the table again.
    const [oldest] = this.#tables.keys();
    if (this.#tables.size > LIMITS.changeTablesMax && oldest !== undefined) this.#tables.delete(oldest);
  }

  /** @throws CHANGES_UNAVAILABLE for what cannot be read */
  message(bytes: Buffer, from: number, lsn: Lsn): void {
    this.#lsn = lsn;
    this.#reader.read(bytes, from);
  }

  begin(commitLsn: Lsn, committedAtMs: number, xid: number): void {
    // Whoever starts one position further begins with the next transaction, as from the real end.
    this.#transaction = { xid, commitLsn, endLsn: commitLsn + 1n, committedAtMs };
    this.#sequence = 0;
  }

  commit(_commitLsn: Lsn, endLsn: Lsn): void {
    const transaction = this.#open();
    transaction.endLsn = endLsn;
    this.#transaction = undefined;
    const end: ChangeItem = { kind: 'commit', transaction, changes: this.#sequence, bytes: OVERHEAD_BYTES };
    if (!isDelivered(end, this.#from)) this.#emit(end);
  }

  relation(relation: Relation): void {
    this.#announced(relation);
  }

  insert(relationOid: number, row: SentCell[], bytes: number): void {
    this.#change('insert', relationOid, whole(row, undefined), undefined, bytes);
  }

  update(
    relationOid: number,
    oldRow: SentCell[] | undefined,
    row: SentCell[],
    _key: boolean,
    bytes: number,
  ): void {
    const old = oldRow === undefined ? undefined : whole(oldRow, undefined);
    this.#change('update', relationOid, whole(row, old), old, bytes);
  }

  delete(relationOid: number, oldRow: SentCell[], _key: boolean, bytes: number): void {
    this.#change('delete', relationOid, undefined, whole(oldRow, undefined), bytes);
  }

  truncate(relationOids: readonly number[], bytes: number): void {
    for (const oid of relationOids) this.#change('truncate', oid, undefined, undefined, bytes);
  }

  #change(
    kind: ChangeKind,
    relationOid: number,
    newRow: readonly Cell[] | undefined,
    oldRow: readonly Cell[] | undefined,
    size: number,
  ): void {
    const transaction = this.#open();
    const table = this.#tables.get(relationOid);
    if (table === undefined) throw disorder(`a row of table ${relationOid}, which was not announced`);
    const sequence = this.#sequence++;
    const bytes = OVERHEAD_BYTES + size * 2;
    const item: ChangeItem = { kind, table, transaction, sequence, lsn: this.#lsn, newRow, oldRow, bytes };
    if (!isDelivered(item, this.#from)) this.#emit(item);
  }

  #open(): OpenTransaction {
    if (this.#transaction === undefined) throw disorder('a change outside of a transaction');
    return this.#transaction;
  }
}

/** Values that were not sent are those of the old row. Only a table that lost its replica identity has none: then null. */
function whole(row: SentCell[], oldRow: readonly Cell[] | undefined): readonly Cell[] {
  for (let index = 0; index < row.length; index++) {
    if (row[index] === UNCHANGED) row[index] = oldRow?.[index] ?? null;
  }
  return row as Cell[];
}

const disorder = (what: string): FacetError =>
  new FacetError('CHANGES_UNAVAILABLE', `PostgreSQL sent ${what}`);
