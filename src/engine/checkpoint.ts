/** Asks PostgreSQL for a checkpoint, on a connection of its own: it takes as long as the disk does. */
import { asFacetError, LIMITS } from '../base/index.ts';
import { command } from './command.ts';
import type { ServerAccess } from './server-access.ts';
import { openSession } from './session.ts';
import { SUPERUSER_SETTINGS } from './session-settings.ts';

/**
 * CHECKPOINT, as the superuser where we have one, else as the role that we connect as.
 * @returns false when that role may not (it is no member of pg_checkpoint)
 */
export async function checkpoint(server: ServerAccess): Promise<boolean> {
  server.gate.check();
  const { target, database } = server.maintenance;
  const session = await openSession({
    target: server.superuser ?? target,
    database,
    settings: SUPERUSER_SETTINGS,
    schema: { schemaVersion: 0 },
    connectMsMax: LIMITS.connectMsMax,
  });
  try {
    await command(session, 'CHECKPOINT');
    return true;
  } catch (thrown) {
    if (asFacetError(thrown).code === 'PERMISSION_DENIED') return false;
    throw thrown;
  } finally {
    await session.close();
  }
}
