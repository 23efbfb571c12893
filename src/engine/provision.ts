/** Makes the database of a namespace ready: creates it on first use, migrates it, installs what a superuser can. */
import { asFacetError, FacetError, LIMITS, type Observe } from '../base/index.ts';
import { command } from './command.ts';
import { quoteIdentifier } from './identifiers.ts';
import { readMigrations } from './migration-files.ts';
import { isMigrated, migrate } from './migrations.ts';
import { query } from './query.ts';
import type { ServerAccess } from './server-access.ts';
import { openSession, type Session } from './session.ts';
import { POOL_SETTINGS, SUPERUSER_SETTINGS } from './session-settings.ts';
import type { ServerTarget } from './store-location.ts';
import { handOver, installEventTriggers } from './system-objects.ts';

/** "facetdbs" in spirit: serialises the creation of databases between processes. */
const CREATE_LOCK = '439788430709';

export interface ProvisionOptions {
  readonly observe: Observe;
  /** False: a database that is not there is an error. */
  readonly create: boolean;
}

/**
 * @throws DATABASE_NOT_FOUND when it may not be created, SCHEMA_FROM_FUTURE, MIGRATION_CHANGED, PERMISSION_DENIED,
 *   UNAVAILABLE and other errors of PostgreSQL.
 */
export async function provision(
  server: ServerAccess,
  namespace: string,
  options: ProvisionOptions,
): Promise<void> {
  if (server.standby) return checkStandby(server, namespace);
  const superuser = await openAsSuperuser(server, namespace, options);
  try {
    await migrateNamespace(server, namespace, options);
    if (superuser !== undefined) await installTriggers(server, namespace, superuser, options.observe);
  } finally {
    await superuser?.close();
  }
}

/** What the primary has made has to be here, and as this version needs it. */
async function checkStandby(server: ServerAccess, namespace: string): Promise<void> {
  let session: Session;
  try {
    session = await open(server.targetOf(namespace), server.databaseOf(namespace), POOL_SETTINGS);
  } catch (error) {
    if (!(error instanceof FacetError) || error.code !== 'DATABASE_NOT_FOUND') throw error;
    throw new FacetError('DATABASE_NOT_FOUND', `There is no namespace '${namespace}' on this standby`, {
      hint: 'The first use on the primary creates it; it is here when that has been replayed.',
    });
  }
  try {
    if (await isMigrated(session, readMigrations())) return;
  } finally {
    await session.close();
  }
  throw new FacetError(
    'STORE_UNUSABLE',
    `The database ${server.databaseOf(namespace)} of this standby has not the schema of this version`,
    { hint: 'Open the store on the primary with this version: that migrates it, and the standby follows.' },
  );
}

/** On our own server this also hands the database to the namespace's role. */
async function openAsSuperuser(
  server: ServerAccess,
  namespace: string,
  options: ProvisionOptions,
): Promise<Session | undefined> {
  const { superuser } = server;
  if (superuser === undefined) return undefined;
  const session = await openOrCreate(server, namespace, superuser, SUPERUSER_SETTINGS, options);
  // Otherwise these very statements would fire event triggers of users, with the superuser's rights.
  if (server.serverMajor >= 17) await command(session, 'SET event_triggers = off');
  if (server.embedded) await handOver(session, server.databaseOf(namespace), server.targetOf(namespace).user);
  return session;
}

async function migrateNamespace(
  server: ServerAccess,
  namespace: string,
  options: ProvisionOptions,
): Promise<void> {
  const session = await openOrCreate(server, namespace, server.targetOf(namespace), POOL_SETTINGS, options);
  try {
    await migrate(session, readMigrations(), { namespace, observe: options.observe });
  } finally {
    await session.close();
  }
}

/** The database is there at every start but the first, so it is simply tried. */
async function openOrCreate(
  server: ServerAccess,
  namespace: string,
  target: ServerTarget,
  settings: Readonly<Record<string, string>>,
  options: ProvisionOptions,
): Promise<Session> {
  const database = server.databaseOf(namespace);
  try {
    return await open(target, database, settings);
  } catch (error) {
    if (!(error instanceof FacetError) || error.code !== 'DATABASE_NOT_FOUND') throw error;
    if (!options.create) {
      throw new FacetError('DATABASE_NOT_FOUND', `There is no namespace '${namespace}'`, {
        hint: 'The first use by a principal that may write creates it.',
      });
    }
  }
  await createDatabase(server, database);
  return open(target, database, settings);
}

/** CREATE DATABASE cannot run in a transaction; a lock keeps two creators from failing over each other. */
async function createDatabase(server: ServerAccess, database: string): Promise<void> {
  const { target, database: maintenance } = server.maintenance;
  const session = await open(target, maintenance, SUPERUSER_SETTINGS);
  try {
    await command(session, `SET lock_timeout = ${LIMITS.migrationLockMsMax}`);
    await query(session, `SELECT pg_advisory_lock(${CREATE_LOCK})`);
    const known = await query(session, 'SELECT FROM pg_database WHERE datname = $1', [database]);
    if (known.rows.length > 0) return;
    await command(session, `CREATE DATABASE ${quoteIdentifier(database)} ENCODING 'UTF8' TEMPLATE template0`);
  } catch (error) {
    const known = asFacetError(error);
    if (known.code !== 'PERMISSION_DENIED') throw error;
    throw new FacetError(
      'PERMISSION_DENIED',
      `The database ${database} cannot be created: ${known.message}`,
      {
        hint: 'Create it beforehand, or give the role CREATEDB.',
      },
    );
  } finally {
    await session.close();
  }
}

/** Best effort: without them tables have no times, and everything else works. */
async function installTriggers(
  server: ServerAccess,
  namespace: string,
  superuser: Session,
  observe: Observe,
): Promise<void> {
  const database = server.databaseOf(namespace);
  try {
    if (await installEventTriggers(superuser)) return;
    observe({
      type: 'warning',
      message: `Schema facet_system of database ${database} belongs to somebody else`,
    });
  } catch (error) {
    observe({
      type: 'warning',
      message: `Event triggers of database ${database} are not installed`,
      detail: error,
    });
  }
}

const open = (
  target: ServerTarget,
  database: string,
  settings: Readonly<Record<string, string>>,
): Promise<Session> =>
  openSession({
    target,
    database,
    settings,
    schema: { schemaVersion: 0 },
    connectMsMax: LIMITS.connectMsMax,
  });
