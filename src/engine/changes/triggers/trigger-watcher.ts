/**
 * Sees to it that tables have the triggers that note their changes, and keep them. Partitions get those of their root from
 * PostgreSQL. With `watchAll` new tables get theirs at the next regular look.
 */
import { asFacetError, FacetError, type Observe } from '../../../base/index.ts';
import type { TableName } from '../../change-contract.ts';
import { command } from '../../command.ts';
import type { Database, Statement } from '../../contract.ts';
import { MODEL_SCHEMAS, SYSTEM_SCHEMAS, schemaList } from '../../own-schemas.ts';
import { query } from '../../query.ts';
import type { Session } from '../../session.ts';
import type { ChangeParts } from '../change-parts.ts';
import type { TableWatcher } from '../change-source.ts';
import { inLockTurns } from '../lock-turns.ts';
import { checkKind, checkRoom, noTable, quoteName } from '../publication.ts';
import { forStrays, STRAYS_MAX } from '../stray-tables.ts';
import { REMEMBER } from '../watcher.ts';

/** By their names they run before other triggers, so that what those change comes after. `outbox_shape` knows the first. */
const ROWS = '"!facet_changes"';
const EMPTIED = '"!facet_truncate"';

/** `$1`, `$2`: the table; and below it partitions that are watched by themselves. */
const FAMILY = `
  WITH RECURSIVE family (oid, root) AS (
    SELECT c.oid, true FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    UNION ALL
    SELECT i.inhrelid, false FROM family f JOIN pg_inherits i ON i.inhparent = f.oid
    JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition
  )
  SELECT n.nspname, c.relname, c.relkind, c.relpersistence, f.root, t.tgname IS NOT NULL,
         t.tgparentid <> 0, t.tgenabled = 'A' AND e.tgenabled = 'A'
  FROM family f JOIN pg_class c ON c.oid = f.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = '!facet_changes'
  LEFT JOIN pg_trigger e ON e.tgrelid = c.oid AND e.tgname = '!facet_truncate'`;

/** Partitions count with the table that they belong to. */
const COUNT = `SELECT count(*) FROM pg_trigger WHERE tgname = '!facet_changes' AND tgparentid = 0`;

const WATCH_ALL: Statement = {
  name: 'changes.outbox.watch_all',
  text: 'UPDATE cdc.outbox_state SET watches_all = true WHERE NOT watches_all',
};
const IS_ALL: Statement = {
  name: 'changes.outbox.watches_all',
  text: 'SELECT FROM cdc.outbox_state WHERE watches_all',
};

const STRAYS: Statement = {
  name: 'changes.outbox.strays',
  text: `SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
      AND n.nspname NOT IN (${schemaList([...SYSTEM_SCHEMAS, ...MODEL_SCHEMAS])})
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '!facet_changes')
    LIMIT ${STRAYS_MAX}`,
};

export class TriggerWatcher implements TableWatcher {
  readonly #database: Database;
  readonly #openOwn: () => Promise<Session>;
  readonly #observe: Observe;
  readonly #tablesMax: number;
  #warned = false;

  constructor({ database, openOwn, observe, pace }: ChangeParts) {
    this.#tablesMax = pace.changeTablesMax;
    this.#database = database;
    this.#openOwn = openOwn;
    this.#observe = observe;
  }

  async watch(table: TableName): Promise<void> {
    await this.#inSession((session) => attach(session, table, this.#tablesMax));
    await this.#remember(table);
  }

  async watchAll(): Promise<void> {
    await this.#database.run(WATCH_ALL);
    await this.#attachStrays();
  }

  async repair(): Promise<void> {
    try {
      if ((await this.#database.run(IS_ALL, [], { reads: true })).rows.length > 0) {
        await this.#attachStrays();
      }
      this.#warned = false;
    } catch (error) {
      this.#warn(error);
    }
  }

  async #attachStrays(): Promise<void> {
    const { rows } = await this.#database.run(STRAYS, [], { reads: true });
    if (rows.length === 0) return;
    await this.#inSession(async (session) => {
      await forStrays(
        rows,
        (table) => attach(session, table, this.#tablesMax),
        (error) => this.#warn(error),
      );
    });
  }

  async #inSession(work: (session: Session) => Promise<void>): Promise<void> {
    const session = await this.#openOwn();
    try {
      await work(session);
    } finally {
      await session.close();
    }
  }

  /** A memory for people; nothing depends on it but that all are watched. */
  async #remember({ schema, name }: TableName): Promise<void> {
    await this.#database.run(REMEMBER, [schema, name, 'd']).catch((error: unknown) => this.#warn(error));
  }

  #warn(detail: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#observe({ type: 'warning', message: 'Not all tables can be watched', detail });
  }
}

/** @throws as `ChangeFeed.watch` */
async function attach(session: Session, table: TableName, tablesMax: number): Promise<void> {
  try {
    await inLockTurns(session, async () => {
      const { rows } = await query(session, FAMILY, [table.schema, table.name]);
      const root = rows.find((row) => row[4] === 't');
      if (root === undefined) throw noTable(table);
      checkKind(table, root[2] ?? '', root[3] ?? '');
      if (root[5] === 't' && root[7] === 't') return;
      if (root[5] !== 't') await checkRoom(session, COUNT, tablesMax);
      const own = rows.filter((row) => row[5] === 't' && row[6] !== 't');
      const drops = own.map(([schema, name]) => dropsOf(quoteName(schema ?? '', name ?? '')));
      await command(session, [...drops, makesOf(quoteName(table.schema, table.name))].join(';'));
    });
  } catch (error) {
    const known = asFacetError(error);
    if (known.code !== 'PERMISSION_DENIED') throw error;
    throw new FacetError(
      'PERMISSION_DENIED',
      `'${table.schema}.${table.name}' cannot be watched: ${known.message}`,
      {
        hint: 'Its triggers are made by the role of the store URI: let that be its owner, or a member of it.',
      },
    );
  }
}

export const dropsOf = (table: string): string =>
  `DROP TRIGGER IF EXISTS ${ROWS} ON ${table}; DROP TRIGGER IF EXISTS ${EMPTIED} ON ${table}`;

/** They run for what is replicated to this server, too. */
const makesOf = (table: string): string =>
  `CREATE TRIGGER ${ROWS} AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION cdc.outbox_note();
   CREATE TRIGGER ${EMPTIED} AFTER TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION cdc.outbox_note_truncate();
   ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${ROWS}, ENABLE ALWAYS TRIGGER ${EMPTIED}`;
