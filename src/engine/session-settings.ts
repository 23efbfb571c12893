/** Run-time settings of each kind of session. They are given when connecting, so DISCARD ALL returns to them. */
import { LIMITS } from '../base/index.ts';

/** What makes the text form of values exact and the same on every server, and undoes settings of role and database. */
const COMMON: Readonly<Record<string, string>> = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  // The scanner of SQL texts reads quotes this way.
  standard_conforming_strings: 'on',
  // Notices are not passed on, so they need not travel.
  client_min_messages: 'error',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
};

export const POOL_SETTINGS = COMMON;

/**
 * Facet's own short statements. The timeout is a backstop: one that hangs would hold up all behind it. So would one that
 * waits for a row which somebody's transaction holds: it ends with LOCK_TIMEOUT, and waits in the pool.
 */
export const LANE_SETTINGS: Readonly<Record<string, string>> = {
  ...COMMON,
  statement_timeout: String(LIMITS.queryTimeoutMsDefault),
  lock_timeout: String(LIMITS.laneLockMsMax),
};

/** Reads of clients that have proved to be short. Both timeouts send a statement back to the pool. */
export const READ_LANE_SETTINGS: Readonly<Record<string, string>> = {
  ...COMMON,
  default_transaction_read_only: 'on',
  statement_timeout: String(LIMITS.laneStatementMsMax),
  lock_timeout: String(Math.floor(LIMITS.laneStatementMsMax / 4)),
};

/** Sessions of the superuser see no functions of users by accident. */
export const SUPERUSER_SETTINGS: Readonly<Record<string, string>> = {
  ...COMMON,
  search_path: 'pg_catalog',
};

/** Streams of changes. PostgreSQL gives one up that does not report; it speaks itself after half of that time. */
export const REPLICATION_SETTINGS: Readonly<Record<string, string>> = {
  ...SUPERUSER_SETTINGS,
  wal_sender_timeout: String(LIMITS.changeSilenceMsMax),
};

/** The login role of the default namespace, on servers that Facet runs. */
export const USER_ROLE = 'facet';

const SEARCH_PATH = 'public, vector';

/**
 * PostgreSQL's default search path begins with the schema named like the role. For the role `facet` that is the engine's
 * own schema, where users' tables have no business. The schema `vector` has types and operators that users need. Roles of other people's servers keep the path that they have there.
 * On our own server a role may change its own defaults; none of them may keep a session from being opened.
 */
export function settingsFor(
  login: { readonly user: string; readonly embedded: boolean },
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (login.embedded) return { ...settings, search_path: SEARCH_PATH, transaction_timeout: '0' };
  return login.user === USER_ROLE ? { ...settings, search_path: SEARCH_PATH } : settings;
}
