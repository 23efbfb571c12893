/** Where PostgreSQL's log stands, and getting it onto the disk: statements on a session that the engine holds. */
import { FacetError, LIMITS } from '../base/index.ts';
import type { ResultSet } from './contract.ts';
import { Portal } from './portal.ts';
import type { Session } from './session.ts';

/** Values of synchronous_commit, the least first. */
const LEVELS = ['off', 'local', 'remote_write', 'on', 'remote_apply'] as const;
export type SyncLevel = (typeof LEVELS)[number];

/** What PostgreSQL says of synchronous_commit. A value that is not known counts as the strictest. */
export const syncLevel = (said: string | null | undefined): SyncLevel =>
  LEVELS.find((level) => level === said) ?? 'remote_apply';

/** What is enough for all of them. */
export function strictest(wishes: readonly { readonly level: SyncLevel }[]): SyncLevel {
  return LEVELS[Math.max(0, ...wishes.map(({ level }) => LEVELS.indexOf(level)))] ?? 'on';
}

/**
 * $1: whether what was committed without waiting for the disk counts. A standby says how far it has replayed. Where the
 * next record would begin, right behind the header of a page, nothing has been written yet: the last record ended before
 * that header, and a standby never gets beyond its end until another record comes.
 */
const POSITION = `SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
    WHEN NOT $1::boolean AND pg_catalog.current_setting('synchronous_commit') <> 'off'
      THEN pg_catalog.pg_current_wal_flush_lsn()
    ELSE (SELECT written - CASE
        WHEN (written - '0/0') % pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')) = 40 THEN 40
        WHEN (written - '0/0') % pg_catalog.current_setting('wal_block_size')::numeric = 24 THEN 24
        ELSE 0 END::numeric
      FROM pg_catalog.pg_current_wal_insert_lsn() AS written) END`;

/** A position at or behind every commit that this session knows of; with `unflushed` those of others, too. */
export async function logPosition(session: Session, unflushed: boolean): Promise<string> {
  const { rows } = await run(session, POSITION, [unflushed ? 't' : 'f']);
  return rows[0]?.[0] ?? '0/0';
}

/**
 * A transaction that has something to commit, and waits for it as $1 says: it locks a row of ours, which is in every
 * namespace. Whoever flushes at the same moment has it for as long as that takes.
 */
const FLUSH = `SELECT pg_catalog.set_config('synchronous_commit', $1, true) FROM facet.migration LIMIT 1
  FOR NO KEY UPDATE`;

/** The same without a table of ours, which somebody may have dropped. It leaves a dead row in a catalog each time. */
const FLUSH_BY_ITSELF = `SELECT pg_catalog.set_config('synchronous_commit', $1, true),
  pg_catalog.lo_unlink(pg_catalog.lo_create(0))`;

/** Gets everything onto the disk that is in the log now. Resolves with the position of that, if it is to be told. */
export async function flushLog(
  session: Session,
  level: SyncLevel,
  tellsPosition: boolean,
  byItself = false,
): Promise<string | undefined> {
  if (level !== 'off') {
    const flushed = run(session, byItself ? FLUSH_BY_ITSELF : FLUSH, [level]);
    const position = tellsPosition ? logPosition(session, false) : undefined;
    position?.catch(() => {});
    await flushed;
    return position;
  }
  return tellsPosition ? logPosition(session, true) : undefined;
}

/** What synchronous_commit was, and off until the end of the transaction. */
const DEFER = `SELECT pg_catalog.current_setting('synchronous_commit'),
  pg_catalog.set_config('synchronous_commit', 'off', true)`;

/** Has the commit of the transaction on `session` not wait for the disk. Resolves with how it would have waited. */
export async function deferFlush(session: Session): Promise<SyncLevel> {
  const { rows } = await run(session, DEFER, []);
  return syncLevel(rows[0]?.[0]);
}

const BOUNDS = { named: true, rowsMax: 1, bytesMax: LIMITS.resultBytesSmall, overflow: 'discard' } as const;

function run(session: Session, text: string, parameters: readonly string[]): Promise<ResultSet> {
  return new Promise((resolve, reject) => {
    const portal = new Portal({ text, parameters, ...BOUNDS }, (outcome) => {
      if (outcome instanceof FacetError) reject(outcome);
      else resolve(outcome);
    });
    session.start(portal);
  });
}
