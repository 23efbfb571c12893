/** Which tables are in the feed: the publication `facet_changes`, and what a table needs before it is in there. */
import { asFacetError, FacetError } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { TableName } from '../change-contract.ts';
import { command } from '../command.ts';
import { quoteIdentifier } from '../identifiers.ts';
import { SYSTEM_SCHEMAS } from '../own-schemas.ts';
import { query } from '../query.ts';
import type { Session } from '../session.ts';
import { inLockTurns } from './lock-turns.ts';

export const PUBLICATION = 'facet_changes';
/** The comment of a publication that has all tables of users. Only its owner can set it, and event triggers can trust it. */
export const ALL_TABLES = 'all tables of users';

const MAKE = `CREATE PUBLICATION ${PUBLICATION} WITH (publish = 'insert, update, delete, truncate',
  publish_via_partition_root = true`;

/** Generated columns are part of a row where PostgreSQL can send them: from this version on. */
const GENERATED_SINCE = 18;

export async function ensurePublication(session: Session): Promise<void> {
  const { rows } = await query(session, 'SELECT FROM pg_publication WHERE pubname = $1', [PUBLICATION]);
  if (rows.length > 0) return;
  const major = Number.parseInt(session.reported.get('server_version') ?? '', 10);
  const generated = major >= GENERATED_SINCE ? ', publish_generated_columns = stored' : '';
  try {
    await command(session, `${MAKE}${generated})`);
  } catch (error) {
    const known = asFacetError(error);
    // Another process was faster.
    if (known.sqlState === '42710' || known.sqlState === '23505') return;
    if (known.code !== 'PERMISSION_DENIED') throw error;
    throw new FacetError('CHANGES_UNAVAILABLE', `Changes cannot be followed: ${known.message}`, {
      hint: 'The role of the store URI needs CREATE on the database.',
    });
  }
}

/** `$1`, `$2`: the table. Its partitions hold the rows, so they need the replica identity, too. */
const FAMILY = `
  WITH RECURSIVE family (oid, root) AS (
    SELECT c.oid, true FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    UNION ALL
    SELECT i.inhrelid, false FROM family f JOIN pg_inherits i ON i.inhparent = f.oid
    JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition
  )
  SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, f.root,
         EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                 WHERE p.pubname = '${PUBLICATION}' AND r.prrelid = c.oid),
         (SELECT a.attname FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attgenerated = 'v' AND NOT a.attisdropped ORDER BY a.attnum LIMIT 1)
  FROM family f JOIN pg_class c ON c.oid = f.oid JOIN pg_namespace n ON n.oid = c.relnamespace`;

const MEMBER = `
  SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
  JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE p.pubname = '${PUBLICATION}' AND n.nspname = $1 AND c.relname = $2`;

const COUNT = `
  SELECT count(*) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
  WHERE p.pubname = '${PUBLICATION}'`;

/** Their changes are PostgreSQL's business or ours: those of `cdc` would follow themselves. */
const CLOSED_SCHEMAS: ReadonlySet<string> = new Set(SYSTEM_SCHEMAS);

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  i: 'an index',
  I: 'an index',
  c: 'a type',
};

/**
 * Puts the table into the publication, with the whole row as its replica identity.
 * @param tablesMax that are followed
 * @returns the identity that it had before; undefined when nothing was to do
 * @throws as `ChangeFeed.watch`
 */
export function publish(session: Session, table: TableName, tablesMax: number): Promise<string | undefined> {
  return inLockTurns(session, async () => {
    const { rows } = await query(session, FAMILY, [table.schema, table.name]);
    const root = rows.find((row) => row[5] === 't');
    if (root === undefined) throw noTable(table);
    checkKind(table, root[2] ?? '', root[3] ?? '');
    checkColumns(table, root[7]);
    const before = root[4] ?? 'd';
    const todo: string[] = [];
    for (const [schema, name, , , identity] of rows) {
      if (identity !== 'f') {
        todo.push(`ALTER TABLE ONLY ${quoteName(schema ?? '', name ?? '')} REPLICA IDENTITY FULL`);
      }
    }
    for (const sql of todo) await command(session, sql);
    // Altering may have fired the event trigger that publishes.
    const isNew =
      root[6] !== 't' && (await query(session, MEMBER, [table.schema, table.name])).rows.length === 0;
    if (isNew) {
      await checkRoom(session, COUNT, tablesMax);
      const name = quoteName(table.schema, table.name);
      await command(session, `ALTER PUBLICATION ${PUBLICATION} ADD TABLE ONLY ${name}`);
    }
    return isNew || todo.length > 0 ? before : undefined;
  });
}

export const noTable = ({ schema, name }: TableName): FacetError =>
  new FacetError('TABLE_NOT_FOUND', `Table '${schema}.${name}' does not exist`);

/** @param count SQL: how many tables are followed. @throws LIMIT_EXCEEDED */
export async function checkRoom(session: Session, count: string, tablesMax: number): Promise<void> {
  const { rows } = await query(session, count);
  if (Number(rows[0]?.[0] ?? 0) < tablesMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `${tablesMax} tables are followed, which is the most (changeTablesMax)`,
  );
}

/**
 * PostgreSQL refuses to update and delete rows whose identity has columns that it cannot publish, so the table would be
 * followed at the cost of those who write to it.
 * @throws FEATURE_NOT_SUPPORTED
 */
function checkColumns({ schema, name }: TableName, virtual: Cell | undefined): void {
  if (virtual == null) return;
  throw new FacetError(
    'FEATURE_NOT_SUPPORTED',
    `'${schema}.${name}' has a virtual generated column, '${virtual}': changes of such tables cannot be followed`,
    { hint: 'A column GENERATED ALWAYS AS (…) STORED can be.' },
  );
}

export const quoteName = (schema: string, name: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** @throws FEATURE_NOT_SUPPORTED for what has no changes to be followed */
export function checkKind({ schema, name }: TableName, kind: string, persistence: string): void {
  const refuse = (what: string): never => {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `'${schema}.${name}' is ${what}, whose changes cannot be followed`,
    );
  };
  if (kind !== 'r' && kind !== 'p') refuse(KINDS[kind] ?? 'no table');
  if (persistence === 't') refuse('a temporary table');
  if (persistence === 'u') refuse('an unlogged table');
  if (CLOSED_SCHEMAS.has(schema)) refuse('a table of the system');
}
