/** Whether changes can be followed by logical decoding, or by triggers only. */
import type { ExchangeHost } from '../exchange.ts';
import { query } from '../query.ts';

/**
 * `superuser`: whether there is one to follow as; otherwise the role of `session` must be allowed to replicate. The level
 * of the write-ahead log changes with a restart of the server only, which ends all sessions.
 */
export async function chooseSource(
  session: ExchangeHost,
  superuser: boolean,
): Promise<'logical' | 'triggers'> {
  const { rows } = await query(
    session,
    `SELECT pg_catalog.current_setting('wal_level') = 'logical', r.rolreplication OR r.rolsuper
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  );
  const [logical, mayReplicate] = rows[0] ?? [];
  return logical === 't' && (superuser || mayReplicate === 't') ? 'logical' : 'triggers';
}
