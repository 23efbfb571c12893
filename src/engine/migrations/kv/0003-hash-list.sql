-- Commands on hashes and lists. Status: 1 done, 0 nothing there, -1 the key holds another kind; others stand beside.

-- 1 a new field, 0 the field is there and was overwritten (or left alone).
CREATE FUNCTION kv.hset(k text, long_k text, name text, new_value text, only_new boolean) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  held record;
BEGIN
  SELECT * INTO held FROM kv.hold_or_make(k, long_k, 2);
  IF held.status < 0 THEN
    RETURN -1;
  END IF;
  INSERT INTO kv.hash_field VALUES (held.id, name, new_value) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    PERFORM kv.resize(k, 1);
    RETURN 1;
  END IF;
  IF NOT only_new THEN
    UPDATE kv.hash_field SET value = new_value
      WHERE entry_id = held.id AND kv.element_key(field) COLLATE "C" = kv.element_key(name);
    PERFORM kv.resize(k, 0);
  END IF;
  RETURN 0;
END $$;

-- Each field once. How many are new, or -1.
CREATE FUNCTION kv.hmset(k text, long_k text, names text[], new_values text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held record;
  created bigint;
BEGIN
  SELECT * INTO held FROM kv.hold_or_make(k, long_k, 2);
  IF held.status < 0 THEN
    RETURN -1;
  END IF;
  WITH written AS (
    INSERT INTO kv.hash_field SELECT held.id, name, v FROM unnest(names, new_values) AS given (name, v)
    ON CONFLICT (entry_id, (kv.element_key(field)) COLLATE "C") DO UPDATE SET value = excluded.value
    RETURNING xmax = 0 AS is_new)
  SELECT count(*) FILTER (WHERE is_new) INTO created FROM written;
  PERFORM kv.resize(k, created);
  RETURN created;
END $$;

CREATE FUNCTION kv.hdel(k text, names text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held record;
  removed bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 2);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  DELETE FROM kv.hash_field WHERE entry_id = held.id AND kv.element_key(field) COLLATE "C" IN (
    SELECT kv.element_key(name) FROM unnest(names) AS name);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN
    PERFORM kv.resize(k, -removed);
  END IF;
  RETURN removed;
END $$;

-- Adds to a number; with `whole` only integers of 64 bits are numbers. Status 2: the field is none; 3: out of range.
CREATE FUNCTION kv.hincr(
  k text, long_k text, name text, amount numeric, whole boolean, OUT status int, OUT total text)
LANGUAGE plpgsql AS $$
DECLARE
  held record;
  old_text text;
  old_value numeric := 0;
  new_value numeric;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 2);
  status := held.status;
  IF status < 0 THEN
    RETURN;
  END IF;
  SELECT value INTO old_text FROM kv.hash_field
    WHERE entry_id = held.id AND kv.element_key(field) COLLATE "C" = kv.element_key(name);
  IF FOUND THEN
    old_value := CASE WHEN whole THEN kv.integer_of(old_text) ELSE kv.decimal_of(old_text) END;
    IF old_value IS NULL THEN
      status := 2;
      RETURN;
    END IF;
  END IF;
  new_value := old_value + amount;
  IF whole AND new_value NOT BETWEEN -9223372036854775808 AND 9223372036854775807
    OR abs(new_value) > 1e308 THEN
    status := 3;
    RETURN;
  END IF;
  total := trim_scale(new_value)::text;
  IF length(total) > 40 THEN
    total := new_value::double precision::text;
  END IF;
  status := kv.hset(k, long_k, name, total, false);
  status := CASE WHEN status < 0 THEN -1 ELSE 1 END;
END $$;

-- The number in the JSON text of a number or a string, or null when there is none.
CREATE FUNCTION kv.decimal_of(value text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(value) < 500 AND btrim(value, '"') ~ '^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$'
  THEN btrim(value, '"')::numeric END;

-- Items from one index to another, both inclusive and within the list, in order. Walks from the nearer end.
CREATE FUNCTION kv.list_range(list_id bigint, items bigint, first bigint, last bigint)
RETURNS TABLE (item_position bigint, item_value text)
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
BEGIN
  IF first > last THEN
    RETURN;
  END IF;
  IF first <= items - 1 - last THEN
    RETURN QUERY SELECT i.position, i.value FROM kv.list_item AS i WHERE i.entry_id = list_id
      ORDER BY i.position OFFSET first LIMIT last - first + 1;
  ELSE
    RETURN QUERY SELECT t.position, t.value FROM (
      SELECT i.position, i.value FROM kv.list_item AS i WHERE i.entry_id = list_id
      ORDER BY i.position DESC OFFSET items - 1 - last LIMIT last - first + 1) AS t ORDER BY t.position;
  END IF;
END $$;

-- Gaps of 2^32 between all items, around 0.
CREATE FUNCTION kv.list_renumber(list_id bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE kv.list_item AS i SET position = numbered.place * 4294967296
  FROM (SELECT ctid AS row_id, row_number() OVER (ORDER BY position) - count(*) OVER () / 2 AS place
    FROM kv.list_item WHERE entry_id = list_id) AS numbered
  WHERE i.ctid = numbered.row_id
$$;

-- Makes room on both sides of an item: its 500 neighbours on either side share what room they have, and when that is
-- little, all items get theirs anew.
CREATE FUNCTION kv.list_spread(list_id bigint, around bigint) RETURNS void
LANGUAGE plpgsql SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  low bigint;
  high bigint;
  items bigint;
  gap bigint;
BEGIN
  SELECT min(t.position) INTO low FROM (
    SELECT position FROM kv.list_item WHERE entry_id = list_id AND position <= around
    ORDER BY position DESC LIMIT 500) AS t;
  SELECT max(t.position) INTO high FROM (
    SELECT position FROM kv.list_item WHERE entry_id = list_id AND position >= around
    ORDER BY position LIMIT 500) AS t;
  SELECT count(*) INTO items FROM kv.list_item WHERE entry_id = list_id AND position BETWEEN low AND high;
  gap := CASE WHEN items > 1 THEN (high - low) / (items - 1) ELSE 0 END;
  IF gap < 65536 THEN
    PERFORM kv.list_renumber(list_id);
    RETURN;
  END IF;
  UPDATE kv.list_item AS i SET position = low + numbered.place * gap
  FROM (SELECT ctid AS row_id, row_number() OVER (ORDER BY position) - 1 AS place
    FROM kv.list_item WHERE entry_id = list_id AND position BETWEEN low AND high) AS numbered
  WHERE i.ctid = numbered.row_id;
END $$;

-- The first of the values goes in first. Length afterwards; 0 the list had to be there and is not; -1.
CREATE FUNCTION kv.push(k text, long_k text, given text[], at_head boolean, only_there boolean) RETURNS bigint
LANGUAGE plpgsql SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  held record;
  edge bigint;
BEGIN
  IF only_there THEN
    SELECT * INTO held FROM kv.hold(k, 3);
  ELSE
    SELECT * INTO held FROM kv.hold_or_make(k, long_k, 3);
  END IF;
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  IF at_head THEN
    SELECT min(position) INTO edge FROM kv.list_item WHERE entry_id = held.id;
  ELSE
    SELECT max(position) INTO edge FROM kv.list_item WHERE entry_id = held.id;
  END IF;
  -- After a billion pushes to one side.
  IF abs(edge) > 4611686018427387904 THEN
    PERFORM kv.list_renumber(held.id);
    IF at_head THEN
      SELECT min(position) INTO edge FROM kv.list_item WHERE entry_id = held.id;
    ELSE
      SELECT max(position) INTO edge FROM kv.list_item WHERE entry_id = held.id;
    END IF;
  END IF;
  INSERT INTO kv.list_item
    SELECT held.id, coalesce(edge, 0) + n * (CASE WHEN at_head THEN -4294967296 ELSE 4294967296 END), v
    FROM unnest(given) WITH ORDINALITY AS new (v, n);
  RETURN kv.resize(k, cardinality(given));
END $$;

-- Takes items from one end; `items` is a JSON array of their texts.
CREATE FUNCTION kv.pop(k text, at_head boolean, items_max bigint, OUT status int, OUT items text)
LANGUAGE plpgsql SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  held record;
  removed bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 3);
  status := held.status;
  IF status <= 0 OR items_max = 0 THEN
    RETURN;
  END IF;
  IF at_head THEN
    WITH gone AS (
      DELETE FROM kv.list_item WHERE entry_id = held.id AND position <= (
        SELECT max(t.position) FROM (SELECT position FROM kv.list_item WHERE entry_id = held.id
          ORDER BY position LIMIT items_max) AS t)
      RETURNING position, value)
    SELECT count(*), json_agg(value ORDER BY position)::text INTO removed, items FROM gone;
  ELSE
    WITH gone AS (
      DELETE FROM kv.list_item WHERE entry_id = held.id AND position >= (
        SELECT min(t.position) FROM (SELECT position FROM kv.list_item WHERE entry_id = held.id
          ORDER BY position DESC LIMIT items_max) AS t)
      RETURNING position, value)
    SELECT count(*), json_agg(value ORDER BY position DESC)::text INTO removed, items FROM gone;
  END IF;
  PERFORM kv.resize(k, -removed);
END $$;

-- An index from the head, or from the tail when negative. Status 2: there is none.
CREATE FUNCTION kv.lset(k text, index bigint, new_value text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  held record;
  place bigint := index;
  found_at bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 3);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  IF place < 0 THEN
    place := place + held.size;
  END IF;
  IF place < 0 OR place >= held.size THEN
    RETURN 2;
  END IF;
  SELECT item_position INTO found_at FROM kv.list_range(held.id, held.size, place, place);
  UPDATE kv.list_item SET value = new_value WHERE entry_id = held.id AND position = found_at;
  PERFORM kv.resize(k, 0);
  RETURN 1;
END $$;

CREATE FUNCTION kv.ltrim(k text, start bigint, stop bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  held record;
  first bigint;
  last bigint;
  edge bigint;
  removed bigint := 0;
  fewer bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 3);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  first := greatest(CASE WHEN start < 0 THEN start + held.size ELSE start END, 0);
  last := least(CASE WHEN stop < 0 THEN stop + held.size ELSE stop END, held.size - 1);
  IF first > last THEN
    DELETE FROM kv.entry WHERE key = k;
    RETURN 1;
  END IF;
  IF last < held.size - 1 THEN
    SELECT item_position INTO edge FROM kv.list_range(held.id, held.size, last, last);
    DELETE FROM kv.list_item WHERE entry_id = held.id AND position > edge;
    GET DIAGNOSTICS removed = ROW_COUNT;
  END IF;
  IF first > 0 THEN
    SELECT item_position INTO edge FROM kv.list_range(held.id, held.size - removed, first, first);
    DELETE FROM kv.list_item WHERE entry_id = held.id AND position < edge;
    GET DIAGNOSTICS fewer = ROW_COUNT;
    removed := removed + fewer;
  END IF;
  IF removed > 0 THEN
    PERFORM kv.resize(k, -removed);
  END IF;
  RETURN 1;
END $$;

-- Removes equal items: the first ones, with a negative count the last ones, with 0 all. How many, or -1.
CREATE FUNCTION kv.lrem(k text, items bigint, equal text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held record;
  removed bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 3);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  DELETE FROM kv.list_item WHERE entry_id = held.id AND position IN (
    SELECT position FROM kv.list_item WHERE entry_id = held.id AND value COLLATE "C" = equal
    ORDER BY CASE WHEN items < 0 THEN -position ELSE position END
    LIMIT CASE WHEN items <> 0 THEN abs(items) END);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN
    PERFORM kv.resize(k, -removed);
  END IF;
  RETURN removed;
END $$;

-- Beside the first item that equals `pivot`. Status 2: there is none.
CREATE FUNCTION kv.linsert(k text, before boolean, pivot text, new_value text, OUT status int, OUT length bigint)
LANGUAGE plpgsql SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  held record;
  here bigint;
  beside bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 3);
  status := held.status;
  length := CASE WHEN status = 1 THEN held.size ELSE 0 END;
  IF status <= 0 THEN
    RETURN;
  END IF;
  FOR attempt IN 1 .. 2 LOOP
    SELECT position INTO here FROM kv.list_item WHERE entry_id = held.id AND value COLLATE "C" = pivot
      ORDER BY position LIMIT 1;
    IF NOT FOUND THEN
      status := 2;
      RETURN;
    END IF;
    IF before THEN
      SELECT max(position) INTO beside FROM kv.list_item WHERE entry_id = held.id AND position < here;
      beside := coalesce(beside, here - 8589934592);
    ELSE
      SELECT min(position) INTO beside FROM kv.list_item WHERE entry_id = held.id AND position > here;
      beside := coalesce(beside, here + 8589934592);
    END IF;
    EXIT WHEN abs(beside - here) > 1;
    PERFORM kv.list_spread(held.id, here);
  END LOOP;
  INSERT INTO kv.list_item VALUES (held.id, here + (beside - here) / 2, new_value);
  length := kv.resize(k, 1);
END $$;

-- Moves the last item of one list to the head of another, or of the same.
CREATE FUNCTION kv.rpoplpush(
  source text, long_source text, target text, long_target text, OUT status int, OUT moved text)
LANGUAGE plpgsql AS $$
DECLARE
  popped record;
BEGIN
  PERFORM kv.hold_both(source, long_source, target, long_target);
  SELECT CASE WHEN bool_or(kind <> 3) THEN -1 WHEN bool_or(key = source) THEN 1 ELSE 0 END INTO status
    FROM kv.entry WHERE key IN (source, target) AND kv.live(expires_at);
  status := coalesce(status, 0);
  IF status = 1 THEN
    SELECT * INTO popped FROM kv.pop(source, false, 1);
    moved := popped.items::json ->> 0;
    PERFORM kv.push(target, long_target, ARRAY[moved], true, false);
  END IF;
  DELETE FROM kv.entry WHERE key IN (source, target) AND expires_at = '-infinity';
END $$;
