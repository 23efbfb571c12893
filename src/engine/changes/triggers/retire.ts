/**
 * Ends following by triggers on a server that offers logical decoding by now: writers no longer pay for it. Positions of
 * the one mean nothing to the other, so durable consumers begin anew.
 */

import { LIMITS } from '../../../base/index.ts';
import { command } from '../../command.ts';
import type { ExchangeHost } from '../../exchange.ts';
import { query } from '../../query.ts';
import { quoteName } from '../publication.ts';
import { dropsOf } from './trigger-watcher.ts';

const TABLES = `
  SELECT n.nspname, c.relname FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE t.tgname = '!facet_changes' AND t.tgparentid = 0`;

/** Nothing to do but one question where they never were in use. @throws what PostgreSQL says, LOCK_TIMEOUT */
export async function retireTriggers(session: ExchangeHost): Promise<void> {
  const used = await query(session, 'SELECT FROM cdc.outbox_state WHERE system_identifier <> 0');
  if (used.rows.length === 0) return;
  const { rows } = await query(session, TABLES);
  await command(session, `SET lock_timeout = ${LIMITS.changeWatchLockMsMax}`);
  try {
    for (const [schema, name] of rows) await command(session, dropsOf(quoteName(schema ?? '', name ?? '')));
    await command(
      session,
      `BEGIN; TRUNCATE cdc.outbox_change, cdc.outbox_commit, cdc.outbox_open;
       UPDATE cdc.outbox_state SET first = 0, system_identifier = 0, watches_all = false;
       UPDATE cdc.consumer SET position = '0/0', sequence = 0; COMMIT`,
    );
  } catch (error) {
    await command(session, 'ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await command(session, 'RESET lock_timeout');
  }
}
