/**
 * Brings one database to the schema of this version. Each migration runs once, in its own transaction, and is
 * recorded with the hash of its text. Several processes may start at once: one migrates, the others wait for it.
 */
import { FacetError, LIMITS, monotonicMs, type Observe } from '../base/index.ts';
import { command } from './command.ts';
import type { ExchangeHost } from './exchange.ts';
import { mendSchema, missingOf } from './mend-schema.ts';
import type { MigrationFile } from './migration-files.ts';
import { query } from './query.ts';

/** "facet" in ASCII: an advisory lock that nobody else takes by accident. */
const LOCK = '439788430708';

interface Applied {
  readonly model: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

/**
 * Applies what is missing of `shipped`, in the database that `session` is connected to.
 * @throws SCHEMA_FROM_FUTURE, MIGRATION_CHANGED, UNAVAILABLE when another process migrates for longer than
 *   LIMITS.migrationLockMsMax, and whatever PostgreSQL says to a migration.
 */
export async function migrate(
  session: ExchangeHost,
  shipped: readonly MigrationFile[],
  options: { readonly namespace: string; readonly observe: Observe; readonly lockMsMax?: number },
): Promise<void> {
  // The usual start finds everything in place and needs no lock.
  if (pending(await applied(session), shipped).length === 0) {
    if ((await missingOf(session, shipped)).names.length === 0) return;
  }
  const lockMsMax = options.lockMsMax ?? LIMITS.migrationLockMsMax;
  try {
    await command(
      session,
      `SET lock_timeout = ${lockMsMax}; SELECT pg_advisory_lock(${LOCK}); RESET lock_timeout`,
    );
  } catch (error) {
    if (!(error instanceof FacetError) || error.code !== 'LOCK_TIMEOUT') throw error;
    throw new FacetError(
      'UNAVAILABLE',
      `Another process has been migrating namespace ${options.namespace} for ${lockMsMax} ms`,
      { retryAfterSeconds: 5 },
    );
  }
  try {
    await command(session, BOOTSTRAP);
    await recordAgain(session, shipped);
    for (const migration of pending(await applied(session), shipped)) {
      const startedMs = monotonicMs();
      await apply(session, migration);
      options.observe({
        type: 'migration',
        namespace: options.namespace,
        name: migration.name,
        durationMs: monotonicMs() - startedMs,
      });
    }
    await mend(session, shipped, options);
  } finally {
    await command(session, `SELECT pg_advisory_unlock(${LOCK})`).catch(() => undefined);
  }
}

/** Nothing is to be done. @throws SCHEMA_FROM_FUTURE, MIGRATION_CHANGED */
export async function isMigrated(session: ExchangeHost, shipped: readonly MigrationFile[]): Promise<boolean> {
  return pending(await applied(session), shipped).length === 0;
}

/** The record is gone, and what it was of is there: somebody has dropped the schema `facet`. */
async function recordAgain(session: ExchangeHost, shipped: readonly MigrationFile[]): Promise<void> {
  if ((await applied(session)).length > 0) return;
  if ((await missingOf(session, shipped)).all) return;
  for (const migration of shipped) await record(session, migration);
}

async function mend(
  session: ExchangeHost,
  shipped: readonly MigrationFile[],
  { namespace, observe }: { readonly namespace: string; readonly observe: Observe },
): Promise<void> {
  const { names } = await missingOf(session, shipped);
  if (names.length === 0) return;
  const some = `${names.slice(0, NAMES_SHOWN).join(', ')}${names.length > NAMES_SHOWN ? ', …' : ''}`;
  try {
    await mendSchema(session, shipped, names);
    const message = `Somebody had dropped what belongs to namespace ${namespace}: it was made again, empty`;
    observe({ type: 'warning', message, detail: some });
  } catch (error) {
    const message = `Somebody has dropped ${some}, which could not be made again in namespace ${namespace}`;
    observe({ type: 'warning', message, detail: error });
  }
}

const NAMES_SHOWN = 10;

const BOOTSTRAP = `
  CREATE SCHEMA IF NOT EXISTS facet;
  CREATE TABLE IF NOT EXISTS facet.migration (
    model text NOT NULL,
    number int NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, number)
  )`;

/** Empty before the first migration. */
async function applied(session: ExchangeHost): Promise<readonly Applied[]> {
  const known = await query(session, `SELECT to_regclass('facet.migration')`);
  if (known.rows[0]?.[0] === null) return [];
  const result = await query(session, 'SELECT model, number, name, sha256 FROM facet.migration');
  return result.rows.map(([model, number, name, sha256]) => ({
    model: model ?? '',
    number: Number(number),
    name: name ?? '',
    sha256: sha256 ?? '',
  }));
}

/** What is still to do, after checking that what was done is what we ship. */
function pending(done: readonly Applied[], shipped: readonly MigrationFile[]): readonly MigrationFile[] {
  const left = new Map(shipped.map((migration) => [`${migration.model}/${migration.number}`, migration]));
  for (const migration of done) {
    const key = `${migration.model}/${migration.number}`;
    const ours = left.get(key);
    if (ours === undefined) {
      throw new FacetError(
        'SCHEMA_FROM_FUTURE',
        `The store has migration ${migration.name}, which this version does not know`,
        { hint: 'Run the version that migrated the store, or a later one.' },
      );
    }
    if (ours.sha256 !== migration.sha256) {
      throw new FacetError(
        'MIGRATION_CHANGED',
        `Migration ${migration.name} was applied with another text than the one shipped`,
        { hint: 'Restore the shipped file: a migration is never changed once it was released.' },
      );
    }
    left.delete(key);
  }
  return [...left.values()];
}

async function record(session: ExchangeHost, { model, number, name, sha256 }: MigrationFile): Promise<void> {
  await query(session, 'INSERT INTO facet.migration (model, number, name, sha256) VALUES ($1, $2, $3, $4)', [
    ...[model, String(number), name, sha256],
  ]);
}

async function apply(session: ExchangeHost, migration: MigrationFile): Promise<void> {
  await command(session, 'BEGIN');
  try {
    await command(session, migration.sql);
    await record(session, migration);
    await command(session, 'COMMIT');
  } catch (error) {
    await command(session, 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}
