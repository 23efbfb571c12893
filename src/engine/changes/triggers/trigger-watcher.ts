/**
 * Sees to it that tables have the triggers that note their changes, and keep them. Partitions get those of their root from
 * PostgreSQL. With `watchAll` new tables get theirs at the next regular look.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs, type Observe } from '../../../base/index.ts';
import type { TableName } from '../../change-contract.ts';
import { command } from '../../command.ts';
import type { Database, Statement } from '../../contract.ts';
import { MODEL_SCHEMAS, SYSTEM_SCHEMAS, schemaList } from '../../own-schemas.ts';
import { query } from '../../query.ts';
import type { Session } from '../../session.ts';
import type { ChangeParts } from '../change-parts.ts';
import type { TableWatcher } from '../change-source.ts';
import { checkKind, LOCK_TURN_MS_FIRST, quoteName } from '../publication.ts';
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

/** How many are put right in one look. */
const STRAYS_MAX = 1_000;

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
  #warned = false;

  constructor({ database, openOwn, observe }: ChangeParts) {
    this.#database = database;
    this.#openOwn = openOwn;
    this.#observe = observe;
  }

  async watch(table: TableName): Promise<void> {
    await this.#inSession((session) => attach(session, table));
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
      for (const [schema, name] of rows) {
        try {
          await attach(session, { schema: schema ?? '', name: name ?? '' });
        } catch (error) {
          // Dropped meanwhile, or of somebody else: the others are not held up by it.
          const { code } = asFacetError(error);
          if (code === 'TABLE_NOT_FOUND') continue;
          if (code !== 'PERMISSION_DENIED' && code !== 'FEATURE_NOT_SUPPORTED') throw error;
          this.#warn(error);
        }
      }
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

/** Waiting for the lock of a table holds up all who come after: it is asked for in short turns. */
async function attach(session: Session, table: TableName): Promise<void> {
  const untilMs = monotonicMs() + LIMITS.changeWatchLockMsMax;
  for (let turnMs = LOCK_TURN_MS_FIRST; ; turnMs = Math.min(turnMs * 2, LIMITS.changeWatchTurnMsMax)) {
    try {
      await attachOnce(session, table, turnMs);
      return;
    } catch (error) {
      const { code } = asFacetError(error);
      if (code !== 'LOCK_TIMEOUT' || monotonicMs() + turnMs > untilMs) throw error;
    }
  }
}

async function attachOnce(session: Session, table: TableName, lockMsMax: number): Promise<void> {
  await command(session, `BEGIN; SET LOCAL lock_timeout = ${lockMsMax}`);
  try {
    const { rows } = await query(session, FAMILY, [table.schema, table.name]);
    const root = rows.find((row) => row[4] === 't');
    if (root === undefined) {
      throw new FacetError('TABLE_NOT_FOUND', `Table '${table.schema}.${table.name}' does not exist`);
    }
    checkKind(table, root[2] ?? '', root[3] ?? '');
    if (root[5] !== 't' || root[7] !== 't') {
      const own = rows.filter((row) => row[5] === 't' && row[6] !== 't');
      const drops = own.map(([schema, name]) => dropsOf(quoteName(schema ?? '', name ?? '')));
      await command(session, [...drops, makesOf(quoteName(table.schema, table.name))].join(';'));
    }
    await command(session, 'COMMIT');
  } catch (error) {
    await command(session, 'ROLLBACK').catch(() => undefined);
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
