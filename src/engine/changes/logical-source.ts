/** Items by logical decoding: the slot keeps them, readers stream them. */
import type { Lsn } from '../change-contract.ts';
import type { ChangeParts } from './change-parts.ts';
import type { ChangeSource, ReadRequest } from './change-source.ts';
import type { ChangedTables } from './changed-tables.ts';
import { openReading, type Reading } from './logical-reader.ts';
import type { Slot } from './slot.ts';

export class LogicalSource implements ChangeSource {
  readonly kind = 'logical';
  readonly #parts: ChangeParts;
  readonly #slot: Slot;
  readonly #tables: ChangedTables;

  constructor(parts: ChangeParts, slot: Slot, tables: ChangedTables) {
    this.#parts = parts;
    this.#slot = slot;
    this.#tables = tables;
  }

  async range(): Promise<{ readonly first: Lsn; readonly now: Lsn }> {
    const { confirmed } = await this.#slot.ensure();
    const { now } = await this.#slot.look();
    return { first: confirmed, now };
  }

  read({ from, wantsSlot, sink }: ReadRequest): Promise<Reading> {
    const { changeRowBytesMax: rowBytesMax } = this.#parts.pace;
    return openReading(this.#parts, this.#tables, {
      slot: this.#slot.name,
      from,
      wantsSlot,
      sink,
      rowBytesMax,
    });
  }
}
