/**
 * A connection to another database than those that are copied and renamed, and the lock that lets one process at a time
 * do so.
 */
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import { command } from '../command.ts';
import { query } from '../query.ts';
import type { ServerAccess } from '../server-access.ts';
import { openSession, type Session } from '../session.ts';
import { SUPERUSER_SETTINGS } from '../session-settings.ts';

/** Every server has it, unless somebody dropped it. */
const WORKSHOP = 'postgres';
/** Next to those of migrations and of new databases. */
const LOCK = '439788430710';

/** @throws RESTORE_POINT_UNSUPPORTED, UNAVAILABLE when another process is at it for too long */
export async function withWorkshop<T>(
  server: ServerAccess,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openWorkshop(server);
  try {
    await lock(session);
    return await work(session);
  } finally {
    // The lock ends with its session.
    await session.close();
  }
}

async function openWorkshop(server: ServerAccess): Promise<Session> {
  server.gate.check();
  try {
    return await openSession({
      target: server.superuser ?? server.maintenance.target,
      database: WORKSHOP,
      settings: SUPERUSER_SETTINGS,
      schema: { schemaVersion: 0 },
      connectMsMax: LIMITS.connectMsMax,
    });
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (server.embedded || error.kind === 'unavailable') throw thrown;
    throw new FacetError(
      'RESTORE_POINT_UNSUPPORTED',
      `Restore points need a connection to the database ${WORKSHOP}: ${error.message}`,
      { hint: `Let the role of the store URI connect to the database ${WORKSHOP}.` },
    );
  }
}

async function lock(session: Session): Promise<void> {
  try {
    await command(session, `SET lock_timeout = ${LIMITS.restorePointTurnMsMax}`);
    await query(session, `SELECT pg_advisory_lock(${LOCK})`);
    await command(session, 'SET lock_timeout = 0');
  } catch (thrown) {
    if (asFacetError(thrown).code !== 'LOCK_TIMEOUT') throw thrown;
    throw new FacetError(
      'UNAVAILABLE',
      `Another restore point has been worked at for ${LIMITS.restorePointTurnMsMax} ms`,
      { retryAfterSeconds: 5 },
    );
  }
}
