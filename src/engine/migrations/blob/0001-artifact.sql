-- Artifacts are named bytes of any size, cut into chunks, of which equal ones are stored once. An artifact exists when its
-- row in blob.artifact does; its references to chunks may be there long before (an upload) and after (what was deleted).
CREATE SCHEMA blob;

CREATE TABLE blob.artifact (
  id uuid PRIMARY KEY,
  filename text COLLATE "C" NOT NULL,
  content_type text COLLATE "C" NOT NULL,
  size bigint NOT NULL CHECK (size >= 1),
  -- Of all bytes.
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  -- All chunks but the last one have so many bytes.
  chunk_bytes int NOT NULL CHECK (chunk_bytes >= 1),
  chunk_count int NOT NULL CHECK (chunk_count = (size + chunk_bytes - 1) / chunk_bytes),
  created_by text COLLATE "C" NOT NULL,
  -- In the order of their bytes, each once.
  tags text[] COLLATE "C" NOT NULL,
  linked_to text[] COLLATE "C" NOT NULL,
  custom jsonb NOT NULL CHECK (jsonb_typeof(custom) = 'object'),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  modified_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX artifact_created ON blob.artifact (created_at, id);
CREATE INDEX artifact_filename ON blob.artifact (filename);
CREATE INDEX artifact_content_type ON blob.artifact (content_type);
CREATE INDEX artifact_tags ON blob.artifact USING gin (tags);
CREATE INDEX artifact_linked_to ON blob.artifact USING gin (linked_to);

-- Bytes that were compressed once do not shrink again, and trying costs more than storing them.
CREATE TABLE blob.chunk (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  size int NOT NULL CHECK (size >= 1),
  data bytea NOT NULL,
  CHECK (size = octet_length(data))
);
ALTER TABLE blob.chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- The only count of references there is. The foreign key is what nobody gets past: no chunk goes that one of these names.
CREATE TABLE blob.artifact_chunk (
  artifact_id uuid NOT NULL,
  ordinal int NOT NULL CHECK (ordinal >= 0),
  sha256 bytea NOT NULL REFERENCES blob.chunk,
  PRIMARY KEY (artifact_id, ordinal)
);
CREATE INDEX artifact_chunk_sha256 ON blob.artifact_chunk (sha256);

-- Uploads under way, by the id that the artifact will have. Without a new lease the process that runs it is gone.
CREATE TABLE blob.upload (
  id uuid PRIMARY KEY,
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Ids of artifacts and uploads that are gone and whose references to chunks are to be removed.
CREATE TABLE blob.garbage (artifact_id uuid PRIMARY KEY);

-- Chunks that may have no reference left, but which somebody held when that was to be seen.
CREATE TABLE blob.suspect (sha256 bytea PRIMARY KEY);

CREATE FUNCTION blob.note_garbage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO blob.garbage (artifact_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER artifact_deleted AFTER DELETE ON blob.artifact FOR EACH ROW EXECUTE FUNCTION blob.note_garbage();

CREATE FUNCTION blob.ms(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN floor(extract(epoch FROM at) * 1000)::bigint;

-- Stores chunks that are not there yet and makes `hashes` those of an artifact from an ordinal on. `new_hashes` are the
-- different ones among them, sorted, so that everybody locks in one order; `datas` are their bytes. A chunk that is
-- found is locked until the commit, which the collector passes by; one that it has just removed is stored anew. One
-- that is found with other bytes was damaged by SQL: it gets its own again, or else what is stored here were damaged, too.
CREATE FUNCTION blob.store(artifact uuid, first_ordinal int, hashes bytea[], new_hashes bytea[], datas bytea[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  held int;
  made bytea[];
  all_made bytea[] := '{}';
BEGIN
  FOR attempt IN 1 .. 100 LOOP
    WITH stored AS (
      INSERT INTO blob.chunk (sha256, size, data)
      SELECT n.h, octet_length(n.d), n.d FROM unnest(new_hashes, datas) AS n (h, d)
      ON CONFLICT DO NOTHING RETURNING sha256)
    SELECT coalesce(array_agg(s.sha256), '{}') INTO made FROM stored AS s;
    all_made := all_made || made;
    PERFORM FROM blob.chunk AS c WHERE c.sha256 = ANY (new_hashes) ORDER BY c.sha256 FOR KEY SHARE;
    GET DIAGNOSTICS held = ROW_COUNT;
    EXIT WHEN held = cardinality(new_hashes);
  END LOOP;
  IF cardinality(all_made) < cardinality(new_hashes) THEN
    UPDATE blob.chunk AS c SET data = n.d, size = octet_length(n.d) FROM unnest(new_hashes, datas) AS n (h, d)
    WHERE c.sha256 = n.h AND NOT n.h = ANY (all_made) AND c.data <> n.d;
  END IF;
  INSERT INTO blob.artifact_chunk (artifact_id, ordinal, sha256)
  SELECT artifact, first_ordinal + r.n::int - 1, r.h FROM unnest(hashes) WITH ORDINALITY AS r (h, n);
END $$;

-- One step of an upload, in a transaction of its own; false when the upload was given up. The lock on its row keeps the
-- collector from doing so meanwhile. This commit need not wait for the disk: the one that makes the artifact does, and
-- the log is written in its order.
CREATE FUNCTION blob.upload_chunks(
  upload uuid, lock_ms_max int, first_ordinal int, hashes bytea[], new_hashes bytea[], datas bytea[])
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true), set_config('lock_timeout', lock_ms_max::text, true);
  PERFORM FROM blob.upload AS u WHERE u.id = upload FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM blob.store(upload, first_ordinal, hashes, new_hashes, datas);
  RETURN true;
END $$;

-- A whole artifact, of few bytes, at once.
CREATE FUNCTION blob.put(
  artifact uuid, hashes bytea[], new_hashes bytea[], datas bytea[], filename text, content_type text, size bigint,
  sha256 bytea, chunk_bytes int, chunk_count int, created_by text, tags text[], linked_to text[], custom jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  made timestamptz := clock_timestamp();
BEGIN
  PERFORM blob.store(artifact, 0, hashes, new_hashes, datas);
  INSERT INTO blob.artifact VALUES (artifact, filename, content_type, size, sha256, chunk_bytes, chunk_count,
    created_by, tags, linked_to, custom, made, made);
  RETURN blob.ms(made);
END $$;

-- Chunks of an artifact in their order. For the planner: always the indexes, whatever it thinks of a young table.
CREATE FUNCTION blob.read(artifact uuid, first_ordinal int, chunks int)
RETURNS TABLE (ordinal int, sha256 bytea, data bytea) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  RETURN QUERY SELECT r.ordinal, r.sha256, c.data
  FROM blob.artifact_chunk AS r JOIN blob.chunk AS c ON c.sha256 = r.sha256
  WHERE r.artifact_id = artifact AND r.ordinal >= first_ordinal AND r.ordinal < first_ordinal + chunks
  ORDER BY r.ordinal;
END $$;

-- One bounded step of collecting: uploads whose lease has ended become garbage, some references of one garbage are
-- removed, and with them the chunks that nothing refers to any more. A chunk is looked at under a lock that no new
-- reference gets past, by a statement of its own that sees all older ones; what somebody else holds is looked at later.
-- `due_ms`: null when nothing is left to do, else when it is worth trying again.
CREATE FUNCTION blob.collect(rows_max int, retry_ms bigint, OUT chunks bigint, OUT bytes bigint, OUT due_ms bigint)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  gone uuid;
  removed int;
  candidates bytea[] := '{}';
  suspects bytea[];
  held bytea[];
  skipped int;
BEGIN
  WITH ended AS (
    DELETE FROM blob.upload WHERE id IN (
      SELECT u.id FROM blob.upload AS u WHERE u.lease_until <= clock_timestamp() LIMIT rows_max FOR UPDATE SKIP LOCKED)
    RETURNING id)
  INSERT INTO blob.garbage (artifact_id) SELECT id FROM ended ORDER BY id ON CONFLICT DO NOTHING;

  SELECT g.artifact_id INTO gone FROM blob.garbage AS g ORDER BY g.artifact_id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    -- Somebody wrote it there by SQL.
    IF EXISTS (SELECT FROM blob.artifact AS a WHERE a.id = gone)
        OR EXISTS (SELECT FROM blob.upload AS u WHERE u.id = gone) THEN
      removed := 0;
    ELSE
      WITH freed AS (
        DELETE FROM blob.artifact_chunk AS r WHERE r.artifact_id = gone AND r.ordinal < rows_max
          + (SELECT min(f.ordinal) FROM blob.artifact_chunk AS f WHERE f.artifact_id = gone)
        RETURNING r.sha256)
      SELECT count(*), coalesce(array_agg(DISTINCT f.sha256), '{}') INTO removed, candidates FROM freed AS f;
    END IF;
    -- An upload that broke off in the middle may have left gaps.
    IF removed = 0 OR (removed < rows_max
        AND NOT EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.artifact_id = gone)) THEN
      DELETE FROM blob.garbage AS g WHERE g.artifact_id = gone;
    END IF;
  END IF;
  suspects := ARRAY(SELECT s.sha256 FROM blob.suspect AS s ORDER BY s.sha256 LIMIT rows_max FOR UPDATE SKIP LOCKED);
  candidates := candidates || suspects;

  held := ARRAY(SELECT c.sha256 FROM blob.chunk AS c WHERE c.sha256 = ANY (candidates)
    ORDER BY c.sha256 FOR UPDATE SKIP LOCKED);
  WITH freed AS (
    DELETE FROM blob.chunk AS c
    WHERE c.sha256 = ANY (held) AND NOT EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.sha256 = c.sha256)
    RETURNING c.size)
  SELECT count(*), coalesce(sum(size), 0) INTO chunks, bytes FROM freed;
  INSERT INTO blob.suspect (sha256)
  SELECT c.sha256 FROM blob.chunk AS c
  WHERE c.sha256 = ANY (candidates) AND NOT c.sha256 = ANY (held) AND NOT c.sha256 = ANY (suspects)
  ORDER BY c.sha256 ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS skipped = ROW_COUNT;
  DELETE FROM blob.suspect AS s WHERE s.sha256 = ANY (suspects)
    AND (s.sha256 = ANY (held) OR NOT EXISTS (SELECT FROM blob.chunk AS c WHERE c.sha256 = s.sha256));

  IF chunks > 0 OR EXISTS (SELECT FROM blob.garbage AS g LIMIT 1) AND gone IS NOT NULL THEN
    due_ms := 0;
  ELSIF EXISTS (SELECT FROM blob.suspect) OR EXISTS (SELECT FROM blob.garbage) THEN
    due_ms := retry_ms;
  ELSE
    SELECT greatest(1, ceil(extract(epoch FROM u.lease_until - clock_timestamp()) * 1000))::bigint INTO due_ms
    FROM blob.upload AS u ORDER BY u.lease_until LIMIT 1;
  END IF;
END $$;

-- What cannot come about through the operations, but by SQL: references of nobody become garbage. Looks at some ids
-- behind `after`; `last` is null at the end.
CREATE FUNCTION blob.repair_references(after uuid, ids_max int, OUT last uuid, OUT fixed bigint)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  here uuid := after;
  found_rows bigint;
BEGIN
  fixed := 0;
  FOR i IN 1 .. ids_max LOOP
    SELECT r.artifact_id INTO here FROM blob.artifact_chunk AS r
    WHERE r.artifact_id > coalesce(here, '00000000-0000-0000-0000-000000000000') ORDER BY r.artifact_id LIMIT 1;
    last := here;
    EXIT WHEN here IS NULL;
    WITH nobody AS (
      SELECT here AS id WHERE NOT EXISTS (SELECT FROM blob.artifact AS a WHERE a.id = here)
        AND NOT EXISTS (SELECT FROM blob.upload AS u WHERE u.id = here)
        AND NOT EXISTS (SELECT FROM blob.garbage AS g WHERE g.artifact_id = here)
        -- It was read by an earlier statement.
        AND EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.artifact_id = here)),
    noted AS (
      INSERT INTO blob.garbage (artifact_id) SELECT id FROM nobody ON CONFLICT DO NOTHING RETURNING artifact_id)
    SELECT count(*) INTO found_rows FROM blob.artifact_chunk AS r WHERE r.artifact_id IN (SELECT id FROM nobody);
    fixed := fixed + found_rows;
  END LOOP;
END $$;

-- As above: chunks without a reference become suspects.
CREATE FUNCTION blob.repair_chunks(after bytea, rows_max int, OUT last bytea, OUT orphans bigint)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH page AS (
    SELECT c.sha256 FROM blob.chunk AS c WHERE c.sha256 > after ORDER BY c.sha256 LIMIT rows_max),
  lost AS (
    INSERT INTO blob.suspect (sha256)
    SELECT p.sha256 FROM page AS p
    WHERE NOT EXISTS (SELECT FROM blob.artifact_chunk AS r WHERE r.sha256 = p.sha256)
    ORDER BY p.sha256 ON CONFLICT DO NOTHING RETURNING 1)
  SELECT (SELECT p.sha256 FROM page AS p ORDER BY p.sha256 DESC LIMIT 1), (SELECT count(*) FROM lost)
  INTO last, orphans;
END $$;

-- As above: artifacts whose chunks are not all there.
CREATE FUNCTION blob.find_damaged(after uuid, rows_max int, OUT last uuid, OUT damaged uuid[])
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  WITH page AS (
    SELECT a.id, a.size, a.chunk_count FROM blob.artifact AS a
    WHERE a.id > coalesce(after, '00000000-0000-0000-0000-000000000000') ORDER BY a.id LIMIT rows_max),
  looked AS (
    SELECT p.id, p.size = f.size AND p.chunk_count = f.count AND p.chunk_count = f.last + 1 AS whole
    FROM page AS p CROSS JOIN LATERAL (
      SELECT coalesce(sum(c.size), 0) AS size, count(*) AS count, coalesce(max(r.ordinal), 0) AS last
      FROM blob.artifact_chunk AS r JOIN blob.chunk AS c ON c.sha256 = r.sha256 WHERE r.artifact_id = p.id) AS f)
  SELECT (SELECT p.id FROM page AS p ORDER BY p.id DESC LIMIT 1),
    coalesce((SELECT array_agg(l.id ORDER BY l.id) FROM looked AS l WHERE NOT l.whole), '{}')
  INTO last, damaged;
END $$;

-- For SQL of users.
CREATE VIEW blob.artifacts AS
  SELECT id, filename, content_type, size, 'sha256:' || encode(sha256, 'hex') AS checksum, chunk_count, created_by,
    tags, linked_to, custom, created_at, modified_at
  FROM blob.artifact;
CREATE VIEW blob.tags AS
  SELECT a.id AS artifact_id, a.filename, t.tag FROM blob.artifact AS a CROSS JOIN unnest(a.tags) AS t (tag);
CREATE VIEW blob.links AS
  SELECT a.id AS artifact_id, a.filename, l.entity FROM blob.artifact AS a CROSS JOIN unnest(a.linked_to) AS l (entity);
CREATE VIEW blob.chunks AS
  SELECT r.artifact_id, r.ordinal, 'sha256:' || encode(r.sha256, 'hex') AS checksum, c.size, c.data
  FROM blob.artifact AS a JOIN blob.artifact_chunk AS r ON r.artifact_id = a.id JOIN blob.chunk AS c ON c.sha256 = r.sha256;
