/** What PostgreSQL does for restore points: copying, renaming and dropping databases, from a workshop session. */
import { setTimeout as sleep } from 'node:timers/promises';
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import { command } from '../command.ts';
import { quoteIdentifier, quoteLiteral } from '../identifiers.ts';
import { query } from '../query.ts';
import type { RestorePoint } from '../restore-point-contract.ts';
import type { Session } from '../session.ts';
import { statement } from '../statement.ts';
import { parseNote, pointIdOf } from './point-name.ts';

/** Between two tries to drop a database that somebody still leaves. */
const DROP_PAUSE_MS = 100;
const DROP_TRIES = 50;

/** @throws RESTORE_POINT_UNSUPPORTED naming what the role lacks, DATABASE_NOT_FOUND */
export async function checkRights(session: Session, database: string): Promise<void> {
  const { rows } = await query(
    session,
    `SELECT r.rolsuper OR r.rolcreatedb, r.rolsuper OR pg_has_role(d.datdba, 'USAGE'), current_user,
       d.datname = current_database()
     FROM pg_database d, pg_roles r WHERE d.datname = $1 AND r.rolname = current_user`,
    [database],
  );
  const [row] = rows;
  if (row === undefined) throw new FacetError('DATABASE_NOT_FOUND', `There is no database ${database}`);
  const [mayCreate, owns, role, isWorkshop] = row;
  if (isWorkshop === 't') {
    throw unsupported(
      `The namespace is the database ${database} itself, from which restore points are made`,
      'Give the store a database of its own in the store URI.',
    );
  }
  if (mayCreate !== 't') {
    throw unsupported(`Role ${role} may not create databases`, `ALTER ROLE ${role} CREATEDB`);
  }
  if (owns !== 't') {
    throw unsupported(
      `Role ${role} does not own the database ${database}`,
      `ALTER DATABASE ${database} OWNER TO ${role}`,
    );
  }
}

const unsupported = (message: string, hint: string): FacetError =>
  new FacetError('RESTORE_POINT_UNSUPPORTED', message, { hint });

/** Newest first. */
export async function listPoints(session: Session, beginning: string): Promise<readonly RestorePoint[]> {
  const { rows } = await query(
    session,
    `SELECT datname, shobj_description(oid, 'pg_database'), pg_database_size(oid)
     FROM pg_database WHERE starts_with(datname, $1)`,
    [`${beginning}-rp-`],
  );
  return rows
    .flatMap(([database, comment, bytes]) => {
      const id = pointIdOf(beginning, database ?? '');
      const note = parseNote(comment);
      return id === undefined || note === undefined ? [] : [{ id, ...note, bytes: Number(bytes) }];
    })
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
}

/**
 * Copies a database that nobody is connected to. `asPoint` makes one that nobody can connect to.
 * @throws RESTORE_POINT_BUSY when somebody is connected
 */
export async function copyDatabase(
  session: Session,
  from: string,
  to: string,
  options: { readonly asPoint: boolean; readonly owner: string },
): Promise<void> {
  // Blocks are shared where the file system can (PostgreSQL 18); elsewhere this is an ordinary copy.
  const shared = await query(
    session,
    `SELECT set_config(name, 'clone', false) FROM pg_settings WHERE name = 'file_copy_method'`,
  )
    .then(({ rows }) => rows.length > 0)
    .catch(() => false);
  const text = `CREATE DATABASE ${quoteIdentifier(to)} TEMPLATE ${quoteIdentifier(from)} STRATEGY FILE_COPY
    OWNER ${quoteIdentifier(options.owner)} ALLOW_CONNECTIONS ${options.asPoint ? 'false' : 'true'}`;
  try {
    await command(session, text);
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (error.code === 'OBJECT_IN_USE') throw busy(error);
    // A file system without clones says so only when it is tried.
    if (!shared || error.kind === 'unavailable' || error.kind === 'forbidden') throw thrown;
    await command(session, `SET file_copy_method = 'copy'`);
    await command(session, text);
  }
}

const busy = (cause: FacetError): FacetError =>
  new FacetError('RESTORE_POINT_BUSY', 'Others are connected to the database of the namespace', {
    detail: cause.detail,
    hint: 'Stop the other servers and tools that are connected to it, then try again.',
    cause,
  });

/** Who the database belongs to. */
export async function ownerOf(session: Session, database: string): Promise<string> {
  const { rows } = await query(
    session,
    'SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1',
    [database],
  );
  return rows[0]?.[0] ?? '';
}

/** A copy that was made becomes a restore point: all of a sudden. */
export async function finishPoint(
  session: Session,
  copy: string,
  point: string,
  note: string,
): Promise<void> {
  await inTransaction(
    session,
    `COMMENT ON DATABASE ${quoteIdentifier(copy)} IS ${quoteLiteral(note)};
     REVOKE ALL ON DATABASE ${quoteIdentifier(copy)} FROM PUBLIC;
     ALTER DATABASE ${quoteIdentifier(copy)} RENAME TO ${quoteIdentifier(point)}`,
  );
}

/** `copy` takes the place of `database`, which is `old` afterwards: both or neither. @throws RESTORE_POINT_BUSY */
export async function swap(session: Session, database: string, copy: string, old: string): Promise<void> {
  try {
    await inTransaction(
      session,
      `ALTER DATABASE ${quoteIdentifier(database)} RENAME TO ${quoteIdentifier(old)};
       ALTER DATABASE ${quoteIdentifier(copy)} RENAME TO ${quoteIdentifier(database)}`,
    );
  } catch (thrown) {
    const error = asFacetError(thrown);
    throw error.code === 'OBJECT_IN_USE' ? busy(error) : thrown;
  }
}

async function inTransaction(session: Session, text: string): Promise<void> {
  try {
    await command(session, `BEGIN; ${text}; COMMIT`);
  } catch (thrown) {
    if (!session.closed) await command(session, 'ROLLBACK');
    throw thrown;
  }
}

/** Positions in the write-ahead log of a history that is over. Their names are wanted by the namespace again. */
export async function dropSlots(session: Session, database: string): Promise<void> {
  await query(
    session,
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1 AND NOT temporary`,
    [database],
  );
}

/** With its slots and whoever is connected. */
export async function dropDatabase(session: Session, database: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await command(session, `DROP DATABASE IF EXISTS ${quoteIdentifier(database)} WITH (FORCE)`);
      return;
    } catch (thrown) {
      if (tries === DROP_TRIES || asFacetError(thrown).code !== 'OBJECT_IN_USE') throw thrown;
      await sleep(DROP_PAUSE_MS);
    }
  }
}

/** What work that was broken off has left behind. Under the lock nobody works at it. */
export const FIND_LEFTOVERS = statement(
  'engine.restore_points.leftovers',
  `SELECT datname FROM pg_catalog.pg_database
   WHERE pg_catalog.starts_with(datname, $1 || '-rpnew-') OR pg_catalog.starts_with(datname, $1 || '-rpold-')`,
);

export async function dropLeftovers(session: Session, beginning: string): Promise<void> {
  const { rows } = await query(session, FIND_LEFTOVERS.text, [beginning]);
  for (const [database] of rows) await dropDatabase(session, database ?? '');
}

/** @throws LIMIT_EXCEEDED, RESTORE_POINT_EXISTS */
export function checkNew(points: readonly RestorePoint[], namespace: string, name: string): void {
  const own = points.filter((point) => point.namespace === namespace);
  if (own.some((point) => point.name === name || point.id === name)) {
    throw new FacetError('RESTORE_POINT_EXISTS', `There is a restore point '${name}' already`);
  }
  if (own.length < LIMITS.restorePointsMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `The namespace has ${own.length} restore points, which is the most (restorePointsMax)`,
    { hint: 'Delete one that is not needed any more.' },
  );
}

/** By id, else by name. @throws RESTORE_POINT_NOT_FOUND */
export function pointOf(points: readonly RestorePoint[], namespace: string, asked: string): RestorePoint {
  const own = points.filter((point) => point.namespace === namespace);
  const found = own.find(({ id }) => id === asked) ?? own.find(({ name }) => name === asked);
  if (found !== undefined) return found;
  throw new FacetError('RESTORE_POINT_NOT_FOUND', `There is no restore point '${asked}' of this namespace`);
}
