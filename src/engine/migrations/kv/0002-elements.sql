-- Elements of hashes, lists, sets and sorted sets, and what every command on them begins and ends with: the entry is
-- held first, so that all changes of one key come one after the other, and knows how many elements it has.

-- Of collections only; whatever else a key holds, it means nothing there.
ALTER TABLE kv.entry ADD COLUMN size bigint NOT NULL DEFAULT 0 CONSTRAINT entry_size CHECK (size >= 0);

-- What an index holds of a field or a member: all of a short one, the beginning and the digest of a long one, which is
-- always longer than a short one can be. Long ones with the same 512 first characters are in no order that means anything.
-- Indexes call it when tables are read, too, so nobody else's functions may come between: all are named in full.
CREATE FUNCTION kv.element_key(element text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF pg_catalog.octet_length(element) <= 512 THEN
    RETURN element;
  END IF;
  RETURN pg_catalog.left(element, 512) || '#'::text
    || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(element, 'UTF8')), 'hex');
END $$;

CREATE TABLE kv.hash_field (
  entry_id bigint NOT NULL,
  field text NOT NULL,
  -- JSON text.
  value text NOT NULL
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX hash_field_key ON kv.hash_field (entry_id, kv.element_key(field) COLLATE "C");

CREATE TABLE kv.list_item (
  entry_id bigint NOT NULL,
  -- Grows from head to tail, with gaps of 2^32 for what is inserted between two items. No two are equal in one list;
  -- the index does not check it, because renumbering goes through equal ones.
  position bigint NOT NULL,
  value text NOT NULL
);
CREATE INDEX list_item_position ON kv.list_item (entry_id, position);

CREATE TABLE kv.set_member (
  entry_id bigint NOT NULL,
  -- JSON text; equal texts are equal members.
  member text NOT NULL
);
CREATE UNIQUE INDEX set_member_key ON kv.set_member (entry_id, kv.element_key(member) COLLATE "C");

CREATE TABLE kv.sorted_set_member (
  entry_id bigint NOT NULL,
  member text NOT NULL,
  score double precision NOT NULL CHECK (score <> 'NaN')
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX sorted_set_member_key ON kv.sorted_set_member (entry_id, kv.element_key(member) COLLATE "C");
CREATE INDEX sorted_set_member_score ON kv.sorted_set_member (entry_id, score, kv.element_key(member) COLLATE "C");

-- An entry that was emptied leaves nothing behind.
DROP TRIGGER entry_deleted ON kv.entry;
CREATE TRIGGER entry_deleted AFTER DELETE ON kv.entry
  FOR EACH ROW WHEN (OLD.kind BETWEEN 2 AND 5 AND OLD.size > 0) EXECUTE FUNCTION kv.note_garbage();

CREATE OR REPLACE FUNCTION kv.remove_elements(gone bigint, kind smallint, rows_max int) RETURNS int
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  removed int := 0;
BEGIN
  IF kind = 2 THEN
    DELETE FROM kv.hash_field WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM kv.hash_field WHERE entry_id = gone LIMIT rows_max));
  ELSIF kind = 3 THEN
    DELETE FROM kv.list_item WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM kv.list_item WHERE entry_id = gone LIMIT rows_max));
  ELSIF kind = 4 THEN
    DELETE FROM kv.set_member WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM kv.set_member WHERE entry_id = gone LIMIT rows_max));
  ELSIF kind = 5 THEN
    DELETE FROM kv.sorted_set_member WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM kv.sorted_set_member WHERE entry_id = gone LIMIT rows_max));
  ELSE
    RETURN 0;
  END IF;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

CREATE OR REPLACE FUNCTION kv.copy_elements(source bigint, target bigint, kind smallint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  copied bigint;
BEGIN
  IF kind = 2 THEN
    INSERT INTO kv.hash_field SELECT target, field, value FROM kv.hash_field WHERE entry_id = source;
  ELSIF kind = 3 THEN
    INSERT INTO kv.list_item SELECT target, position, value FROM kv.list_item WHERE entry_id = source;
  ELSIF kind = 4 THEN
    INSERT INTO kv.set_member SELECT target, member FROM kv.set_member WHERE entry_id = source;
  ELSIF kind = 5 THEN
    INSERT INTO kv.sorted_set_member SELECT target, member, score FROM kv.sorted_set_member WHERE entry_id = source;
  ELSE
    RETURN;
  END IF;
  GET DIAGNOSTICS copied = ROW_COUNT;
  UPDATE kv.entry SET size = copied WHERE id = target;
END $$;

CREATE OR REPLACE FUNCTION kv.element_bytes(id bigint, kind smallint) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN coalesce(CASE kind
    WHEN 2 THEN (SELECT sum(octet_length(f.field) + octet_length(f.value)) FROM kv.hash_field AS f WHERE f.entry_id = $1)
    WHEN 3 THEN (SELECT sum(octet_length(i.value)) FROM kv.list_item AS i WHERE i.entry_id = $1)
    WHEN 4 THEN (SELECT sum(octet_length(m.member)) FROM kv.set_member AS m WHERE m.entry_id = $1)
    WHEN 5 THEN (SELECT sum(octet_length(m.member) + 8) FROM kv.sorted_set_member AS m WHERE m.entry_id = $1)
  END, 0);
END $$;

-- As before, and what expired has no elements any more.
CREATE OR REPLACE FUNCTION kv.open_entry(k text, long_k text, wanted smallint) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO kv.entry AS e (key, long_key, kind, version) VALUES (k, long_k, wanted, 1)
  ON CONFLICT (key) DO UPDATE SET
    id = CASE WHEN kv.live(e.expires_at) THEN e.id ELSE excluded.id END,
    kind = wanted,
    value = CASE WHEN kv.live(e.expires_at) THEN e.value END,
    bytes = CASE WHEN kv.live(e.expires_at) THEN e.bytes END,
    size = CASE WHEN kv.live(e.expires_at) THEN e.size ELSE 0 END,
    expires_at = CASE WHEN kv.live(e.expires_at) THEN e.expires_at END,
    version = e.version + 1
  WHERE e.kind = wanted OR NOT kv.live(e.expires_at)
  RETURNING e.id
$$;

-- Holds a key that is there. Status, here and in all commands: 1 there, 0 missing, -1 of another kind.
CREATE FUNCTION kv.hold(k text, wanted int, OUT status int, OUT id bigint, OUT size bigint) LANGUAGE plpgsql AS $$
DECLARE
  found_kind int;
BEGIN
  SELECT e.kind, e.id, e.size INTO found_kind, id, size
    FROM kv.entry AS e WHERE e.key = k AND kv.live(e.expires_at) FOR UPDATE;
  status := CASE WHEN found_kind IS NULL THEN 0 WHEN found_kind = wanted THEN 1 ELSE -1 END;
END $$;

-- The same, and makes a key that is missing; something must be put into it then.
CREATE FUNCTION kv.hold_or_make(k text, long_k text, wanted int, OUT status int, OUT id bigint, OUT size bigint)
LANGUAGE plpgsql AS $$
BEGIN
  SELECT * INTO status, id, size FROM kv.hold(k, wanted);
  IF status = 0 THEN
    id := kv.open_entry(k, long_k, wanted::smallint);
    status := CASE WHEN id IS NULL THEN -1 ELSE 1 END;
    SELECT e.size INTO size FROM kv.entry AS e WHERE e.key = k;
  END IF;
END $$;

-- Ends a change of a key that is held: an empty collection ceases to exist.
CREATE FUNCTION kv.resize(k text, delta bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  elements bigint;
BEGIN
  UPDATE kv.entry SET size = size + delta, version = version + 1 WHERE key = k RETURNING size INTO elements;
  IF elements = 0 THEN
    DELETE FROM kv.entry WHERE key = k;
  END IF;
  RETURN elements;
END $$;

-- Puts a collection that was made aside under a key, whatever the key held; an empty one leaves no key.
CREATE FUNCTION kv.put_collection(k text, long_k text, wanted int, new_id bigint, elements bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF elements = 0 THEN
    DELETE FROM kv.entry WHERE key = k;
    RETURN;
  END IF;
  INSERT INTO kv.entry AS e (key, long_key, id, kind, size, version) VALUES (k, long_k, new_id, wanted, elements, 1)
  ON CONFLICT (key) DO UPDATE SET
    id = excluded.id, kind = excluded.kind, size = excluded.size, value = NULL, bytes = NULL, expires_at = NULL,
    version = e.version + 1;
END $$;

-- For SQL of users.
CREATE VIEW kv.hashes AS
  SELECT coalesce(e.long_key, e.key) AS key, f.field, f.value::json AS value
  FROM kv.entry AS e JOIN kv.hash_field AS f ON f.entry_id = e.id WHERE e.kind = 2 AND kv.live(e.expires_at);
CREATE VIEW kv.lists AS
  SELECT coalesce(e.long_key, e.key) AS key,
    row_number() OVER (PARTITION BY e.key ORDER BY i.position) - 1 AS index, i.value::json AS value
  FROM kv.entry AS e JOIN kv.list_item AS i ON i.entry_id = e.id WHERE e.kind = 3 AND kv.live(e.expires_at);
CREATE VIEW kv.sets AS
  SELECT coalesce(e.long_key, e.key) AS key, m.member::json AS member
  FROM kv.entry AS e JOIN kv.set_member AS m ON m.entry_id = e.id WHERE e.kind = 4 AND kv.live(e.expires_at);
CREATE VIEW kv.sorted_sets AS
  SELECT coalesce(e.long_key, e.key) AS key, m.member, m.score
  FROM kv.entry AS e JOIN kv.sorted_set_member AS m ON m.entry_id = e.id WHERE e.kind = 5 AND kv.live(e.expires_at);
