/** Items from the outbox that triggers fill. */
import type { Lsn } from '../../change-contract.ts';
import type { ChangeParts } from '../change-parts.ts';
import type { ChangeSource, ReadRequest } from '../change-source.ts';
import type { Reading } from '../logical-reader.ts';
import { NotedTables } from './noted-tables.ts';
import type { Outbox } from './outbox.ts';
import { OutboxReader } from './outbox-reader.ts';

export class TriggerSource implements ChangeSource {
  readonly kind = 'triggers';
  readonly #parts: ChangeParts;
  readonly #outbox: Outbox;
  readonly #tables = new NotedTables();

  constructor(parts: ChangeParts, outbox: Outbox) {
    this.#parts = parts;
    this.#outbox = outbox;
  }

  async range(): Promise<{ readonly first: Lsn; readonly now: Lsn }> {
    const { confirmed } = await this.#outbox.ensure();
    const { now } = await this.#outbox.look();
    return { first: confirmed, now };
  }

  async read(request: ReadRequest): Promise<Reading> {
    const reader = new OutboxReader(request, this.#tables, this.#parts.pace.changeRowBytesMax);
    await reader.start(await this.#parts.openOwn());
    return reader;
  }
}
