/** The SQL of the catalog of declared tables. */
import { statement } from '../../../engine/index.ts';

export const READ_TABLES = statement(
  'graph.read_tables',
  'SELECT name, kind, definition FROM graph.declared_table ORDER BY position',
);

/** `$1` name, `$2` NODE or REL, `$3` definition. */
export const INSERT_TABLE = statement(
  'graph.insert_table',
  `INSERT INTO graph.declared_table (name, kind, definition, position)
   SELECT $1, $2, $3::jsonb, coalesce(max(position), 0) + 1 FROM graph.declared_table`,
);

/** `$1` the name that it has, `$2` the one that it gets, `$3` definition. */
export const UPDATE_TABLE = statement(
  'graph.update_table',
  'UPDATE graph.declared_table SET name = $2, definition = $3::jsonb WHERE name = $1',
);

export const DELETE_TABLE = statement(
  'graph.delete_table',
  'DELETE FROM graph.declared_table WHERE name = $1',
);
