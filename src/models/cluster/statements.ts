/** The SQL of the cluster model: what PostgreSQL says about itself and its replicas. */
import { statement } from '../../engine/index.ts';

/**
 * In recovery, timeline, bytes of all databases that this role may connect to. The timeline of a primary is in the
 * names of its WAL files; a replica has it from the last checkpoint that it replayed.
 */
export const THIS_NODE = statement(
  'cluster.node',
  `SELECT pg_is_in_recovery(),
     CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
       ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
     (SELECT coalesce(sum(pg_database_size(oid)), 0) FROM pg_database
      WHERE datallowconn AND has_database_privilege(oid, 'CONNECT'))`,
);

/** In recovery, timeline: what is watched of this server. */
export const ROLE = statement(
  'cluster.role',
  `SELECT pg_is_in_recovery(),
     CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
       ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END`,
);

/** Streaming replicas -> name, host and port, seconds since their last word, time of it. Change feeds are left out. */
export const REPLICAS = statement(
  'cluster.replicas',
  `SELECT r.application_name, host(r.client_addr), r.client_port,
     extract(epoch FROM clock_timestamp() - r.reply_time),
     to_char(r.reply_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
   FROM pg_stat_replication r
   WHERE NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
   ORDER BY r.application_name, r.client_addr, r.pid`,
);

export const IN_RECOVERY = statement('cluster.in_recovery', 'SELECT pg_is_in_recovery()');

/** In recovery, where the log stands in bytes (written by a primary, replayed by a replica). */
export const LOG_POSITION = statement(
  'cluster.log_position',
  `SELECT pg_is_in_recovery(),
     pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
       ELSE pg_current_wal_lsn() END, '0/0')::bigint`,
);

/** In recovery, how far the log has been replayed: null where nothing ever was. */
export const REPLAYED = statement('cluster.replayed', 'SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()');

/** Streaming replicas -> name, state, replayed position in bytes, bytes behind, milliseconds behind (null when idle). */
export const REPLICA_LAGS = statement(
  'cluster.replica_lags',
  `SELECT r.application_name, r.state, coalesce(pg_wal_lsn_diff(r.replay_lsn, '0/0')::bigint, 0),
     coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint, 0),
     (extract(epoch FROM r.replay_lag) * 1000)::bigint,
     to_char(r.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
   FROM pg_stat_replication r
   WHERE NOT pg_is_in_recovery()
     AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
   ORDER BY r.application_name, r.client_addr, r.pid`,
);
