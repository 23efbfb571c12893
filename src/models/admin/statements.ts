/** The SQL of the admin model: is PostgreSQL there, and how far has it come? */
import { statement } from '../../engine/index.ts';

/** In recovery, position in the write-ahead log in bytes. */
export const PROGRESS = statement(
  'admin.progress',
  `SELECT pg_is_in_recovery(),
     CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn`,
);

/** Streaming replicas. Change feeds are left out. */
export const REPLICA_COUNT = statement(
  'admin.replica_count',
  `SELECT count(*) FROM pg_stat_replication r
   WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')`,
);
