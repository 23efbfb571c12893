-- Commands on sets, bitmaps and HyperLogLogs. Status: 1 done, 0 nothing there, -1 the key holds another kind.

-- How many members are new, or -1.
CREATE FUNCTION kv.sadd(k text, long_k text, given text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held record;
  added bigint;
BEGIN
  SELECT * INTO held FROM kv.hold_or_make(k, long_k, 4);
  IF held.status < 0 THEN
    RETURN -1;
  END IF;
  INSERT INTO kv.set_member SELECT held.id, new FROM unnest(given) AS new ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added > 0 THEN
    PERFORM kv.resize(k, added);
  END IF;
  RETURN added;
END $$;

CREATE FUNCTION kv.srem(k text, given text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  held record;
  removed bigint;
BEGIN
  SELECT * INTO held FROM kv.hold(k, 4);
  IF held.status <= 0 THEN
    RETURN held.status;
  END IF;
  DELETE FROM kv.set_member WHERE entry_id = held.id AND kv.element_key(member) COLLATE "C" IN (
    SELECT kv.element_key(gone) FROM unnest(given) AS gone);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN
    PERFORM kv.resize(k, -removed);
  END IF;
  RETURN removed;
END $$;

-- Members drawn by lot, each once. One is found by walking, several by sorting all of them.
CREATE FUNCTION kv.random_members(set_id bigint, members bigint, members_max bigint) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
  IF members_max = 1 THEN
    RETURN QUERY SELECT member FROM kv.set_member WHERE entry_id = set_id
      OFFSET least(floor(random() * members)::bigint, members - 1) LIMIT 1;
  ELSE
    RETURN QUERY SELECT member FROM kv.set_member WHERE entry_id = set_id ORDER BY random() LIMIT members_max;
  END IF;
END $$;

-- `popped` is a JSON array of texts.
CREATE FUNCTION kv.spop(k text, members_max bigint, OUT status int, OUT popped text) LANGUAGE plpgsql AS $$
DECLARE
  held record;
  chosen text[];
BEGIN
  SELECT * INTO held FROM kv.hold(k, 4);
  status := held.status;
  IF status <= 0 OR members_max = 0 THEN
    RETURN;
  END IF;
  chosen := ARRAY(SELECT kv.random_members(held.id, held.size, members_max));
  PERFORM kv.srem(k, chosen);
  popped := array_to_json(chosen)::text;
END $$;

CREATE FUNCTION kv.smove(source text, long_source text, target text, long_target text, moved text) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  result int;
BEGIN
  PERFORM kv.hold_both(source, long_source, target, long_target);
  SELECT CASE WHEN bool_or(kind <> 4) THEN -1 ELSE 1 END INTO result
    FROM kv.entry WHERE key IN (source, target) AND kv.live(expires_at);
  IF result = 1 THEN
    IF source = target THEN
      result := EXISTS (SELECT FROM kv.entry AS e JOIN kv.set_member AS m ON m.entry_id = e.id
        WHERE e.key = source AND kv.element_key(m.member) COLLATE "C" = kv.element_key(moved))::int;
    ELSE
      result := kv.srem(source, ARRAY[moved]);
      IF result = 1 THEN
        PERFORM kv.sadd(target, long_target, ARRAY[moved]);
      END IF;
    END IF;
  END IF;
  DELETE FROM kv.entry WHERE key IN (source, target) AND expires_at = '-infinity';
  RETURN coalesce(result, 0);
END $$;

-- Is one of the keys there and of another kind than those?
CREATE FUNCTION kv.any_other_kind(keys text[], kinds int[]) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM kv.entry WHERE key = ANY (keys) AND kv.live(expires_at) AND kind <> ALL (kinds));

-- Members of all sets ('inter'), of any ('union'), of the first and no other ('diff'); a missing key is an empty set.
CREATE FUNCTION kv.combine_sets(operation text, keys text[]) RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF operation = 'inter' THEN
    RETURN QUERY SELECT m.member FROM kv.entry AS e JOIN kv.set_member AS m ON m.entry_id = e.id
      WHERE e.key = ANY (keys) AND e.kind = 4 AND kv.live(e.expires_at)
      GROUP BY m.member HAVING count(*) = (SELECT count(DISTINCT k) FROM unnest(keys) AS k);
  ELSIF operation = 'union' THEN
    RETURN QUERY SELECT DISTINCT m.member FROM kv.entry AS e JOIN kv.set_member AS m ON m.entry_id = e.id
      WHERE e.key = ANY (keys) AND e.kind = 4 AND kv.live(e.expires_at);
  ELSE
    RETURN QUERY SELECT m.member FROM kv.entry AS e JOIN kv.set_member AS m ON m.entry_id = e.id
      WHERE e.key = keys[1] AND e.kind = 4 AND kv.live(e.expires_at) AND NOT EXISTS (
        SELECT FROM kv.entry AS other JOIN kv.set_member AS o ON o.entry_id = other.id
        WHERE other.key = ANY (keys[2:]) AND other.kind = 4 AND kv.live(other.expires_at)
          AND kv.element_key(o.member) COLLATE "C" = kv.element_key(m.member));
  END IF;
END $$;

-- Puts the combination in the place of whatever the target held. How many members it has, or -1.
CREATE FUNCTION kv.store_sets(operation text, target text, long_target text, keys text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  new_id bigint := nextval('kv.entry_id');
  stored bigint;
BEGIN
  IF kv.any_other_kind(keys, ARRAY[4]) THEN
    RETURN -1;
  END IF;
  INSERT INTO kv.set_member SELECT new_id, kv.combine_sets(operation, keys);
  GET DIAGNOSTICS stored = ROW_COUNT;
  PERFORM kv.put_collection(target, long_target, 4, new_id, stored);
  RETURN stored;
END $$;

-- Bit 0 is the highest of the first byte; PostgreSQL counts from the lowest of each byte.
CREATE FUNCTION kv.bit_place(place bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN place - place % 8 + 7 - place % 8;

-- Sets one bit, lengthens the bitmap when needed; the bit from before, or -1.
CREATE FUNCTION kv.setbit(k text, long_k text, place bigint, new_value int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  held record;
  old_bytes bytea;
  old_value int;
  missing int;
BEGIN
  SELECT * INTO held FROM kv.hold_or_make(k, long_k, 6);
  IF held.status < 0 THEN
    RETURN -1;
  END IF;
  SELECT coalesce(bytes, '') INTO old_bytes FROM kv.entry WHERE key = k;
  missing := place / 8 + 1 - octet_length(old_bytes);
  IF missing > 0 THEN
    old_bytes := old_bytes || decode(repeat('00', missing), 'hex');
  END IF;
  old_value := get_bit(old_bytes, kv.bit_place(place));
  IF missing > 0 OR old_value <> new_value THEN
    UPDATE kv.entry SET bytes = set_bit(old_bytes, kv.bit_place(place), new_value), version = version + 1
      WHERE key = k;
  END IF;
  RETURN old_value;
END $$;

-- The bytes that hold bits `first` to `last`, where the bits outside of them have the value `filler`.
CREATE FUNCTION kv.bit_window(bytes bytea, first bigint, last bigint, filler int) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  part bytea := substring(bytes FROM (first / 8)::int + 1 FOR (last / 8 - first / 8)::int + 1);
  final int := octet_length(part) - 1;
  low_bits int := (1 << (7 - last % 8)::int) - 1;
  high_bits int := 255 - ((1 << (8 - first % 8)::int) - 1);
BEGIN
  IF filler = 0 THEN
    part := set_byte(part, 0, get_byte(part, 0) & (255 - high_bits));
    RETURN set_byte(part, final, get_byte(part, final) & (255 - low_bits));
  END IF;
  part := set_byte(part, 0, get_byte(part, 0) | high_bits);
  RETURN set_byte(part, final, get_byte(part, final) | low_bits);
END $$;

-- The first bit of that value from `first` to `last`, or null.
CREATE FUNCTION kv.bit_position(bytes bytea, wanted int, first bigint, last bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  part bytea := kv.bit_window(bytes, first, last, 1 - wanted);
  rest bytea := ltrim(part, CASE WHEN wanted = 1 THEN '\x00'::bytea ELSE '\xff'::bytea END);
  skipped bigint := octet_length(part) - octet_length(rest);
BEGIN
  IF octet_length(rest) = 0 THEN
    RETURN NULL;
  END IF;
  FOR n IN 0 .. 7 LOOP
    IF get_bit(rest, 7 - n) = wanted THEN
      RETURN (first / 8 + skipped) * 8 + n;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Puts bytes under a key, whatever it held; it has no time to live then.
CREATE FUNCTION kv.put_bytes(k text, long_k text, wanted int, new_bytes bytea) RETURNS void LANGUAGE sql AS $$
  INSERT INTO kv.entry AS e (key, long_key, kind, bytes, version) VALUES (k, long_k, wanted, new_bytes, 1)
  ON CONFLICT (key) DO UPDATE SET
    id = excluded.id, kind = excluded.kind, bytes = excluded.bytes, value = NULL, expires_at = NULL,
    version = e.version + 1
$$;

-- Raises registers of a HyperLogLog, which has a byte for each of its 16,384. 1 when one changed or it is new, 0, or -1.
-- A time to live replaces the one that the key has.
CREATE FUNCTION kv.pfadd(k text, long_k text, registers int[], ranks int[], ttl_ms bigint) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  held record;
  bytes_now bytea;
  changed boolean := false;
BEGIN
  SELECT * INTO held FROM kv.hold_or_make(k, long_k, 7);
  IF held.status < 0 THEN
    RETURN -1;
  END IF;
  SELECT bytes INTO bytes_now FROM kv.entry WHERE key = k;
  IF bytes_now IS NULL THEN
    bytes_now := decode(repeat('00', 16384), 'hex');
    changed := true;
  END IF;
  FOR n IN 1 .. cardinality(registers) LOOP
    IF get_byte(bytes_now, registers[n]) < ranks[n] THEN
      bytes_now := set_byte(bytes_now, registers[n], ranks[n]);
      changed := true;
    END IF;
  END LOOP;
  IF changed OR ttl_ms IS NOT NULL THEN
    UPDATE kv.entry SET bytes = bytes_now, version = version + 1,
      expires_at = coalesce(kv.expiry_after(ttl_ms), expires_at) WHERE key = k;
  END IF;
  RETURN changed::int;
END $$;
