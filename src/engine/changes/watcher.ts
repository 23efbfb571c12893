/**
 * Sees to it that tables are in the publication, and stay there whole: a table that was altered, a partition that came
 * later, and with `watchAll` tables that are new. Event triggers of ours do that at once where a superuser could install
 * them; everywhere the regular look repairs what they could not.
 */
import type { Observe } from '../../base/index.ts';
import type { TableName } from '../change-contract.ts';
import { command } from '../command.ts';
import type { Database, Statement } from '../contract.ts';
import { MODEL_SCHEMAS, SYSTEM_SCHEMAS, schemaList } from '../own-schemas.ts';
import type { ChangeParts } from './change-parts.ts';
import type { TableWatcher } from './change-source.ts';
import type { Control } from './control.ts';
import { ALL_TABLES, ensurePublication, PUBLICATION, publish } from './publication.ts';
import { forStrays, STRAYS_MAX } from './stray-tables.ts';

export const REMEMBER: Statement = {
  name: 'changes.watched',
  text: `INSERT INTO cdc.watched_table (schema_name, table_name, identity_before) VALUES ($1, $2, $3)
    ON CONFLICT (schema_name, table_name) DO NOTHING`,
};
export const IS_ALL: Statement = {
  name: 'changes.watches_all',
  text: `SELECT FROM pg_catalog.pg_publication WHERE pubname = '${PUBLICATION}'
    AND pg_catalog.obj_description(oid, 'pg_publication') = '${ALL_TABLES}'`,
};

/**
 * Tables that need something: published ones whose rows, or whose partitions' rows, are not logged whole; with `$1`
 * also those of users that are not published. Temporary and unlogged tables are in no publication, nor are those with
 * virtual generated columns, see publication.ts.
 */
const STRAYS: Statement = {
  name: 'changes.strays',
  text: `
    WITH published AS (
      SELECT r.prrelid FROM pg_catalog.pg_publication_rel r
      JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE p.pubname = '${PUBLICATION}'
    ), roots AS (
      SELECT c.oid, c.relreplident, c.relkind, c.relnamespace, c.relname, c.relispartition,
             CASE WHEN c.relispartition THEN ARRAY (SELECT a::oid FROM pg_catalog.pg_partition_ancestors(c.oid) a)
                  ELSE ARRAY[c.oid] END AS line
      FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
    )
    SELECT DISTINCT n.nspname, t.relname
    FROM roots c
    JOIN roots t ON t.oid = c.line[pg_catalog.array_length(c.line, 1)]
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    LEFT JOIN published p ON p.prrelid = t.oid
    WHERE n.nspname NOT IN (${schemaList(SYSTEM_SCHEMAS)})
      AND CASE WHEN p.prrelid IS NOT NULL THEN c.relreplident <> 'f'
               ELSE $1::boolean AND n.nspname NOT IN (${schemaList(MODEL_SCHEMAS)}) END
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = t.oid AND a.attgenerated = 'v' AND NOT a.attisdropped)
    LIMIT ${STRAYS_MAX}`,
};

export class Watcher implements TableWatcher {
  readonly #database: Database;
  readonly #control: Control;
  readonly #observe: Observe;
  readonly #tablesMax: number;
  #warned = false;

  constructor({ database, observe, pace }: ChangeParts, control: Control) {
    this.#database = database;
    this.#control = control;
    this.#observe = observe;
    this.#tablesMax = pace.changeTablesMax;
  }

  /** @throws as `ChangeFeed.watch` */
  async watch(table: TableName): Promise<void> {
    const before = await this.#control.do(async (session) => {
      await ensurePublication(session);
      return publish(session, table, this.#tablesMax);
    });
    if (before !== undefined) await this.#remember(table, before);
  }

  /** @throws CHANGES_UNAVAILABLE, and LOCK_TIMEOUT for the first table that is in use for too long */
  async watchAll(): Promise<void> {
    await this.#control.do(async (session) => {
      await ensurePublication(session);
      // From here on new tables come by themselves where event triggers of ours are installed.
      await command(session, `COMMENT ON PUBLICATION ${PUBLICATION} IS '${ALL_TABLES}'`);
    });
    await this.#publishStrays(true);
  }

  /** Puts right what is not as it should be. Never rejects. */
  async repair(): Promise<void> {
    try {
      const all = (await this.#database.run(IS_ALL, [], { reads: true })).rows.length > 0;
      await this.#publishStrays(all);
      this.#warned = false;
    } catch (error) {
      this.#warn(error);
    }
  }

  async #publishStrays(all: boolean): Promise<void> {
    const { rows } = await this.#database.run(STRAYS, [String(all)], { reads: true });
    if (rows.length === 0) return;
    await this.#control.do(async (session) => {
      await ensurePublication(session);
      await forStrays(
        rows,
        (table) => publish(session, table, this.#tablesMax),
        (error) => this.#warn(error),
      );
    });
  }

  /** A memory for people; nothing depends on it. */
  async #remember({ schema, name }: TableName, identity: string): Promise<void> {
    try {
      await this.#database.run(REMEMBER, [schema, name, identity]);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(detail: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#observe({ type: 'warning', message: 'Not all tables can be watched', detail });
  }
}
