-- Rooms with gapless offsets. The row of a room gives the offsets out: whoever appends holds it until the commit, so
-- offsets become visible in their order, and a rollback leaves no hole.
CREATE SCHEMA stream;

CREATE TABLE stream.topic (
  -- Grows with every creation.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  partitions int NOT NULL CHECK (partitions >= 1),
  replication_factor int NOT NULL,
  segment_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp()
);

CREATE TABLE stream.room (
  -- Grows with every creation: who follows a room sees by it that it was deleted and made again.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  -- A partition of a topic is a room that only the topic shows. Its name is made of the topic's id.
  topic_id bigint REFERENCES stream.topic ON DELETE CASCADE,
  -- Of the next event.
  next_offset bigint NOT NULL DEFAULT 0,
  -- Of the oldest event that is kept; next_offset when there is none.
  oldest_offset bigint NOT NULL DEFAULT 0,
  -- When that one was published, null when there is none.
  oldest_at timestamptz,
  -- Of all events that ever were, and of those that retention removed.
  bytes_total bigint NOT NULL DEFAULT 0,
  bytes_removed bigint NOT NULL DEFAULT 0,
  -- What is kept; null: no bound.
  events_max bigint,
  age_ms_max bigint,
  bytes_max bigint,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX room_topic ON stream.room (topic_id) WHERE topic_id IS NOT NULL;

CREATE TABLE stream.event (
  room_id bigint NOT NULL,
  "offset" bigint NOT NULL,
  type text NOT NULL,
  -- JSON text as it was given.
  data text NOT NULL,
  -- The text of a JSON object, or null.
  metadata text,
  published_at timestamptz NOT NULL,
  -- bytes_total of the room as it was before this event: so the size of any range is one subtraction.
  bytes_before bigint NOT NULL,
  PRIMARY KEY (room_id, "offset")
);

-- Where subscribers with a name are, as they last told by consuming.
CREATE TABLE stream.subscriber (
  room_id bigint NOT NULL REFERENCES stream.room ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL,
  next_offset bigint NOT NULL,
  consumed bigint NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (room_id, name)
) WITH (fillfactor = 70);

-- Rooms that are gone and whose events are to be removed.
CREATE TABLE stream.garbage (room_id bigint PRIMARY KEY);

CREATE FUNCTION stream.note_garbage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stream.garbage (room_id) VALUES (OLD.id);
  -- Offset -1: whoever follows the room is told that it is gone.
  PERFORM pg_notify('facet_stream', OLD.id || ':-1');
  RETURN NULL;
END $$;
CREATE TRIGGER room_deleted AFTER DELETE ON stream.room FOR EACH ROW EXECUTE FUNCTION stream.note_garbage();

CREATE FUNCTION stream.ms(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN floor(extract(epoch FROM at) * 1000)::bigint;

-- Appends events to rooms, those of rooms[i] being the next counts[i] of the other arrays. Rooms are locked in the order
-- given, which is the same for everybody. sizes: bytes of all events for the room; befores: of an event, those of the
-- events before it for the same room. A room that is missing is made where `makes` says so, else its row has nulls and
-- its events are left out.
CREATE FUNCTION stream.append(
  rooms text[], counts int[], sizes bigint[], makes boolean[],
  types text[], datas text[], metadatas text[], befores bigint[],
  default_events bigint, default_age_ms bigint, default_bytes bigint)
RETURNS TABLE (room_id bigint, first_offset bigint, at_ms bigint) LANGUAGE plpgsql AS $$
DECLARE
  last_item int := 0;
  first_item int;
  room_bytes bigint;
  published timestamptz;
BEGIN
  FOR i IN 1 .. cardinality(rooms) LOOP
    first_item := last_item + 1;
    last_item := last_item + counts[i];
    LOOP
      UPDATE stream.room AS r SET next_offset = r.next_offset + counts[i],
        bytes_total = r.bytes_total + sizes[i],
        oldest_at = coalesce(r.oldest_at, clock_timestamp())
      WHERE r.name = rooms[i]
      RETURNING r.id, r.next_offset - counts[i], r.bytes_total - sizes[i]
      INTO room_id, first_offset, room_bytes;
      EXIT WHEN FOUND OR NOT makes[i];
      INSERT INTO stream.room (name, events_max, age_ms_max, bytes_max)
      VALUES (rooms[i], default_events, default_age_ms, default_bytes) ON CONFLICT DO NOTHING;
    END LOOP;
    at_ms := NULL;
    IF room_id IS NOT NULL THEN
      published := clock_timestamp();
      at_ms := stream.ms(published);
      INSERT INTO stream.event (room_id, "offset", type, data, metadata, published_at, bytes_before)
      SELECT append.room_id, append.first_offset + g.n - 1, g.t, g.d, g.m, published, room_bytes + g.b
      FROM unnest(types[first_item:last_item], datas[first_item:last_item], metadatas[first_item:last_item],
        befores[first_item:last_item]) WITH ORDINALITY AS g (t, d, m, b, n);
      -- Other processes are told in the order of commits; what they lack they read.
      PERFORM pg_notify('facet_stream', room_id || ':' || first_offset + counts[i] - 1);
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- Events of a room from an offset on, up to a count, and until some bytes are reached. For the planner: always the
-- index, whatever it thinks of a young table.
CREATE FUNCTION stream.page(room bigint, from_offset bigint, to_offset bigint, events_max int, page_bytes_max bigint)
RETURNS SETOF stream.event LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
  item stream.event;
  first_bytes bigint;
BEGIN
  FOR item IN SELECT * FROM stream.event AS e
    WHERE e.room_id = room AND e."offset" >= from_offset AND e."offset" <= to_offset
    ORDER BY e."offset" LIMIT events_max
  LOOP
    first_bytes := coalesce(first_bytes, item.bytes_before);
    EXIT WHEN item.bytes_before - first_bytes >= page_bytes_max;
    RETURN NEXT item;
  END LOOP;
END $$;

-- One bounded step of retention in one room, which waits for those who append, and they for it. Events that are not
-- kept are always the oldest ones. Returns how many went.
CREATE FUNCTION stream.retain(of_room bigint, rows_max int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r stream.room;
  last_gone bigint;
  oldest stream.event;
  removed bigint;
BEGIN
  SELECT * INTO r FROM stream.room WHERE id = of_room FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  SELECT e."offset" INTO last_gone FROM stream.event AS e
    WHERE e.room_id = of_room AND e."offset" >= r.oldest_offset AND e."offset" < r.oldest_offset + rows_max
      AND (e."offset" < r.next_offset - r.events_max
        -- The newest one stays, however large it is.
        OR r.bytes_total - e.bytes_before > r.bytes_max AND e."offset" < r.next_offset - 1
        OR e.published_at <= statement_timestamp() - r.age_ms_max * interval '1 millisecond')
    ORDER BY e."offset" DESC LIMIT 1;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  DELETE FROM stream.event AS e
    WHERE e.room_id = of_room AND e."offset" >= r.oldest_offset AND e."offset" <= last_gone;
  GET DIAGNOSTICS removed = ROW_COUNT;
  SELECT * INTO oldest FROM stream.event AS e WHERE e.room_id = of_room AND e."offset" = last_gone + 1;
  UPDATE stream.room SET oldest_offset = last_gone + 1, oldest_at = oldest.published_at,
    bytes_removed = coalesce(oldest.bytes_before, bytes_total)
  WHERE id = of_room;
  RETURN removed;
END $$;

-- Whether a room keeps more than it should, now.
CREATE FUNCTION stream.overdue(r stream.room) RETURNS boolean LANGUAGE sql STABLE
RETURN r.next_offset - r.oldest_offset > r.events_max
  OR r.bytes_total - r.bytes_removed > r.bytes_max AND r.next_offset - r.oldest_offset > 1
  OR r.oldest_at <= statement_timestamp() - r.age_ms_max * interval '1 millisecond';

-- One bounded step of removing events whose rooms are gone; returns how many.
CREATE FUNCTION stream.sweep(rows_max int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  gone bigint;
  removed bigint;
BEGIN
  SELECT g.room_id INTO gone FROM stream.garbage AS g ORDER BY g.room_id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  DELETE FROM stream.event AS e WHERE e.room_id = gone AND e."offset" < rows_max
    + (SELECT f."offset" FROM stream.event AS f WHERE f.room_id = gone ORDER BY f."offset" LIMIT 1);
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed < rows_max THEN
    DELETE FROM stream.garbage AS g WHERE g.room_id = gone;
  END IF;
  RETURN greatest(removed, 1);
END $$;

CREATE TABLE stream.consumer_group (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  topic text COLLATE "C" NOT NULL,
  partitions int NOT NULL,
  strategy text NOT NULL,
  session_ms bigint NOT NULL,
  -- Grows with every rebalance.
  generation bigint NOT NULL DEFAULT 0,
  rebalanced_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp()
);

-- Changed only by those who hold the row of the group.
CREATE TABLE stream.member (
  -- By age.
  number bigint GENERATED ALWAYS AS IDENTITY,
  group_id bigint NOT NULL REFERENCES stream.consumer_group ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  -- Ascending.
  partitions int[] NOT NULL DEFAULT '{}',
  seen_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (group_id, id)
);

CREATE TABLE stream.group_offset (
  group_id bigint NOT NULL REFERENCES stream.consumer_group ON DELETE CASCADE,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (group_id, partition)
) WITH (fillfactor = 70);

-- For SQL of users.
CREATE VIEW stream.events AS
  SELECT r.name AS room, e."offset", e.type, e.data::json AS data, e.metadata::json AS metadata, e.published_at
  FROM stream.event AS e JOIN stream.room AS r ON r.id = e.room_id AND e."offset" >= r.oldest_offset
  WHERE r.topic_id IS NULL;
