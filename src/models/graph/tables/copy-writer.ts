/** Carries what COPY does to PostgreSQL and into the journal. */

import { LIMITS } from '../../../base/index.ts';
import { effectStatement } from '../effect-statements.ts';
import type { Effect } from '../effects.ts';
import { Recorder } from '../journal/index.ts';
import { countWrite, type InTransaction, type TableChange } from './table-change.ts';

/** Does it, now. */
export type Apply = (effect: Effect) => Promise<void>;

export class CopyWriter {
  readonly #change: TableChange;
  readonly #text: string;
  readonly #journaled: boolean;
  #recorder = new Recorder();
  #batches = 0;
  #entries = 0;
  #written = { nodes: false, relationships: false };

  /** @param text of the command, which the first entry tells */
  constructor(change: TableChange, text: string, journaled: boolean) {
    this.#change = change;
    this.#text = text;
    this.#journaled = journaled;
  }

  readonly apply: Apply = async (effect) => {
    const { database, options } = this.#change;
    const { text, parameters } = effectStatement(effect);
    await database.run(text, parameters, options);
    if (effect.what === 'insert nodes') this.#written = { ...this.#written, nodes: true };
    else this.#written = { ...this.#written, relationships: true };
    if (!this.#journaled) return;
    this.#recorder.note(effect);
    if (++this.#batches % LIMITS.graphCopyBatchesPerEntry === 0) this.#enlist(options);
  };

  /** After the last batch. */
  async finish(): Promise<void> {
    if (this.#journaled) this.#enlist(this.#change.options);
    await countWrite(this.#change, this.#written);
  }

  #enlist({ transaction }: InTransaction): void {
    this.#recorder.enlist(
      this.#change.database,
      transaction,
      this.#entries++ === 0 ? this.#text : '',
      new Map(),
    );
    this.#recorder = new Recorder();
  }
}
