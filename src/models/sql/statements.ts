/**
 * The SQL of the sql model against PostgreSQL's catalog. Texts that name a table or index of a client cannot be
 * written down here; they are composed where they are used, from quoted names.
 */
import { statement } from '../../engine/index.ts';

/** $1: oids of types -> oid, name, and oid and name of the element type for arrays. Domains stand for their base. */
export const TYPE_NAMES = statement(
  'sql.types.names',
  `SELECT t.oid, t.typname, e.oid, e.typname
   FROM pg_catalog.pg_type t
   LEFT JOIN pg_catalog.pg_type a ON a.oid = t.typelem AND t.typcategory = 'A'
   LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE a.typtype WHEN 'd' THEN a.typbasetype ELSE a.oid END
   WHERE t.oid = ANY ($1::oid[])`,
);

/** $1: oids of types -> oid, and oid below, of those that are domains, and of pgvector's type: it is -1 everywhere. */
export const BASE_TYPES = statement(
  'sql.types.bases',
  `SELECT oid, CASE WHEN typtype = 'd' THEN typbasetype::int8 ELSE -1 END FROM pg_catalog.pg_type
   WHERE oid = ANY ($1::oid[]) AND (typtype = 'd' OR typname = 'vector')`,
);

/** Spelled as PostgreSQL does, if it has a type of the name $1. */
export const TYPE_BY_NAME = statement(
  'sql.types.by_name',
  'SELECT pg_catalog.format_type(pg_catalog.to_regtype($1)::oid, NULL)',
);

/**
 * Facts of a table `c` beside its name. Sizes need a lock that waits for ALTER TABLE and its kin in transactions of
 * others: then the size at the last VACUUM stands in.
 *
 * Columns: reltuples, total bytes, bytes of the rows alone, whether it is locked, engine, times.
 */
const TABLE_FACTS = `
    CASE c.relkind WHEN 'p'
      THEN coalesce((SELECT sum(greatest(l.reltuples, 0)) FROM pg_catalog.pg_partition_tree(c.oid) t
                     JOIN pg_catalog.pg_class l ON l.oid = t.relid AND t.isleaf AND l.reltuples >= 0), -1)
      ELSE c.reltuples END::bigint,
    CASE WHEN c.oid IN (SELECT relation FROM locked) THEN c.relpages * current_setting('block_size')::bigint
      WHEN c.relkind = 'p' THEN coalesce((SELECT sum(pg_catalog.pg_total_relation_size(t.relid))
                                          FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf), 0)::bigint
      ELSE coalesce(pg_catalog.pg_total_relation_size(c.oid), 0) END,
    CASE WHEN c.oid IN (SELECT relation FROM locked) THEN 0
      WHEN c.relkind = 'p' THEN coalesce((SELECT sum(pg_catalog.pg_relation_size(t.relid))
                                          FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf), 0)::bigint
      ELSE coalesce(pg_catalog.pg_relation_size(c.oid), 0) END,
    c.oid IN (SELECT relation FROM locked),
    coalesce(info.engine, 'row'),
    to_char(info.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    to_char(info.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const LOCKED = `
  locked AS MATERIALIZED (
    SELECT DISTINCT relation FROM pg_catalog.pg_locks
    WHERE mode = 'AccessExclusiveLock' AND granted AND relation IS NOT NULL AND pid <> pg_catalog.pg_backend_pid()
  )`;

/** $1 schema, $2 with system schemas, $3 limit, $4 offset -> total, then name, schema and TABLE_FACTS; null name if none. */
export const LIST_TABLES = statement(
  'sql.tables.list',
  `WITH ${LOCKED}, listed AS MATERIALIZED (
    SELECT c.oid, n.nspname, c.relname
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname = $1
           OR ($2::boolean AND n.nspname IN ('pg_catalog', 'information_schema', 'facet', 'facet_system')))
      AND (c.relkind IN ('r', 'p') OR ($2::boolean AND c.relkind IN ('f', 'm')))
  ), page AS MATERIALIZED (
    SELECT oid, nspname FROM listed ORDER BY nspname, relname LIMIT $3::bigint OFFSET $4::bigint
  )
  SELECT total.count, c.relname, page.nspname, ${TABLE_FACTS}
  FROM (SELECT count(*) FROM listed) total
  LEFT JOIN page ON true
  LEFT JOIN pg_catalog.pg_class c ON c.oid = page.oid
  LEFT JOIN facet.table_info info ON info.relation_oid = page.oid
  ORDER BY page.nspname, c.relname`,
);

/** $1 schema, $2 name -> oid, TABLE_FACTS */
export const FIND_TABLE = statement(
  'sql.tables.find',
  `WITH ${LOCKED}
  SELECT c.oid, ${TABLE_FACTS}
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN facet.table_info info ON info.relation_oid = c.oid
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'm')`,
);

/**
 * Of a column `a`: name, nullable, primary key, default, oid, name, array and modifier of the type with domains taken off,
 * JSON list of the check constraints on this column alone.
 */
const COLUMN_FACTS = `a.attname, NOT a.attnotnull,
     EXISTS (SELECT FROM pg_catalog.pg_index i
             WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)),
     CASE a.attgenerated WHEN '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
     coalesce(e.oid, t.oid), coalesce(e.typname, t.typname), e.oid IS NOT NULL, base.modifier,
     (SELECT coalesce(json_agg(pg_catalog.pg_get_constraintdef(k.oid)), '[]')::text FROM pg_catalog.pg_constraint k
      WHERE k.contype = 'c' AND (k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum] OR k.contypid = a.atttypid))`;

/** Columns `a` of tables, with what COLUMN_FACTS looks at. */
const COLUMNS = `pg_catalog.pg_attribute a
   CROSS JOIN LATERAL (
     WITH RECURSIVE chain AS (
       SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, a.atttypmod AS modifier
       FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
       UNION ALL
       SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, chain.typtypmod
       FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.typbasetype WHERE chain.typtype = 'd'
     ) SELECT oid, modifier FROM chain WHERE typtype <> 'd'
   ) base
   JOIN pg_catalog.pg_type t ON t.oid = base.oid
   LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
   LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum`;

/** $1 oid of the table -> COLUMN_FACTS */
export const TABLE_COLUMNS = statement(
  'sql.tables.columns',
  `SELECT ${COLUMN_FACTS}
   FROM ${COLUMNS}
   WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attnum`,
);

/** Names of the key columns of index `x`, or the text of the expressions among them, as a JSON list. */
const INDEX_COLUMNS = `
    (SELECT json_agg(coalesce(a.attname, pg_catalog.pg_get_indexdef(x.indexrelid, k.at::int, true)) ORDER BY k.at)
     FROM unnest(x.indkey) WITH ORDINALITY AS k(attribute, at)
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attribute AND k.attribute > 0
     WHERE k.at <= x.indnkeyatts)::text`;

/** Of an index `x`: name, columns as JSON, access method, unique. */
const INDEX_FACTS = `i.relname, ${INDEX_COLUMNS}, m.amname, x.indisunique`;

const INDEXES = `pg_catalog.pg_index x
   JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
   JOIN pg_catalog.pg_am m ON m.oid = i.relam`;

/** Of an index `v` on vectors, the same. */
const VECTOR_INDEX_FACTS = `v.name, json_build_array(va.attname)::text, v.type, false`;

const VECTOR_INDEXES = `vector.index v
   JOIN pg_catalog.pg_attribute va ON va.attrelid = v.relation AND va.attnum = v.attribute AND NOT va.attisdropped`;

/** $1 oid of the table -> INDEX_FACTS; the primary key comes first. */
export const TABLE_INDEXES = statement(
  'sql.tables.indexes',
  `SELECT name, columns, method, is_unique FROM (
     SELECT ${INDEX_FACTS}, x.indisprimary
     FROM ${INDEXES}
     WHERE x.indrelid = $1::oid
     UNION ALL
     SELECT ${VECTOR_INDEX_FACTS}, false
     FROM ${VECTOR_INDEXES}
     WHERE v.relation = $1::oid
   ) AS both_kinds (name, columns, method, is_unique, is_primary)
   ORDER BY NOT is_primary, name`,
);

/**
 * $1 schema, $2 with columns, $3 with indexes, $4 tables at most -> name, schema, JSON list of COLUMN_FACTS or null, JSON
 * list of INDEX_FACTS or null, TABLE_FACTS. One row for each table.
 */
export const DESCRIBE_TABLES = statement(
  'sql.tables.describe_all',
  `WITH ${LOCKED}
  SELECT c.relname, n.nspname,
    CASE WHEN $2::boolean THEN (
      SELECT json_agg(json_build_array(${COLUMN_FACTS}) ORDER BY a.attnum)
      FROM ${COLUMNS}
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END,
    CASE WHEN $3::boolean THEN (
      SELECT json_agg(facts ORDER BY NOT is_primary, name) FROM (
        SELECT json_build_array(${INDEX_FACTS}), x.indisprimary, i.relname
        FROM ${INDEXES}
        WHERE x.indrelid = c.oid
        UNION ALL
        SELECT json_build_array(${VECTOR_INDEX_FACTS}), false, v.name
        FROM ${VECTOR_INDEXES}
        WHERE v.relation = c.oid
      ) AS both_kinds (facts, is_primary, name)) END,
    ${TABLE_FACTS}
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN facet.table_info info ON info.relation_oid = c.oid
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
  ORDER BY c.relname LIMIT $4::bigint`,
);

/**
 * $1 schema or null for all but system schemas, $2 table or null for all, $3 limit, $4 offset
 * -> total, then name, schema and name of the table, columns as JSON, access method, unique, bytes, and of indexes on
 * vectors their status, progress and detail; null name if none.
 */
export const LIST_INDEXES = statement(
  'sql.indexes.list',
  `WITH ${LOCKED}, listed AS MATERIALIZED (
    SELECT x.indexrelid, x.vector_id, n.nspname, t.relname AS table_name, x.indisprimary, x.name AS relname
    FROM (
      SELECT i.indexrelid, NULL::bigint AS vector_id, i.indrelid, i.indisprimary, c.relname AS name
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      UNION ALL
      SELECT NULL, v.id, v.relation, false, v.name FROM vector.index v
      JOIN pg_catalog.pg_attribute a ON a.attrelid = v.relation AND a.attnum = v.attribute AND NOT a.attisdropped
    ) AS x
    JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    WHERE CASE WHEN $1::text IS NULL
            THEN n.nspname NOT IN ('pg_catalog', 'information_schema', 'facet', 'facet_system')
                 AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
            ELSE n.nspname = $1 END
      AND ($2::text IS NULL OR t.relname = $2)
  ), page AS MATERIALIZED (
    SELECT * FROM listed ORDER BY nspname, table_name, NOT indisprimary, relname LIMIT $3::bigint OFFSET $4::bigint
  )
  SELECT total.count, page.relname, page.nspname, page.table_name,
    coalesce(${INDEX_COLUMNS}, json_build_array(va.attname)::text), coalesce(m.amname, v.type), coalesce(x.indisunique, false),
    CASE WHEN v.id IS NOT NULL THEN v.size_bytes
      WHEN x.indrelid IN (SELECT relation FROM locked) OR x.indexrelid IN (SELECT relation FROM locked)
      THEN c.relpages * current_setting('block_size')::bigint
      ELSE coalesce(pg_catalog.pg_relation_size(x.indexrelid), 0) END,
    v.status, v.progress, v.detail
  FROM (SELECT count(*) FROM listed) total
  LEFT JOIN page ON true
  LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = page.indexrelid
  LEFT JOIN pg_catalog.pg_class c ON c.oid = page.indexrelid
  LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
  LEFT JOIN vector.index v ON v.id = page.vector_id
  LEFT JOIN pg_catalog.pg_attribute va ON va.attrelid = v.relation AND va.attnum = v.attribute
  ORDER BY page.nspname, page.table_name, NOT page.indisprimary, page.relname`,
);

/** $1 schema, $2 table -> name, type oid, type category of each column; no row when there is no such table. */
export const INDEXABLE_COLUMNS = statement(
  'sql.indexes.columns',
  `SELECT a.attname, t.oid, t.typcategory
   FROM pg_catalog.pg_class c
   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
   JOIN pg_catalog.pg_type t ON t.oid = CASE at.typtype WHEN 'd' THEN at.typbasetype ELSE at.oid END
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm')`,
);

/** $1 schema, $2 name -> engine of the table is kept as columnar. */
export const DECLARE_COLUMNAR = statement(
  'sql.tables.declare_columnar',
  `INSERT INTO facet.table_info AS info (relation_oid, engine, created_at, modified_at)
   SELECT c.oid, 'columnar', now(), now()
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2
   ON CONFLICT (relation_oid) DO UPDATE SET engine = 'columnar'`,
);

/** Statements of this transaction give up waiting for locks of others. */
export const LIMIT_LOCK_WAIT = (ms: number) => statement('sql.lock_wait', `SET LOCAL lock_timeout = ${ms}`);

/** Statements of this transaction fail when they write. */
export const FORBID_WRITES = statement('sql.query.read_only', 'SET LOCAL transaction_read_only = on');

/** Statements of this transaction are planned without a look at the values of their placeholders. */
export const FORCE_GENERIC_PLAN = statement(
  'sql.explain.generic',
  'SET LOCAL plan_cache_mode = force_generic_plan',
);
