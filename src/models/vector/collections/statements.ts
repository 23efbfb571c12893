/** The SQL of collections: their catalog, and texts composed of their quoted names. */
import { quoteIdentifier, type Statement, statement } from '../../../engine/index.ts';
import { quotedName } from '../../table-names.ts';
import { primaryKeyOf, tableOf } from './names.ts';

const COLUMNS = `c.name, c.relation, c.dimension, c.distance, c.declared,
  EXISTS (SELECT FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
          WHERE n.nspname = 'embedding' AND t.relname = c.relation AND t.relkind <> 'i')`;

/** $1 name -> a row of the catalog, and whether its table is there. */
export const FIND = statement(
  'collection.find',
  `SELECT ${COLUMNS} FROM vector.collection c WHERE c.name = $1`,
);

/** As FIND. The collection stays until the transaction ends. */
export const FIND_AND_KEEP = statement(
  'collection.find_and_keep',
  `SELECT ${COLUMNS} FROM vector.collection c WHERE c.name = $1 FOR KEY SHARE OF c`,
);

/** $1 name, $2 name of its index -> as FIND, when it was made, and its index: name, status, progress, detail. */
export const DESCRIBE = statement(
  'collection.describe',
  `SELECT ${COLUMNS}, to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
     i.name, i.status, i.progress, i.detail
   FROM vector.collection c LEFT JOIN vector.index i ON i.schema_name = 'embedding' AND i.name = $2
   WHERE c.name = $1`,
);

/** $1 after, $2 count -> as FIND. */
export const LIST = statement(
  'collection.list',
  `SELECT ${COLUMNS} FROM vector.collection c WHERE c.name > $1 COLLATE "C" ORDER BY c.name LIMIT $2::int`,
);

/** "embd" in ASCII, beside the locks of others. $1 the number of the name. Until the transaction ends. */
export const LOCK = statement('collection.lock', 'SELECT pg_advisory_xact_lock(1701667428, $1::int)');

export const COUNT_COLLECTIONS = statement('collection.count', 'SELECT count(*) FROM vector.collection');

/** $1 name, $2 relation, $3 dimension, $4 distance, $5 declared. */
export const ADD = statement(
  'collection.add',
  `INSERT INTO vector.collection (name, relation, dimension, distance, declared)
   VALUES ($1, $2, $3::int, $4, $5::boolean)`,
);

/** $1 name, $2 dimension, where there is none yet. */
export const FIX_DIMENSION = statement(
  'collection.fix_dimension',
  'UPDATE vector.collection SET dimension = $2::int WHERE name = $1 AND dimension IS NULL',
);

/** $1 name -> its relation, when there was one. */
export const REMOVE = statement(
  'collection.remove',
  'DELETE FROM vector.collection WHERE name = $1 RETURNING relation',
);

const table = (relation: string): string => quotedName(tableOf(relation));

/** The checks have the names by which the violation of one is told as what it is, as for all columns of vectors. */
export const createTable = (relation: string, dimension: number): Statement =>
  statement(
    'collection.create_table',
    `CREATE TABLE ${table(relation)} (
       key text COLLATE "C" CONSTRAINT ${quoteIdentifier(primaryKeyOf(relation))} PRIMARY KEY
         CONSTRAINT key_not_empty CHECK (key <> ''),
       vector real[] NOT NULL
         CONSTRAINT d${dimension}_vector_dimensions CHECK (cardinality(vector) = ${dimension} AND array_ndims(vector) = 1)
         CONSTRAINT d${dimension}_vector_numbers CHECK (array_position(vector, NULL) IS NULL
           AND array_position(vector, 'NaN') IS NULL AND array_position(vector, 'Infinity') IS NULL
           AND array_position(vector, '-Infinity') IS NULL),
       metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT metadata_object CHECK (jsonb_typeof(metadata) = 'object'))`,
  );

/** Vectors do not become smaller by compression, and trying takes longer than storing them. */
export const storeAsIs = (relation: string): Statement =>
  statement(
    'collection.store_as_is',
    `ALTER TABLE ${table(relation)} ALTER COLUMN vector SET STORAGE EXTERNAL`,
  );

export const dropTable = (relation: string): Statement =>
  statement('collection.drop_table', `DROP TABLE IF EXISTS ${table(relation)}`);

/** $`at` keys, then all their vectors one behind the other, then with metadata the objects. */
function insertion(relation: string, dimension: number, at: number, withMetadata: boolean): string {
  const slice = `($${at + 1}::real[])[(u.at - 1) * ${dimension} + 1 : u.at * ${dimension}]`;
  const [columns, given, lists, names, replaced] = withMetadata
    ? [', metadata', ', u.metadata', `, $${at + 2}::jsonb[]`, ', metadata', ', metadata = excluded.metadata']
    : ['', '', '', '', ''];
  return `INSERT INTO ${table(relation)} (key, vector${columns})
     SELECT u.key, ${slice}${given} FROM unnest($${at}::text[]${lists}) WITH ORDINALITY AS u (key${names}, at)
     ON CONFLICT (key) DO UPDATE SET vector = excluded.vector${replaced}`;
}

/** Which kinds of points there are: of those without metadata, what is stored stays. */
export type PointKinds = 'bare' | 'rich' | 'both';

/** Bare ones first: keys, vectors; then rich ones: keys, vectors, metadata. One statement, so all or nothing. */
export function storePoints(relation: string, dimension: number, kinds: PointKinds): Statement {
  const text =
    kinds === 'both'
      ? `WITH bare AS (${insertion(relation, dimension, 1, false)}) ${insertion(relation, dimension, 3, true)}`
      : insertion(relation, dimension, 1, kinds === 'rich');
  return statement('embedding.store', text);
}

/** $1 keys. */
export const deletePoints = (relation: string): Statement =>
  statement('embedding.delete', `DELETE FROM ${table(relation)} WHERE key = ANY ($1::text[])`);

export interface Parts {
  readonly withVector?: boolean | undefined;
  readonly withMetadata?: boolean | undefined;
}

/** Columns of what is asked for, key first. */
export const columnsOf = ({ withVector, withMetadata }: Parts): string[] => [
  'key',
  ...(withVector === true ? ['vector'] : []),
  ...(withMetadata === true ? ['metadata'] : []),
];

/** $1 keys. */
export const getText = (relation: string, parts: Parts): string =>
  `SELECT ${columnsOf(parts).join(', ')} FROM ${table(relation)} WHERE key = ANY ($1::text[])`;

/** $1 after, $2 count. */
export const pageText = (relation: string, parts: Parts): string =>
  `SELECT ${columnsOf(parts).join(', ')} FROM ${table(relation)}
   WHERE key > $1 COLLATE "C" ORDER BY key LIMIT $2::int`;

export const countText = (relation: string, condition: string): string =>
  `SELECT count(*) FROM ${table(relation)} WHERE ${condition}`;

/** $1 count -> how many there are, counted no further than that. */
export const countUpTo = (relation: string): Statement =>
  statement(
    'collection.count_up_to',
    `SELECT count(*) FROM (SELECT FROM ${table(relation)} LIMIT $1::int) AS counted`,
  );
