/** Does again what entries say, within one transaction, and stores them. */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral, byteaArray, type Database, type Transaction } from '../../../engine/index.ts';
import { effectStatement } from '../effect-statements.ts';
import { type Effect, joined } from '../effects.ts';
import { contentOf, hexOf, type JournalHead, mismatchOf, STORE_ENTRIES } from '../journal/index.ts';
import { runQuery } from '../run-query.ts';
import { graphSchema } from '../schema/index.ts';
import { isTableCommand, replayTableCommand } from '../tables/index.ts';
import type { ReadEntry } from './groups.ts';
import { CHECK_ALL, CLEAR_NODES, CLEAR_RELATIONSHIPS, DEFER_ALL, PASS_IDS } from './statements.ts';

/** A batch waits for its statements when so many are on their way. */
const STATEMENTS_AHEAD_MAX = 100;

export class ReplayBatch {
  readonly #database: Database;
  readonly #transaction: Transaction;
  readonly #signal: AbortSignal | undefined;
  #head: JournalHead;
  #pending: Effect | undefined = undefined;
  #sent: Promise<unknown>[] = [];
  #unstored: ReadEntry[] = [];
  #unstoredBytes = 0;
  #nodeId = 0n;
  #relationshipId = 0n;
  #unique: boolean;

  private constructor(
    database: Database,
    transaction: Transaction,
    head: JournalHead,
    unique: boolean,
    signal: AbortSignal | undefined,
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#head = head;
    this.#unique = unique;
    this.#signal = signal;
  }

  /** @param head the journal's end */
  static async begin(
    database: Database,
    transaction: Transaction,
    head: JournalHead,
    signal: AbortSignal | undefined,
  ): Promise<ReplayBatch> {
    await database.run(DEFER_ALL, [], { transaction });
    return new ReplayBatch(database, transaction, head, await hasUnique(database), signal);
  }

  async add(read: ReadEntry): Promise<void> {
    if (read.begins) throw withoutPast(read);
    if (read.effects.length === 0) await this.#runAgain(read);
    for (const effect of read.effects) await this.#effect(effect);
    this.#unstored.push(read);
    this.#unstoredBytes += read.entry.payload.length;
    if (this.#unstoredBytes >= LIMITS.journalCallBytesMax) await this.#store();
  }

  /** What is left to do before the commit. @returns the journal's end */
  async end(): Promise<JournalHead> {
    await this.#settle();
    await this.#store();
    const ids = [String(this.#nodeId), String(this.#relationshipId)];
    await this.#database.run(PASS_IDS, ids, { transaction: this.#transaction });
    return this.#head;
  }

  async #effect(effect: Effect): Promise<void> {
    const both = this.#pending === undefined ? effect : joined(this.#pending, effect);
    if (both === undefined) {
      this.#send();
      if (this.#sent.length >= STATEMENTS_AHEAD_MAX) await this.#answered();
    }
    this.#pending = both ?? effect;
  }

  #send(): void {
    const effect = this.#pending;
    this.#pending = undefined;
    if (effect === undefined) return;
    const run = { transaction: this.#transaction, signal: this.#signal, ahead: true };
    const send = (sent: Promise<unknown>): void => {
      sent.catch(() => {});
      this.#sent.push(sent);
    };
    this.#pass(effect);
    if (this.#unique && isUpdate(effect) && effect.ids.length > 1) {
      const ids = arrayLiteral(effect.ids.map(String));
      const removed = arrayLiteral(effect.removed.map(arrayLiteral));
      const clear = effect.what === 'update nodes' ? CLEAR_NODES : CLEAR_RELATIONSHIPS;
      send(this.#database.run(clear, [ids, removed, arrayLiteral(effect.changed)], run));
    }
    const { text, parameters } = effectStatement(effect);
    send(this.#database.run(text, parameters, run));
  }

  #pass(effect: Effect): void {
    if (effect.what === 'insert nodes') {
      for (const id of effect.ids) if (id > this.#nodeId) this.#nodeId = id;
    } else if (effect.what === 'insert relationships') {
      for (const id of effect.ids) if (id > this.#relationshipId) this.#relationshipId = id;
    }
  }

  async #settle(): Promise<void> {
    this.#send();
    await this.#answered();
  }

  async #answered(): Promise<void> {
    const sent = this.#sent;
    this.#sent = [];
    await Promise.all(sent);
  }

  /** Commands on the schema, and queries of other systems' journals, which do not say what they did. */
  async #runAgain(read: ReadEntry): Promise<void> {
    const [database, transaction] = [this.#database, this.#transaction];
    await this.#settle();
    await database.run(CHECK_ALL, [], { transaction });
    try {
      const options = { transaction, signal: this.#signal };
      if (isTableCommand(read.query)) await replayTableCommand(database, read.query, options);
      else {
        const { parameters } = contentOf(read.entry.payload);
        await runQuery(database, read.query, { ...options, parameters });
      }
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (error.code === 'QUERY_CANCELLED') throw error;
      const { sequence } = read.entry;
      throw new FacetError(
        'JOURNAL_MISMATCH',
        `The query of entry ${sequence} cannot be run again: ${error.message}`,
        { cause: thrown },
      );
    }
    await database.run(DEFER_ALL, [], { transaction });
    this.#unique = await hasUnique(database);
  }

  async #store(): Promise<void> {
    const entries = this.#unstored;
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#unstored = [];
    this.#unstoredBytes = 0;
    const payloads = byteaArray(entries.map(({ entry }) => entry.payload));
    const times = arrayLiteral(entries.map(({ timestampMs }) => String(timestampMs)));
    let hash: string | null | undefined;
    try {
      const { rows } = await this.#database.run(
        STORE_ENTRIES,
        [String(this.#head.sequence), payloads, times],
        { transaction: this.#transaction },
      );
      hash = rows[0]?.[0];
    } catch (thrown) {
      throw mismatchOf(thrown);
    }
    if (hash !== `\\x${hexOf(last.entry.hash)}`) {
      throw new FacetError(
        'JOURNAL_DAMAGED',
        `The chain of the entries does not lead to the hash of entry ${last.entry.sequence}`,
      );
    }
    this.#head = { sequence: last.entry.sequence, hash: last.entry.hash };
  }
}

type Update = Extract<Effect, { readonly what: 'update nodes' | 'update relationships' }>;

const isUpdate = (effect: Effect): effect is Update =>
  effect.what === 'update nodes' || effect.what === 'update relationships';

async function hasUnique(database: Database): Promise<boolean> {
  const { entries } = await graphSchema(database);
  return entries.some(({ kind }) => kind === 'UNIQUE' || kind === 'KEY');
}

const withoutPast = ({ entry: { sequence } }: ReadEntry): FacetError =>
  new FacetError(
    'JOURNAL_MISMATCH',
    `The journal was turned on at entry ${sequence}, over a graph that has a past which is not in it`,
    { hint: `Restore from a snapshot that was taken at entry ${sequence} or later.` },
  );
