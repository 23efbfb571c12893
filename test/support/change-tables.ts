/** What the tests of the change feed share: taking from cursors, and a table's content as its changes make it. */
import type { Cell, Change, ChangeCursor, ChangeItem } from '../../src/engine/index.ts';

/** Waits until `count` items have been taken. Rejects with the reason when the cursor ends before. */
export async function takeItems(cursor: ChangeCursor, count: number): Promise<ChangeItem[]> {
  const items: ChangeItem[] = [];
  while (items.length < count) {
    const taken = cursor.take(count - items.length);
    items.push(...taken);
    if (taken.length > 0) continue;
    if (cursor.ended !== undefined) throw cursor.ended.reason;
    await new Promise<void>((resolve) => cursor.onReady(resolve));
  }
  return items;
}

/** Takes until everything that committed before `lsn` was taken. */
export async function takeUntil(cursor: ChangeCursor, lsn: bigint): Promise<ChangeItem[]> {
  const items: ChangeItem[] = [];
  for (;;) {
    const taken = cursor.take(1_000);
    for (const item of taken) items.push(item);
    if (taken.length > 0) continue;
    if (cursor.ended !== undefined) throw cursor.ended.reason;
    if (cursor.position >= lsn) return items;
    await new Promise<void>((resolve) => {
      cursor.onMoved(resolve);
      cursor.onReady(resolve);
    });
  }
}

/** Resolves when the cursor has ended. */
export async function untilEnded(cursor: ChangeCursor): Promise<NonNullable<ChangeCursor['ended']>> {
  while (cursor.ended === undefined) {
    if (cursor.take(1_000).length === 0) await new Promise<void>((resolve) => cursor.onReady(resolve));
  }
  return cursor.ended;
}

export const changesOf = (items: readonly ChangeItem[]): Change[] =>
  items.filter((item): item is Change => item.kind !== 'commit');

/** Kind, old row, new row; of a commit the number of its changes. */
export const brief = (items: readonly ChangeItem[]) =>
  items.map((item) =>
    item.kind === 'commit' ? ['commit', item.changes] : [item.kind, item.oldRow, item.newRow],
  );

/** A table by its first column, kept by applying changes. It refuses what cannot follow from what it has. */
export class Mirror {
  readonly rows = new Map<Cell, readonly Cell[]>();

  apply({ kind, oldRow, newRow }: Change): void {
    if (kind === 'truncate') {
      this.rows.clear();
      return;
    }
    if (oldRow !== undefined) {
      const [key = null] = oldRow;
      const known = this.rows.get(key);
      if (JSON.stringify(known) !== JSON.stringify(oldRow)) {
        throw new Error(`${kind}: there is ${JSON.stringify(known)}, expected ${JSON.stringify(oldRow)}`);
      }
      this.rows.delete(key);
    }
    if (newRow !== undefined) {
      const [key = null] = newRow;
      if (this.rows.has(key)) throw new Error(`${kind}: ${key} is there already`);
      this.rows.set(key, newRow);
    }
  }

  get sorted(): readonly (readonly Cell[])[] {
    return [...this.rows.values()].sort((a, b) => Number(a[0]) - Number(b[0]));
  }
}
