/** From changes as the engine has them to changes as subscribers get them: the same object for all of them. */
import type { Cell, Change, ChangedTable, Database } from '../../engine/index.ts';
import { describedTable } from './followed-table.ts';
import type { RowChange, SubscribedTable } from './row-change.ts';

const NONE: readonly number[] = [];

export class RowChanges {
  readonly #database: Database;
  readonly #tables = new WeakMap<ChangedTable, SubscribedTable>();
  readonly #changes = new WeakMap<Change, RowChange>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The table at once, when it has been seen before. */
  known(table: ChangedTable): SubscribedTable | undefined {
    return this.#tables.get(table);
  }

  async table(table: ChangedTable): Promise<SubscribedTable> {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    const described = await describedTable(this.#database, table);
    const meanwhile = this.#tables.get(table);
    if (meanwhile !== undefined) return meanwhile;
    this.#tables.set(table, described);
    return described;
  }

  /** `change` is no truncation; `table` is what `table` or `known` gave for its table. */
  rowChange(change: Change, table: SubscribedTable): RowChange {
    const known = this.#changes.get(change);
    if (known !== undefined) return known;
    const { kind, newRow, oldRow, transaction, sequence, bytes } = change;
    const made: RowChange = {
      operation: kind === 'truncate' ? 'delete' : kind,
      table,
      newRow,
      oldRow,
      changedColumns: kind === 'update' ? changedColumns(oldRow ?? [], newRow ?? []) : NONE,
      xid: transaction.xid,
      commitLsn: transaction.commitLsn,
      sequence,
      committedAtMs: transaction.committedAtMs,
      bytes,
    };
    this.#changes.set(change, made);
    return made;
  }
}

function changedColumns(before: readonly Cell[], after: readonly Cell[]): readonly number[] {
  const changed: number[] = [];
  for (let at = 0; at < after.length; at++) if (after[at] !== before[at]) changed.push(at);
  return changed;
}
