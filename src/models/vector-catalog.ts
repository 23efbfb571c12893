/** What the models share about vector indexes: they are listed and dropped beside PostgreSQL's own. Not how they work. */
import { type Database, statement } from '../engine/index.ts';

/** $1 schema, $2 name -> a row when there was one. */
export const DROP_VECTOR_INDEX = statement(
  'vector.index.drop',
  'DELETE FROM vector.index WHERE schema_name = $1 AND name = $2 RETURNING id',
);

/** $1 schema, $2 name -> a row when there is one. */
export const FIND_VECTOR_INDEX = statement(
  'vector.index.find',
  'SELECT id FROM vector.index WHERE schema_name = $1 AND name = $2',
);

const VERSIONS = new WeakMap<Database, number>();

/** Grows when an index is made or dropped in this process: what was remembered of tables is out of date. */
export const vectorCatalogVersion = (database: Database): number => VERSIONS.get(database) ?? 0;

export function vectorCatalogChanged(database: Database): void {
  VERSIONS.set(database, vectorCatalogVersion(database) + 1);
}
