/** The SQL of the vector model against PostgreSQL's catalog and its own table. What names a client's table is in search-sql.ts. */
import { quoteIdentifier, statement } from '../../engine/index.ts';
import { type QualifiedName, quotedName } from '../table-names.ts';

/**
 * $1 schema, $2 table, $3 column -> oid, kind (p: its rows are in others, too) and file of the table; number of the column (null: there is none), oid and
 * name of its type, of the type of its elements, type modifier and checks as JSON; columns of the table as JSON
 * `[name, type oid, type name, element oid, element name]`; columns of the shortest key that every row has, as JSON
 * `[name, type, oid of the key's index]`; indexes of the column as JSON `[id, name, type, metric, status, options]`. No row: no such table.
 */
export const FIND_TARGET = statement(
  'vector.target',
  `SELECT c.oid, CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid) THEN 'p' ELSE c.relkind END,
     c.relfilenode, a.attnum, base.oid, base.typname, base.typelem, base.modifier,
     (SELECT coalesce(json_agg(pg_catalog.pg_get_constraintdef(k.oid)), '[]') FROM pg_catalog.pg_constraint k
      WHERE k.contype = 'c' AND (k.contypid = a.atttypid OR k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum])),
     (SELECT json_agg(json_build_array(f.attname, t.oid::int8, t.typname, e.oid::int8, e.typname) ORDER BY f.attnum)
      FROM pg_catalog.pg_attribute f
      JOIN pg_catalog.pg_type own ON own.oid = f.atttypid
      JOIN pg_catalog.pg_type t ON t.oid = CASE own.typtype WHEN 'd' THEN own.typbasetype ELSE own.oid END
      LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      WHERE f.attrelid = c.oid AND f.attnum > 0 AND NOT f.attisdropped),
     (SELECT json_agg(json_build_array(f.attname, pg_catalog.format_type(f.atttypid, -1), x.indexrelid::int8) ORDER BY k.at)
      FROM (SELECT x.indkey, x.indnkeyatts, x.indexrelid FROM pg_catalog.pg_index x
            WHERE x.indrelid = c.oid AND x.indisunique AND x.indimmediate AND x.indisvalid AND x.indpred IS NULL
              AND NOT EXISTS (SELECT FROM unnest(x.indkey) WITH ORDINALITY AS k (attribute, at)
                              LEFT JOIN pg_catalog.pg_attribute f ON f.attrelid = c.oid AND f.attnum = k.attribute
                              WHERE k.at <= x.indnkeyatts AND (k.attribute = 0 OR NOT f.attnotnull))
            ORDER BY x.indisprimary DESC, x.indnkeyatts, x.indexrelid LIMIT 1) AS x,
           unnest(x.indkey) WITH ORDINALITY AS k (attribute, at)
      JOIN pg_catalog.pg_attribute f ON f.attrelid = c.oid AND f.attnum = k.attribute
      WHERE k.at <= x.indnkeyatts),
     (SELECT coalesce(json_agg(json_build_array(i.id, i.name, i.type, i.metric, i.status, i.options) ORDER BY i.id), '[]')
      FROM vector.index i WHERE i.relation = c.oid AND i.attribute = a.attnum)
   FROM pg_catalog.pg_class c
   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped
   LEFT JOIN LATERAL (
     WITH RECURSIVE chain AS (
       SELECT t.*, a.atttypmod AS modifier FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
       UNION ALL
       SELECT t.*, chain.typtypmod FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.typbasetype
       WHERE chain.typtype = 'd'
     ) SELECT oid, typname, typelem, modifier FROM chain WHERE typtype <> 'd'
   ) AS base ON true
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm', 'v', 'f')`,
);

/** $1 schema, $2 name -> whether a relation or a vector index has that name. */
export const NAME_TAKEN = statement(
  'vector.index.taken',
  `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = $1 AND c.relname = $2)
     OR EXISTS (SELECT FROM vector.index WHERE schema_name = $1 AND name = $2)`,
);

/** Indexes whose table or column has gone. */
export const FORGET_ORPHANS = statement(
  'vector.index.forget_orphans',
  `DELETE FROM vector.index i WHERE NOT EXISTS (
     SELECT FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = i.relation AND a.attnum = i.attribute AND NOT a.attisdropped)`,
);

/** $1 schema, $2 name, $3 relation, $4 attribute, $5 dimensions, $6 type, $7 metric, $8 options -> id. */
export const ADD_INDEX = statement(
  'vector.index.add',
  `INSERT INTO vector.index (schema_name, name, relation, attribute, dimensions, type, metric, options)
   VALUES ($1, $2, $3::oid, $4, $5, $6, $7, $8) RETURNING id`,
);

/** $1 id, $2 status, $3 progress, $4 bytes, $5 detail -> a row when the index is still there. */
export const NOTE_INDEX = statement(
  'vector.index.note',
  `UPDATE vector.index SET status = $2, progress = $3, size_bytes = $4, detail = $5 WHERE id = $1 RETURNING id`,
);

/** -> id, schema, table and column of every index whose column is there. */
export const LIST_ALL = statement(
  'vector.index.all',
  `SELECT i.id, n.nspname, c.relname, a.attname FROM vector.index i
   JOIN pg_catalog.pg_attribute a ON a.attrelid = i.relation AND a.attnum = i.attribute AND NOT a.attisdropped
   JOIN pg_catalog.pg_class c ON c.oid = i.relation
   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY i.id`,
);

/** -> one text that no other database has, of this server or of another. */
export const DATABASE_IDENTITY = statement(
  'vector.database',
  `SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()) || '/' || oid
   FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()`,
);

/** $1 id -> whether it is there. */
export const INDEX_EXISTS = statement('vector.index.exists', 'SELECT FROM vector.index WHERE id = $1');

/** $1 id */
export const REMOVE_INDEX = statement('vector.index.remove', 'DELETE FROM vector.index WHERE id = $1');

/** All rows that have a vector: the columns of the key, then the vector. Read in one snapshot, piece by piece. */
export const READ_ALL = (table: QualifiedName, key: readonly string[], column: string) =>
  statement(
    'vector.read.open',
    `DECLARE vectors NO SCROLL CURSOR FOR SELECT ${[...key, column].map(quoteIdentifier).join(', ')}
     FROM ${quotedName(table)} WHERE ${quoteIdentifier(column)} IS NOT NULL`,
  );

export const READ_PIECE = (rows: number) =>
  statement('vector.read.piece', `FETCH FORWARD ${rows} FROM vectors`);

/** Without statistics the planner's guess from the size of the file. */
export const COUNT_ROWS = (table: QualifiedName) =>
  statement('vector.read.estimate', `EXPLAIN (FORMAT JSON) SELECT FROM ${quotedName(table)}`);
