/** The SQL of artifacts, whole. What needs several steps is a function of the migration. */
import { statement } from '../../engine/index.ts';

/** In the order that `artifactOf` reads. */
const COLUMNS = `a.id, a.filename, a.content_type, a.size, encode(a.sha256, 'hex'), a.chunk_count,
  blob.ms(a.created_at), blob.ms(a.modified_at), a.created_by, to_json(a.tags), to_json(a.linked_to), a.custom,
  a.chunk_bytes`;

export const PUT = statement(
  'blob.put',
  `SELECT blob.put($1::uuid, $2::bytea[], $3::bytea[], $4::bytea[], $5, $6, $7::bigint, $8::bytea, $9::int, $10::int,
    $11, $12::text[], $13::text[], $14::jsonb)`,
);

export const STORE = statement(
  'blob.store',
  'SELECT blob.store($1::uuid, $2::int, $3::bytea[], $4::bytea[], $5::bytea[])',
);

export const UPLOAD_BEGIN = statement(
  'blob.upload_begin',
  `INSERT INTO blob.upload (id, lease_until) VALUES ($1::uuid, clock_timestamp() + $2::int * interval '1 millisecond')`,
);

export const UPLOAD_CHUNKS = statement(
  'blob.upload_chunks',
  'SELECT blob.upload_chunks($1::uuid, $2::int, $3::int, $4::bytea[], $5::bytea[], $6::bytea[])',
);

export const UPLOAD_RENEW = statement(
  'blob.upload_renew',
  `UPDATE blob.upload SET lease_until = clock_timestamp() + $2::int * interval '1 millisecond'
   WHERE id = ANY ($1::uuid[])`,
);

/** From here on there is an artifact; no row when the upload was given up. */
export const UPLOAD_FINISH = statement(
  'blob.upload_finish',
  `WITH done AS (DELETE FROM blob.upload WHERE id = $1::uuid RETURNING id), made AS (
     SELECT clock_timestamp() AS at)
   INSERT INTO blob.artifact (id, filename, content_type, size, sha256, chunk_bytes, chunk_count, created_by, tags,
     linked_to, custom, created_at, modified_at)
   SELECT done.id, $2, $3, $4::bigint, $5::bytea, $6::int, $7::int, $8, $9::text[], $10::text[], $11::jsonb, made.at,
     made.at
   FROM done CROSS JOIN made RETURNING blob.ms(created_at)`,
);

/** As above, of an artifact whose chunks the same transaction has stored. */
export const ARTIFACT_ADD = statement(
  'blob.artifact_add',
  `INSERT INTO blob.artifact (id, filename, content_type, size, sha256, chunk_bytes, chunk_count, created_by, tags,
     linked_to, custom, created_at, modified_at)
   SELECT $1::uuid, $2, $3, $4::bigint, $5::bytea, $6::int, $7::int, $8, $9::text[], $10::text[], $11::jsonb, made.at,
     made.at
   FROM (SELECT clock_timestamp() AS at) AS made RETURNING blob.ms(created_at)`,
);

export const UPLOAD_ABANDON = statement(
  'blob.upload_abandon',
  `WITH ended AS (DELETE FROM blob.upload WHERE id = $1::uuid RETURNING id)
   INSERT INTO blob.garbage (artifact_id) SELECT id FROM ended ON CONFLICT DO NOTHING`,
);

export const INFO = statement('blob.info', `SELECT ${COLUMNS} FROM blob.artifact AS a WHERE a.id = $1::uuid`);

export const READ = statement(
  'blob.read',
  // Not as bytea, whose text form is up to the session of whoever began the transaction.
  `SELECT ordinal, encode(sha256, 'hex'), encode(data, 'hex') FROM blob.read($1::uuid, $2::int, $3::int)`,
);

export const DELETE = statement('blob.delete', 'DELETE FROM blob.artifact WHERE id = $1::uuid');

const FILTER = `($1::text IS NULL OR (starts_with(a.filename, $1) AND a.filename >= $1))
  AND ($2::text IS NULL OR starts_with(a.id::text, $2))
  AND ($3::text[] IS NULL OR a.tags @> $3)
  AND ($4::text[] IS NULL OR a.linked_to @> $4)
  AND ($5::text IS NULL OR a.content_type = $5)`;

export const LIST = statement(
  'blob.list',
  `SELECT ${COLUMNS} FROM blob.artifact AS a WHERE ${FILTER}
   ORDER BY a.created_at, a.id LIMIT $6::int OFFSET $7::bigint`,
);
export const LIST_COUNT = statement(
  'blob.list_count',
  `SELECT count(*) FROM blob.artifact AS a WHERE ${FILTER}`,
);

/** Whether it was changed, and how many there are then; no row without the artifact, and none is written beyond $3. */
const inSet = (name: string, column: 'tags' | 'linked_to') => ({
  add: statement(
    `blob.${name}`,
    `WITH was AS (SELECT id, ${column} AS members FROM blob.artifact WHERE id = $1::uuid FOR NO KEY UPDATE), changed AS (
       UPDATE blob.artifact AS a SET modified_at = clock_timestamp(),
         ${column} = ARRAY(SELECT m FROM unnest(was.members || $2::text) AS m ORDER BY m COLLATE "C")
       FROM was WHERE a.id = was.id AND NOT $2::text = ANY (was.members) AND cardinality(was.members) < $3::int
       RETURNING 1)
     SELECT (SELECT count(*) FROM changed), $2::text = ANY (members) FROM was`,
  ),
  remove: statement(
    `blob.un${name}`,
    `WITH was AS (SELECT id, ${column} AS members FROM blob.artifact WHERE id = $1::uuid FOR NO KEY UPDATE), changed AS (
       UPDATE blob.artifact AS a SET modified_at = clock_timestamp(), ${column} = array_remove(was.members, $2::text)
       FROM was WHERE a.id = was.id AND $2::text = ANY (was.members) RETURNING 1)
     SELECT (SELECT count(*) FROM changed), true FROM was`,
  ),
});
export const TAG = inSet('tag', 'tags');
export const LINK = inSet('link', 'linked_to');

/** As above; a null removes the entry. */
export const SET_META = statement(
  'blob.set_meta',
  `WITH was AS (SELECT id, custom FROM blob.artifact WHERE id = $1::uuid FOR NO KEY UPDATE), changed AS (
     UPDATE blob.artifact AS a SET modified_at = clock_timestamp(),
       custom = CASE WHEN $3::text IS NULL THEN was.custom - $2::text
         ELSE was.custom || jsonb_build_object($2::text, $3::text) END
     FROM was WHERE a.id = was.id AND (was.custom ->> $2::text) IS DISTINCT FROM $3::text
       AND ($3::text IS NULL OR was.custom ? $2::text
         OR (SELECT count(*) FROM jsonb_object_keys(was.custom)) < $4::int)
     RETURNING 1)
   SELECT (SELECT count(*) FROM changed), (was.custom ->> $2::text) IS NOT DISTINCT FROM $3::text FROM was`,
);
export const GET_META = statement(
  'blob.get_meta',
  'SELECT custom ->> $2::text FROM blob.artifact WHERE id = $1::uuid',
);

export const COLLECT = statement('blob.collect', 'SELECT * FROM blob.collect($1::int, $2::bigint)');
export const REPAIR_REFERENCES = statement(
  'blob.repair_references',
  'SELECT * FROM blob.repair_references($1::uuid, $2::int)',
);
export const REPAIR_CHUNKS = statement(
  'blob.repair_chunks',
  'SELECT * FROM blob.repair_chunks($1::bytea, $2::int)',
);
export const FIND_DAMAGED = statement(
  'blob.find_damaged',
  'SELECT last, to_json(damaged) FROM blob.find_damaged($1::uuid, $2::int)',
);

export const STATS = statement(
  'blob.stats',
  `WITH refers AS (
     SELECT r.sha256, bool_or(a.id IS NOT NULL) AS kept, bool_or(u.id IS NOT NULL) AS uploading
     FROM blob.artifact_chunk AS r LEFT JOIN blob.artifact AS a ON a.id = r.artifact_id
       LEFT JOIN blob.upload AS u ON u.id = r.artifact_id
     GROUP BY r.sha256)
   SELECT (SELECT count(*) FROM blob.artifact), (SELECT coalesce(sum(size), 0) FROM blob.artifact),
     count(*), coalesce(sum(c.size) FILTER (WHERE f.kept), 0),
     count(*) FILTER (WHERE NOT coalesce(f.kept OR f.uploading, false)), (SELECT count(*) FROM blob.upload)
   FROM blob.chunk AS c LEFT JOIN refers AS f ON f.sha256 = c.sha256`,
);
