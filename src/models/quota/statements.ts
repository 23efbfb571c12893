/** The SQL of the quota model. The tables are those of the migration usage/0001-counts. */
import { LIMITS } from '../../base/index.ts';
import { statement } from '../../engine/index.ts';

const GONE = `interval '${LIMITS.usageProcessGoneMs} milliseconds'`;

/** Principal, first day of the month, this process -> operations so far, connections of the other processes. */
export const READ_COUNTS = statement(
  'usage.read',
  `SELECT
     coalesce((SELECT operations FROM facet.operation_count WHERE principal = $1 AND month = $2::date), 0),
     coalesce((SELECT sum(connections) FROM facet.connection_count
               WHERE principal = $1 AND process <> $3 AND seen_at > now() - ${GONE}), 0)`,
);

/** Principals, months, operations to add -> principal, month, operations of all processes. One row for each. */
export const ADD_OPERATIONS = statement(
  'usage.add',
  `INSERT INTO facet.operation_count AS c (principal, month, operations)
   SELECT p, m, sum(n) FROM unnest($1::text[], $2::date[], $3::bigint[]) AS given (p, m, n)
   GROUP BY p, m ORDER BY p COLLATE "C", m
   ON CONFLICT (principal, month) DO UPDATE SET operations = c.operations + excluded.operations
   RETURNING principal, month::text, operations`,
);

/**
 * Principals, their connections in this process, this process -> principal, connections of the other processes.
 * Reports of processes that are gone are removed on the way.
 */
export const REPORT_CONNECTIONS = statement(
  'usage.connections',
  `WITH gone AS (
     DELETE FROM facet.connection_count WHERE principal = ANY ($1::text[]) AND process <> $3
       AND seen_at <= now() - ${GONE}
   ), mine AS (
     INSERT INTO facet.connection_count AS c (principal, process, connections, seen_at)
     SELECT p, $3, n, now() FROM unnest($1::text[], $2::int[]) AS given (p, n) ORDER BY p COLLATE "C"
     ON CONFLICT (principal, process) DO UPDATE SET
       connections = excluded.connections, seen_at = excluded.seen_at
   )
   SELECT principal, sum(connections) FROM facet.connection_count
   WHERE principal = ANY ($1::text[]) AND process <> $3 AND seen_at > now() - ${GONE}
   GROUP BY principal`,
);

export const FORGET_PROCESS = statement(
  'usage.forget',
  'DELETE FROM facet.connection_count WHERE process = $1',
);

/**
 * Bytes of all tables and indexes of the database that are not PostgreSQL's own. Files do not shrink when rows are
 * deleted, so a table whose statistics are known counts what its live rows take, at most its files: its rows by the
 * average widths of its columns, values stored out of line by the number of their pieces (some 2 kB each), indexes in
 * proportion. Statistics are lost when PostgreSQL crashes; a table without them counts its files.
 */
export const MEASURE_STORAGE = statement(
  'usage.storage',
  `WITH width AS (
     SELECT schemaname, tablename, sum(avg_width * (1 - null_frac)) AS bytes
     FROM pg_stats WHERE NOT inherited GROUP BY schemaname, tablename
   ), heap AS (
     SELECT c.oid, c.reltoastrelid, pg_relation_size(c.oid) AS bytes, pg_indexes_size(c.oid) AS index_bytes,
       CASE WHEN coalesce(s.last_analyze, s.last_autoanalyze) IS NOT NULL
         THEN s.n_live_tup * (28 + w.bytes) * 1.25 + 8192 END AS live
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
     LEFT JOIN width w ON w.schemaname = n.nspname AND w.tablename = c.relname
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
   ), toast AS (
     SELECT h.oid, pg_total_relation_size(h.reltoastrelid) AS bytes,
       CASE WHEN coalesce(s.last_vacuum, s.last_autovacuum) IS NOT NULL
         THEN s.n_live_tup * 2100.0 + 16384 END AS live
     FROM heap h JOIN pg_stat_all_tables s ON s.relid = h.reltoastrelid
   )
   SELECT coalesce(sum(
     least(h.bytes, coalesce(h.live, h.bytes))
     + h.index_bytes * least(1, coalesce(h.live / nullif(h.bytes, 0), 1))
     + coalesce(least(t.bytes, coalesce(t.live, t.bytes)), 0)), 0)::bigint
   FROM heap h LEFT JOIN toast t USING (oid)`,
);
