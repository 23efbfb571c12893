/**
 * Makes items of the feed out of pages of notes: rows numbered within their transaction. What was delivered before, of the
 * transaction that the pages begin with, is left out.
 */
import { FacetError } from '../../../base/index.ts';
import type { Cell } from '../../cell.ts';
import type { ChangeItem, ChangeKind, ChangeTransaction, Lsn } from '../../change-contract.ts';
import { type Frontier, isDelivered } from '../frontier.ts';
import type { NotedTable, NotedTables } from './noted-tables.ts';

/** Objects and strings around the text that was noted, which takes two bytes a character at most. */
const OVERHEAD_BYTES = 240;

const KINDS: Readonly<Record<string, ChangeKind>> = {
  i: 'insert',
  u: 'update',
  d: 'delete',
  t: 'truncate',
};

export class PageAssembler {
  readonly #tables: NotedTables;
  readonly #from: Frontier;
  readonly #emit: (item: ChangeItem) => void;
  /** As the transaction has announced them, by the oid of the table or partition. */
  readonly #announced = new Map<string, NotedTable>();
  #transaction: ChangeTransaction | undefined = undefined;
  #sequence = 0;
  #commit: Lsn;
  #change: Lsn = 0n;

  constructor(tables: NotedTables, from: Frontier, emit: (item: ChangeItem) => void) {
    this.#tables = tables;
    this.#from = from;
    this.#commit = from.lsn;
    this.#emit = emit;
  }

  /** Where the next page begins: the position of a commit, and the change of that transaction which was read last. */
  get next(): { readonly commit: Lsn; readonly change: Lsn } {
    return { commit: this.#commit, change: this.#change };
  }

  /** Everything that committed before it was read. */
  reached(lsn: Lsn): void {
    if (lsn > this.#commit) this.#commit = lsn;
  }

  /** A row of cdc.outbox_page. @throws CHANGES_UNAVAILABLE */
  row(row: readonly Cell[]): void {
    const [commit, xid, committedMs, position, tableOid, kind, newRow, oldRow] = row;
    const transaction = this.#transactionAt(BigInt(commit ?? 0), BigInt(xid ?? 0), Number(committedMs));
    if (kind === 'c') {
      this.#send({ kind: 'commit', transaction, changes: this.#sequence, bytes: OVERHEAD_BYTES });
      this.#commit = transaction.endLsn;
      this.#change = 0n;
      this.#transaction = undefined;
      return;
    }
    this.#change = BigInt(position ?? 0);
    if (kind === 'r') this.#announced.set(tableOid ?? '', this.#tables.resolve(newRow ?? ''));
    else this.#row(transaction, kind ?? '', tableOid ?? '', newRow ?? null, oldRow ?? null);
  }

  #row(transaction: ChangeTransaction, kindCode: string, tableOid: string, newRow: Cell, oldRow: Cell): void {
    const kind = KINDS[kindCode];
    const noted = this.#announced.get(tableOid);
    if (kind === undefined || noted === undefined) {
      throw new FacetError(
        'CHANGES_UNAVAILABLE',
        `A change of table ${tableOid} was noted that is not known`,
      );
    }
    this.#send({
      kind,
      table: noted.table,
      transaction,
      sequence: this.#sequence++,
      // Positions given before the commit, by SET CONSTRAINTS, lie before those of later changes.
      lsn: this.#change < transaction.commitLsn ? this.#change : transaction.commitLsn,
      newRow: newRow === null ? undefined : noted.cells(newRow),
      oldRow: oldRow === null ? undefined : noted.cells(oldRow),
      bytes: OVERHEAD_BYTES + 2 * ((newRow?.length ?? 0) + (oldRow?.length ?? 0)),
    });
  }

  #transactionAt(commitLsn: Lsn, xid: bigint, committedAtMs: number): ChangeTransaction {
    if (this.#transaction?.commitLsn === commitLsn) return this.#transaction;
    this.#announced.clear();
    this.#sequence = 0;
    this.#commit = commitLsn;
    const xid32 = Number(xid & 0xffff_ffffn);
    this.#transaction = { xid: xid32, commitLsn, endLsn: commitLsn + 1n, committedAtMs };
    return this.#transaction;
  }

  #send(item: ChangeItem): void {
    if (!isDelivered(item, this.#from)) this.#emit(item);
  }
}
