-- One keyspace: a key has one kind. Strings, bitmaps and HyperLogLogs stand in the entry itself; the elements of
-- hashes, lists, sets and sorted sets refer to the entry's id, so that deleting, overwriting, expiring or renaming a
-- large collection is one row. Elements of ids that are gone are garbage, and are removed in the background.
CREATE SCHEMA kv;

-- Every insertion takes one, also those that turn out to be updates; caching makes that cheap.
CREATE SEQUENCE kv.entry_id AS bigint CACHE 64;

CREATE TABLE kv.entry (
  -- Up to 2,048 bytes the key itself. An index row cannot hold more, so of a longer key here stand its first bytes
  -- and its SHA-256, which is always more than 2,048 bytes, and the whole of it in long_key.
  key text COLLATE "C" PRIMARY KEY,
  long_key text,
  -- Another one when the key was deleted, overwritten by another kind or expired in between.
  id bigint NOT NULL DEFAULT nextval('kv.entry_id'),
  -- 1 string, 2 hash, 3 list, 4 set, 5 zset, 6 bitmap, 7 hyperloglog.
  kind smallint NOT NULL,
  -- Of a string: its JSON text as it was given.
  value text,
  -- Of a bitmap or a HyperLogLog.
  bytes bytea,
  -- Until this time the key exists. What is behind it does not exist for anybody, though its row may still be there.
  expires_at timestamptz,
  -- Grows with every change of the key. With the id it tells whether a key is as it was.
  version bigint NOT NULL,
  -- What every command relies on, so that SQL of users cannot make a key that no command understands. That a value is
  -- JSON is not checked: it would more than double the time that values of some kilobytes take.
  CONSTRAINT entry_kind CHECK (kind BETWEEN 1 AND 7),
  -- A row that only holds a key has no value: see kv.hold_both.
  CONSTRAINT entry_value CHECK ((kind = 1) = (value IS NOT NULL) OR expires_at IS NOT NULL AND expires_at = '-infinity'),
  CONSTRAINT entry_bytes CHECK (bytes IS NULL OR kind >= 6)
) WITH (fillfactor = 80);

-- Only keys that expire: for all others an update changes no index.
CREATE INDEX entry_expiry ON kv.entry (expires_at) WHERE expires_at IS NOT NULL;

CREATE FUNCTION kv.live(expires_at timestamptz) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN expires_at IS NULL OR expires_at > statement_timestamp();

-- Milliseconds from now, at least one, or null.
CREATE FUNCTION kv.remaining_ms(expires_at timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN expires_at IS NOT NULL
  THEN greatest(1, ceil(extract(epoch FROM expires_at - statement_timestamp()) * 1000))::bigint END;

CREATE FUNCTION kv.expiry_after(ttl_ms bigint) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN statement_timestamp() + ttl_ms * interval '1 millisecond';

-- Ids whose elements are to be removed.
CREATE TABLE kv.garbage (
  entry_id bigint PRIMARY KEY,
  kind smallint NOT NULL
);

CREATE FUNCTION kv.note_garbage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kv.garbage (entry_id, kind) VALUES (OLD.id, OLD.kind);
  RETURN NULL;
END $$;

-- Triggers, so that no statement, not even one of a user, can leave elements behind. For strings they are not called.
CREATE TRIGGER entry_deleted AFTER DELETE ON kv.entry
  FOR EACH ROW WHEN (OLD.kind BETWEEN 2 AND 5) EXECUTE FUNCTION kv.note_garbage();
CREATE TRIGGER entry_replaced AFTER UPDATE OF id ON kv.entry
  FOR EACH ROW WHEN (OLD.kind BETWEEN 2 AND 5 AND OLD.id <> NEW.id) EXECUTE FUNCTION kv.note_garbage();

-- What the collections replace with their own, once their tables are there.

-- Removes up to rows_max elements, returns how many.
CREATE FUNCTION kv.remove_elements(gone bigint, kind smallint, rows_max int) RETURNS int LANGUAGE sql
RETURN 0;
CREATE FUNCTION kv.copy_elements(source bigint, target bigint, kind smallint) RETURNS void LANGUAGE sql
AS $$ SELECT $$;
-- Bytes of names, values and scores of all elements.
CREATE FUNCTION kv.element_bytes(id bigint, kind smallint) RETURNS bigint LANGUAGE sql STABLE
RETURN 0;

-- The id of the live entry of that kind, made when there is none. The row is locked and counts as changed. Null when
-- the key has another kind.
CREATE FUNCTION kv.open_entry(k text, long_k text, wanted smallint) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO kv.entry AS e (key, long_key, kind, version) VALUES (k, long_k, wanted, 1)
  ON CONFLICT (key) DO UPDATE SET
    id = CASE WHEN kv.live(e.expires_at) THEN e.id ELSE excluded.id END,
    kind = wanted,
    value = CASE WHEN kv.live(e.expires_at) THEN e.value END,
    bytes = CASE WHEN kv.live(e.expires_at) THEN e.bytes END,
    expires_at = CASE WHEN kv.live(e.expires_at) THEN e.expires_at END,
    version = e.version + 1
  WHERE e.kind = wanted OR NOT kv.live(e.expires_at)
  RETURNING e.id
$$;

-- The integer in the JSON text of a number or a string, or null when there is none.
CREATE FUNCTION kv.integer_of(value text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^(?:[+-]?\d{1,19}|"\s*[+-]?\d{1,19}\s*")$' THEN btrim(value, '"')::numeric END;

-- Sets a string in all the ways that the batched statement does not know. Tells the value and the kind from before.
CREATE FUNCTION kv.store(
  k text, long_k text, new_value text, ttl_ms bigint,
  only_new boolean, only_there boolean, keep_ttl boolean, of_string boolean,
  OUT written boolean, OUT previous text, OUT previous_kind smallint)
LANGUAGE plpgsql AS $$
DECLARE
  old kv.entry;
  present boolean;
  alive boolean;
BEGIN
  LOOP
    SELECT * INTO old FROM kv.entry WHERE key = k FOR UPDATE;
    present := FOUND;
    alive := present AND kv.live(old.expires_at);
    previous := CASE WHEN alive THEN old.value END;
    previous_kind := CASE WHEN alive THEN old.kind END;
    written := NOT (alive AND (only_new OR of_string AND old.kind <> 1) OR only_there AND NOT alive);
    IF NOT written THEN
      RETURN;
    END IF;
    IF present THEN
      UPDATE kv.entry AS e SET
        id = CASE WHEN alive AND e.kind = 1 THEN e.id ELSE nextval('kv.entry_id') END,
        kind = 1, value = new_value, bytes = NULL, version = e.version + 1,
        expires_at = CASE WHEN keep_ttl AND alive THEN e.expires_at ELSE kv.expiry_after(ttl_ms) END
      WHERE e.key = k;
      RETURN;
    END IF;
    INSERT INTO kv.entry (key, long_key, kind, value, expires_at, version)
    VALUES (k, long_k, 1, new_value, kv.expiry_after(ttl_ms), 1) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      RETURN;
    END IF;
    -- Somebody else was faster: look again.
  END LOOP;
END $$;

-- Holds two keys, in the order in which everybody takes locks. A key that is not there gets a row that nobody sees,
-- so that nobody else can make it in the meantime.
CREATE FUNCTION kv.hold_both(a text, long_a text, b text, long_b text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT k, long_k FROM (VALUES (a, long_a), (b, long_b)) AS pair (k, long_k) ORDER BY k COLLATE "C"
  LOOP
    INSERT INTO kv.entry AS e (key, long_key, kind, expires_at, version)
    VALUES (held.k, held.long_k, 1, '-infinity', 1) ON CONFLICT (key) DO UPDATE SET version = e.version;
  END LOOP;
END $$;

-- 0 the source is not there, 1 done, 2 the target is there and may not be replaced.
CREATE FUNCTION kv.rename(
  source text, long_source text, target text, long_target text, only_new boolean) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  result int := 1;
BEGIN
  PERFORM kv.hold_both(source, long_source, target, long_target);
  IF NOT EXISTS (SELECT FROM kv.entry WHERE key = source AND kv.live(expires_at)) THEN
    result := 0;
  ELSIF only_new AND EXISTS (SELECT FROM kv.entry WHERE key = target AND kv.live(expires_at)) THEN
    result := 2;
  ELSIF source <> target THEN
    DELETE FROM kv.entry WHERE key = target;
    UPDATE kv.entry SET key = target, long_key = long_target, version = version + 1 WHERE key = source;
  END IF;
  DELETE FROM kv.entry WHERE key IN (source, target) AND expires_at = '-infinity';
  RETURN result;
END $$;

-- As kv.rename, but the source stays, and its time to live is copied, too.
CREATE FUNCTION kv.copy(
  source text, long_source text, target text, long_target text, replace boolean) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  original kv.entry;
  copied bigint;
  result int := 1;
BEGIN
  PERFORM kv.hold_both(source, long_source, target, long_target);
  SELECT * INTO original FROM kv.entry WHERE key = source AND kv.live(expires_at);
  IF NOT FOUND THEN
    result := 0;
  ELSIF NOT replace AND EXISTS (SELECT FROM kv.entry WHERE key = target AND kv.live(expires_at)) THEN
    result := 2;
  ELSIF source <> target THEN
    UPDATE kv.entry SET
      id = nextval('kv.entry_id'), kind = original.kind, value = original.value, bytes = original.bytes,
      expires_at = original.expires_at, version = version + 1
    WHERE key = target RETURNING id INTO copied;
    PERFORM kv.copy_elements(original.id, copied, original.kind);
  END IF;
  DELETE FROM kv.entry WHERE key IN (source, target) AND expires_at = '-infinity';
  RETURN result;
END $$;

-- One page of live keys behind `after`, from `at_least` on and below `below` (null: no bound), in the order of the index.
-- A planner that thinks the range is small would sort it; the settings leave it only the walk along the index.
CREATE FUNCTION kv.scan_page(after text, at_least text, below text, page int)
RETURNS TABLE (found_key text, found_long_key text)
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
BEGIN
  IF below IS NULL THEN
    RETURN QUERY SELECT e.key, e.long_key FROM kv.entry AS e
      WHERE e.key > after AND e.key >= at_least AND kv.live(e.expires_at) ORDER BY e.key LIMIT page;
  ELSE
    RETURN QUERY SELECT e.key, e.long_key FROM kv.entry AS e
      WHERE e.key > after AND e.key >= at_least AND e.key < below AND kv.live(e.expires_at)
      ORDER BY e.key LIMIT page;
  END IF;
END $$;

-- A live key from a page of the table that was drawn by lot. Null: there is none.
CREATE FUNCTION kv.random_key() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  pages bigint := pg_relation_size('kv.entry') / current_setting('block_size')::int;
  page bigint;
  drawn text;
BEGIN
  FOR attempt IN 1 .. 20 LOOP
    page := floor(random() * pages);
    SELECT coalesce(long_key, key) INTO drawn FROM kv.entry
      WHERE ctid >= format('(%s,0)', page)::tid AND ctid < format('(%s,0)', page + 1)::tid AND kv.live(expires_at)
      ORDER BY random() LIMIT 1;
    IF FOUND THEN
      RETURN drawn;
    END IF;
  END LOOP;
  -- Most pages are empty: one of the first that are found.
  SELECT found.name INTO drawn
  FROM (SELECT coalesce(long_key, key) AS name FROM kv.entry WHERE kv.live(expires_at) LIMIT 1000) AS found
  ORDER BY random() LIMIT 1;
  RETURN drawn;
END $$;

-- One bounded step of removing elements whose entries are gone; returns how many ids are done and how many elements
-- went. Several processes may do it at once.
CREATE FUNCTION kv.sweep_garbage(entries_max int, rows_max int, OUT entries int, OUT elements int)
LANGUAGE plpgsql AS $$
DECLARE
  item kv.garbage;
  removed int;
BEGIN
  entries := 0;
  elements := 0;
  FOR item IN SELECT * FROM kv.garbage ORDER BY entry_id LIMIT entries_max FOR UPDATE SKIP LOCKED LOOP
    removed := kv.remove_elements(item.entry_id, item.kind, rows_max - elements);
    elements := elements + removed;
    EXIT WHEN elements >= rows_max;
    DELETE FROM kv.garbage WHERE entry_id = item.entry_id;
    entries := entries + 1;
  END LOOP;
END $$;

-- For SQL of users: what is there, under the whole name of its key.
CREATE VIEW kv.keys AS
  SELECT coalesce(long_key, key) AS key,
    (ARRAY['string', 'hash', 'list', 'set', 'zset', 'bitmap', 'hyperloglog'])[kind] AS type, expires_at
  FROM kv.entry WHERE kv.live(expires_at);
CREATE VIEW kv.strings AS
  SELECT coalesce(long_key, key) AS key, value::json AS value, expires_at
  FROM kv.entry WHERE kind = 1 AND kv.live(expires_at);
