/** Which SQL texts one session has prepared, under which names, oldest use first. */
import { createHash } from 'node:crypto';
import { LIMITS } from '../base/index.ts';
import type { PreparedName, StatementNames } from './exchange.ts';
import type { WireWriter } from './wire-writer.ts';

interface VersionedName extends PreparedName {
  schemaVersion: number;
}

/** Counts the schema changes that this process has made in one database. */
export interface SchemaVersion {
  schemaVersion: number;
}

/**
 * The prepared statements of one session. Beyond LIMITS.statementCacheMax the one that was not used for longest is
 * closed. One that was prepared before a schema change is closed and prepared again: running it might fail with
 * "cached plan must not change result type", which inside a transaction could not be mended any more.
 */
export class SessionStatements implements StatementNames {
  readonly #byText = new Map<string, VersionedName>();
  readonly #schema: SchemaVersion;
  #made = 0;

  constructor(schema: SchemaVersion) {
    this.#schema = schema;
  }

  take(text: string, writer: WireWriter): PreparedName {
    const known = this.#byText.get(text);
    if (known !== undefined) {
      if (known.schemaVersion === this.#schema.schemaVersion) {
        // Order is kept only when there is something to evict soon: re-inserting costs more than the lookup.
        if (this.#byText.size > LIMITS.statementCacheMax / 2) {
          this.#byText.delete(text);
          this.#byText.set(text, known);
        }
        return known;
      }
      this.forget(known, writer);
    }
    if (this.#byText.size >= LIMITS.statementCacheMax) {
      const oldest = this.#byText.values().next().value;
      if (oldest !== undefined) this.forget(oldest, writer);
    }
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 24);
    const entry: VersionedName = {
      // The number keeps a text that is prepared again apart from its closed forerunner.
      name: `f${hash}_${++this.#made}`,
      text,
      sent: false,
      parsed: false,
      fields: undefined,
      schemaVersion: this.#schema.schemaVersion,
    };
    this.#byText.set(text, entry);
    return entry;
  }

  forget(entry: PreparedName, writer: WireWriter): void {
    if (this.#byText.get(entry.text) !== entry) return;
    this.#byText.delete(entry.text);
    // Closing a name that does not exist is not an error, so a failed Parse needs no special care.
    writer.closeStatement(entry.name);
  }

  /** After DISCARD ALL the session has none. */
  clear(): void {
    this.#byText.clear();
  }
}
