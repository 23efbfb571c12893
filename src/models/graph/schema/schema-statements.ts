/** The SQL of the catalog of indexes and constraints. */
import { statement } from '../../../engine/index.ts';

/**
 * The version, and whether jsonb compares strings by code point, which is up to the collation of the database. Its column has
 * another name before PostgreSQL 17.
 */
export const READ_VERSION = statement(
  'graph.read_schema_version',
  `SELECT version, (
     SELECT coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', datcollate)
       IN ('C', 'C.UTF-8', 'C.utf8', 'POSIX', 'PG_UNICODE_FAST')
     FROM pg_catalog.pg_database AS d WHERE datname = current_database()
   ) FROM graph.schema_version`,
);

export const READ_ENTRIES = statement(
  'graph.read_schema_entries',
  `SELECT id, name, kind, entity, label, array_to_json(properties), property_type
   FROM graph.schema_entry ORDER BY id`,
);

/** Also what makes changes of the schema wait for each other. */
export const NEXT_VERSION = statement(
  'graph.next_schema_version',
  'UPDATE graph.schema_version SET version = version + 1',
);

export const INSERT_ENTRY = statement(
  'graph.insert_schema_entry',
  `INSERT INTO graph.schema_entry (name, kind, entity, label, properties, property_type)
   VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
);

export const DELETE_ENTRY = statement(
  'graph.delete_schema_entry',
  'DELETE FROM graph.schema_entry WHERE id = $1',
);
