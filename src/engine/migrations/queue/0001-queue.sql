-- Work queues. A message waits in `ready`, is leased to a consumer in `lease`, and ends in `dead` when it failed too
-- often. It moves from table to table instead of being updated: each insertion is one index entry at the place where it
-- is looked for, and what was deleted never stands between the head of a queue and its first message for long.
CREATE SCHEMA queue;

-- The order of messages that wait, and the ids of new ones. Not cached: sessions would take numbers out of turn.
CREATE SEQUENCE queue.message_order AS bigint;

CREATE TABLE queue.queue (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  -- Messages that may wait; those under lease do not count.
  max_depth bigint NOT NULL,
  ack_deadline_ms bigint NOT NULL,
  max_retries int NOT NULL,
  default_priority smallint NOT NULL CHECK (default_priority BETWEEN 0 AND 9),
  -- Messages that one consumer may hold at a time; 0: as many as it takes.
  prefetch_limit int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE queue.ready (
  queue_id int NOT NULL,
  -- 9 minus the priority, so that the index is read forwards.
  rank smallint NOT NULL,
  seq bigint NOT NULL,
  id bigint NOT NULL,
  retry_count int NOT NULL,
  max_retries int NOT NULL,
  -- How many times it was handed out.
  delivery int NOT NULL,
  published_at timestamptz NOT NULL,
  -- Behind this time it is handed to nobody.
  expires_at timestamptz,
  -- Its JSON text as it was given, or bytes.
  body text,
  bytes bytea,
  -- JSON text of an object.
  headers text,
  CHECK (rank BETWEEN 0 AND 9 AND (body IS NULL) <> (bytes IS NULL)),
  PRIMARY KEY (queue_id, rank, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = off);
CREATE INDEX ready_expiry ON queue.ready (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE queue.lease (
  id bigint PRIMARY KEY,
  queue_id int NOT NULL,
  rank smallint NOT NULL,
  seq bigint NOT NULL,
  retry_count int NOT NULL,
  max_retries int NOT NULL,
  delivery int NOT NULL,
  published_at timestamptz NOT NULL,
  expires_at timestamptz,
  body text,
  bytes bytea,
  headers text,
  consumer text,
  -- Counts against the prefetch limit of its queue.
  limited boolean NOT NULL,
  ends_at timestamptz NOT NULL,
  CHECK (rank BETWEEN 0 AND 9 AND (body IS NULL) <> (bytes IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = off);
CREATE INDEX lease_end ON queue.lease (ends_at);
CREATE INDEX lease_consumer ON queue.lease (queue_id, consumer) WHERE limited;

CREATE TABLE queue.dead (
  queue_id int NOT NULL,
  seq bigint NOT NULL,
  id bigint NOT NULL,
  priority smallint NOT NULL,
  retry_count int NOT NULL,
  max_retries int NOT NULL,
  delivery int NOT NULL,
  published_at timestamptz NOT NULL,
  died_at timestamptz NOT NULL,
  -- max_retries, rejected or expired.
  reason text NOT NULL,
  body text,
  bytes bytea,
  headers text,
  CHECK (priority BETWEEN 0 AND 9 AND (body IS NULL) <> (bytes IS NULL)),
  PRIMARY KEY (queue_id, seq)
);

-- What there is and what there was, by queue and priority: the sum over slots. A session has a slot that it shares with
-- few others, and a transaction of a client one of its own, below zero, so that nobody waits for its end. Slots below
-- zero are folded into the others in the background.
CREATE TABLE queue.counter (
  queue_id int NOT NULL,
  slot bigint NOT NULL,
  priority smallint NOT NULL,
  ready bigint NOT NULL DEFAULT 0,
  leased bigint NOT NULL DEFAULT 0,
  dead bigint NOT NULL DEFAULT 0,
  published bigint NOT NULL DEFAULT 0,
  consumed bigint NOT NULL DEFAULT 0,
  acked bigint NOT NULL DEFAULT 0,
  nacked bigint NOT NULL DEFAULT 0,
  dead_lettered bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (queue_id, slot, priority)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0);
CREATE INDEX counter_unfolded ON queue.counter (queue_id) WHERE slot < 0;

CREATE FUNCTION queue.slot(own boolean) RETURNS bigint LANGUAGE sql VOLATILE
RETURN CASE WHEN own THEN - pg_current_xact_id()::text::bigint ELSE pg_backend_pid() % 16 END;

-- What goes wrong with single items of a batch, and is answered instead of raised:
-- 1 the queue is not there, 2 it is full, 3 there are too many queues, 4 the message is not leased,
-- 5 it is leased to another consumer.

-- All functions read tables that fill and empty in seconds: what the planner believes of their size is never right, so
-- it is left nothing but the indexes, and plans once. The row of a queue is locked first, and against deletion only: whoever deletes it
-- waits for those who are about to put something into it, and nobody waits for anybody in a circle.

-- Appends messages. `sizes` says how many belong to each group, all to one queue of `names`; groups of one queue stand
-- side by side, and each is taken whole or not at all. Answers a row per group: `first` counts its messages from 1;
-- `ahead` has, by priority from 0 to 9, how many messages waited before the groups of this queue were appended.
CREATE FUNCTION queue.publish(
  own boolean, queues_max int, names text[], creates boolean[], sizes int[],
  priorities smallint[], bodies text[], bytes bytea[], headers text[], retries int[], ttls bigint[])
RETURNS TABLE (status int, ids bigint[], default_priority smallint, ahead bigint[])
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  q queue.queue;
  counts bigint[];
  room bigint;
  groups int := cardinality(names);
  at int := 1;
  last int;
  low int := 1;
  high int;
  total int;
  fresh bigint[];
  made int[];
  taken int;
  problem int;
BEGIN
  WHILE at <= groups LOOP
    last := at;
    total := sizes[at];
    WHILE last < groups AND names[last + 1] = names[at] LOOP
      last := last + 1;
      total := total + sizes[last];
    END LOOP;
    high := low + total - 1;
    problem := 0;
    SELECT * INTO q FROM queue.queue WHERE name = names[at] FOR KEY SHARE;
    IF NOT FOUND THEN
      problem := 1;
      IF true = ANY (creates[at:last]) THEN
        problem := CASE WHEN queue.make(queues_max, names[at], NULL, NULL, NULL, NULL, NULL) IS NULL THEN 3 ELSE 0 END;
        SELECT * INTO q FROM queue.queue WHERE name = names[at] FOR KEY SHARE;
      END IF;
    END IF;
    IF problem > 0 THEN
      FOR taken IN at .. last LOOP
        RETURN QUERY SELECT problem, NULL::bigint[], NULL::smallint, NULL::bigint[];
      END LOOP;
    ELSE
      SELECT ARRAY(
        SELECT coalesce(sum(c.ready), 0)::bigint FROM generate_series(0, 9) AS p (priority)
        LEFT JOIN queue.counter AS c ON c.queue_id = q.id AND c.priority = p.priority
        GROUP BY p.priority ORDER BY p.priority) INTO counts;
      SELECT q.max_depth - sum(n) INTO room FROM unnest(counts) AS n;
      made := NULL;
      IF total > room THEN
        -- The positions, within this queue, of the messages of the groups that fit.
        made := '{}';
        taken := 0;
        FOR g IN at .. last LOOP
          IF sizes[g] <= room THEN
            room := room - sizes[g];
            made := made || ARRAY(SELECT generate_series(taken + 1, taken + sizes[g]));
          END IF;
          taken := taken + sizes[g];
        END LOOP;
      END IF;
      fresh := ARRAY(SELECT nextval('queue.message_order') FROM generate_series(1, total));
      WITH given AS (
        SELECT fresh_id, coalesce(priority, q.default_priority) AS priority, retry, ttl, body, byte_string, header
        FROM unnest(
          fresh, priorities[low:high], bodies[low:high], bytes[low:high], headers[low:high], retries[low:high],
          ttls[low:high])
          WITH ORDINALITY AS m (fresh_id, priority, body, byte_string, header, retry, ttl, n)
        WHERE made IS NULL OR n = ANY (made)
      ), stored AS (
        INSERT INTO queue.ready
        SELECT q.id, 9 - priority, fresh_id, fresh_id, 0, coalesce(retry, q.max_retries), 0, statement_timestamp(),
          statement_timestamp() + ttl * interval '1 millisecond', body, byte_string, header
        FROM given
      )
      INSERT INTO queue.counter AS c (queue_id, slot, priority, ready, published)
      SELECT q.id, queue.slot(own), priority, count(*), count(*) FROM given GROUP BY priority ORDER BY priority
      ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
        ready = c.ready + excluded.ready, published = c.published + excluded.published;
      PERFORM pg_notify('facet_queue', q.name);
      taken := 0;
      FOR g IN at .. last LOOP
        IF made IS NULL OR taken + 1 = ANY (made) THEN
          RETURN QUERY SELECT 0, fresh[taken + 1 : taken + sizes[g]], q.default_priority, counts;
        ELSE
          RETURN QUERY SELECT 2, NULL::bigint[], NULL::smallint, NULL::bigint[];
        END IF;
        taken := taken + sizes[g];
      END LOOP;
    END IF;
    low := high + 1;
    at := last + 1;
  END LOOP;
END $$;

-- Makes a queue that is not there: true if so, false if it was there, null when there are `queues_max` of them.
CREATE FUNCTION queue.make(
  queues_max int, wanted text, depth bigint, deadline_ms bigint, retries int, priority smallint, prefetch int)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM queue.queue WHERE name = wanted) THEN
    RETURN false;
  ELSIF (SELECT count(*) FROM queue.queue) >= queues_max THEN
    RETURN NULL;
  END IF;
  INSERT INTO queue.queue (name, max_depth, ack_deadline_ms, max_retries, default_priority, prefetch_limit)
  VALUES (wanted, coalesce(depth, 100000), coalesce(deadline_ms, 30000), coalesce(retries, 3), coalesce(priority, 5),
    coalesce(prefetch, 0))
  ON CONFLICT (name) DO NOTHING;
  RETURN FOUND;
END $$;

-- Leases messages to those who wait. `sizes` says how many places belong to each queue of `names`; each place takes one
-- message, for its consumer and for so many milliseconds (null: as the queue says), in the order of places. Answers a
-- row per leased message with its place, and behind those of a queue one without a place, with what is to be known of
-- the queue: a status; how many places the prefetch limit leaves; whether messages are there that others hold at this
-- moment; and, when places stayed empty, the milliseconds until the next lease of any queue ends.
CREATE FUNCTION queue.claim(own boolean, names text[], sizes int[], consumers text[], deadlines_ms bigint[],
  floors bigint[])
RETURNS TABLE (
  place int, id bigint, delivery int, priority int, retry_count int, max_retries int, body text, bytes bytea,
  headers text, seq bigint, lease_ms bigint, status int, places int, held boolean, next_ms bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  q queue.queue;
  low int := 1;
  high int;
  picked tid[];
  -- Who gets them: by the number of a message among those picked, its place, consumer and milliseconds.
  free_places int[];
  takers text[];
  terms bigint[];
BEGIN
  FOR at IN 1 .. cardinality(names) LOOP
    high := low + sizes[at] - 1;
    places := sizes[at];
    picked := '{}';
    next_ms := NULL;
    SELECT * INTO q FROM queue.queue WHERE name = names[at] FOR KEY SHARE SKIP LOCKED;
    IF NOT FOUND THEN
      -- It may be about to be removed: that is not waited for, lest it hold up those who wait at other queues.
      held := EXISTS (SELECT FROM queue.queue WHERE name = names[at]);
      status := CASE WHEN held THEN 0 ELSE 1 END;
    ELSE
      status := 0;
      free_places := NULL;
      takers := consumers[low : high];
      terms := deadlines_ms[low : high];
      IF q.prefetch_limit > 0 THEN
        SELECT array_agg(f.place ORDER BY f.n), array_agg(f.consumer ORDER BY f.n), array_agg(f.ms ORDER BY f.n), count(*)
        INTO free_places, takers, terms, places
        FROM queue.free_places(q.id, q.prefetch_limit, takers, terms) AS f;
      END IF;
      IF places > 0 THEN
        picked := queue.pick(q.id, floors[at * 10 - 9 : at * 10], places);
      END IF;
      IF picked <> '{}' THEN
        RETURN QUERY
        WITH taken AS (
          DELETE FROM queue.ready AS r
          USING unnest(picked, takers, terms) WITH ORDINALITY AS p (at, consumer, ms, n)
          WHERE r.ctid = p.at
          RETURNING r.*, p.consumer, coalesce(p.ms, q.ack_deadline_ms) AS ms, p.n
        ), leased AS (
          INSERT INTO queue.lease
          SELECT t.id, q.id, t.rank, t.seq, t.retry_count, t.max_retries, t.delivery + 1, t.published_at, t.expires_at,
            t.body, t.bytes, t.headers, t.consumer, q.prefetch_limit > 0,
            statement_timestamp() + t.ms * interval '1 millisecond'
          FROM taken AS t
        ), counted AS (
          INSERT INTO queue.counter AS c (queue_id, slot, priority, ready, leased, consumed)
          SELECT q.id, queue.slot(own), 9 - rank, - count(*), count(*), count(*) FROM taken GROUP BY rank ORDER BY rank
          ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
            ready = c.ready + excluded.ready, leased = c.leased + excluded.leased,
            consumed = c.consumed + excluded.consumed
        )
        SELECT low - 1 + CASE WHEN free_places IS NULL THEN t.n::int ELSE free_places[t.n] END, t.id, t.delivery + 1,
          9 - t.rank, t.retry_count, t.max_retries, t.body, t.bytes, t.headers, t.seq, t.ms, 0, NULL::int,
          NULL::boolean, NULL::bigint
        FROM taken AS t;
      END IF;
      held := false;
      IF cardinality(picked) < places THEN
        held := EXISTS (
          SELECT FROM queue.ready AS w
          WHERE w.queue_id = q.id AND (w.expires_at IS NULL OR w.expires_at > statement_timestamp()));
      END IF;
      IF cardinality(picked) < sizes[at] THEN
        next_ms := queue.next_due_ms();
      END IF;
    END IF;
    RETURN NEXT;
    low := high + 1;
  END LOOP;
END $$;

-- Locks the next `wanted` messages of a queue. The entries of those that are gone stay in the index until the next
-- vacuum, and a walk from its beginning passes all of them. So the walk begins, by rank from 0 to 9, at a number that
-- the caller knows to have nothing before it that matters (null: none). When too few are found there, it is done from
-- the beginning. It is planned with the settings of queue.claim, its only caller.
CREATE FUNCTION queue.pick(queue int, floors bigint[], wanted int) RETURNS tid[] LANGUAGE plpgsql AS $$
DECLARE
  picked tid[];
BEGIN
  picked := ARRAY(
    SELECT w.ctid FROM generate_series(0, 9) AS f (rank) CROSS JOIN LATERAL (
      SELECT r.ctid FROM queue.ready AS r
      WHERE r.queue_id = queue AND r.rank = f.rank::smallint AND r.seq >= coalesce(floors[f.rank + 1], 0)
        AND (r.expires_at IS NULL OR r.expires_at > statement_timestamp())
      ORDER BY r.seq LIMIT wanted FOR UPDATE SKIP LOCKED) AS w
    LIMIT wanted);
  IF cardinality(picked) < wanted AND floors <> '{}' THEN
    RETURN queue.pick(queue, '{}', wanted);
  END IF;
  RETURN picked;
END $$;

-- The places that may be filled, numbered without gaps: all, or those of consumers who hold less than they may.
CREATE FUNCTION queue.free_places(queue int, prefetch_limit int, consumers text[], deadlines_ms bigint[])
RETURNS TABLE (n bigint, place int, consumer text, ms bigint)
LANGUAGE sql STABLE AS $$
  SELECT row_number() OVER (ORDER BY s.place), s.place::int, s.consumer, s.ms
  FROM (
    SELECT g.consumer, g.ms, g.place, row_number() OVER (PARTITION BY g.consumer ORDER BY g.place) AS mine
    FROM unnest(consumers, deadlines_ms) WITH ORDINALITY AS g (consumer, ms, place)) AS s
  WHERE prefetch_limit = 0 OR s.consumer IS NULL OR s.mine <= prefetch_limit - (
    SELECT count(*) FROM queue.lease AS l WHERE l.limited AND l.queue_id = queue AND l.consumer = s.consumer)
$$;

-- Milliseconds until the next lease ends or the next message expires, not below zero; null when there is none.
CREATE FUNCTION queue.next_due_ms() RETURNS bigint LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
  SELECT CASE WHEN due IS NOT NULL THEN greatest(0, ceil(extract(epoch FROM due - clock_timestamp()) * 1000))::bigint END
  FROM (SELECT least(
    (SELECT ends_at FROM queue.lease ORDER BY ends_at LIMIT 1),
    (SELECT expires_at FROM queue.ready WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1)) AS due) AS first
$$;

-- Locks the queues of `names` against deletion; their ids in that order, null for those that are not there.
CREATE FUNCTION queue.hold(names text[]) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
  ids int[] := '{}';
  found_id int;
BEGIN
  FOR at IN 1 .. cardinality(names) LOOP
    SELECT id INTO found_id FROM queue.queue WHERE name = names[at] FOR KEY SHARE;
    ids := array_append(ids, found_id);
  END LOOP;
  RETURN ids;
END $$;

-- Ends leases, the messages being done. `queues` says for each id which of `names` it is of; a delivery or a consumer
-- that is given must be that of the lease. Answers a row for each that cannot be, with its place in `ids`.
CREATE FUNCTION queue.ack(
  own boolean, names text[], queues int[], ids bigint[], deliveries int[], consumers text[])
RETURNS TABLE (place int, status int)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  held int[] := queue.hold(names);
  done int[];
  limited boolean;
BEGIN
  WITH taken AS (
    DELETE FROM queue.lease AS l
    USING unnest(queues, ids, deliveries, consumers) WITH ORDINALITY AS g (at, id, delivery, consumer, n)
    WHERE l.id = g.id AND l.queue_id = held[g.at] AND l.ends_at > statement_timestamp()
      AND (g.delivery IS NULL OR g.delivery = l.delivery)
      AND (g.consumer IS NULL OR l.consumer IS NULL OR g.consumer = l.consumer)
    RETURNING g.n, l.queue_id, l.rank, l.limited
  ), counted AS (
    INSERT INTO queue.counter AS c (queue_id, slot, priority, leased, acked)
    SELECT queue_id, queue.slot(own), 9 - rank, - count(*), count(*) FROM taken
    GROUP BY queue_id, rank ORDER BY queue_id, rank
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
      leased = c.leased + excluded.leased, acked = c.acked + excluded.acked
  )
  SELECT array_agg(n), bool_or(t.limited) INTO done, limited FROM taken AS t;
  IF limited THEN
    -- A consumer may take one more.
    PERFORM pg_notify('facet_queue', name) FROM unnest(names) AS name;
  END IF;
  IF coalesce(cardinality(done), 0) < cardinality(ids) THEN
    RETURN QUERY SELECT * FROM queue.refusals(held, queues, ids, deliveries, done);
  END IF;
END $$;

-- Why the leases that are not `done` were not found.
CREATE FUNCTION queue.refusals(held int[], queues int[], ids bigint[], deliveries int[], done int[])
RETURNS TABLE (place int, status int) LANGUAGE sql STABLE AS $$
  SELECT g.n::int, CASE WHEN held[g.at] IS NULL THEN 1 WHEN EXISTS (
      SELECT FROM queue.lease AS l
      WHERE l.id = g.id AND l.queue_id = held[g.at] AND l.ends_at > statement_timestamp()
        AND (g.delivery IS NULL OR g.delivery = l.delivery)) THEN 5 ELSE 4 END
  FROM unnest(queues, ids, deliveries) WITH ORDINALITY AS g (at, id, delivery, n)
  WHERE NOT g.n = ANY (coalesce(done, '{}'))
$$;

-- Takes messages back whose leases were removed by the caller, in that order. One that has failed (`counted`) goes behind
-- those of its priority, or dies: when it may not come back, or has failed too often. One that is given back goes to
-- where it was; its deliveries go on being numbered, so that no receipt speaks for two of them. Answers a row per message: why it died, or null.
CREATE FUNCTION queue.take_back(
  own boolean, dead_max int, given queue.lease[], comes_back boolean[], counted boolean, nacked boolean)
RETURNS TABLE (place int, reason text, queue_id int)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  woken int;
BEGIN
  RETURN QUERY
  WITH judged AS (
    SELECT l.*, g.n, CASE
        WHEN NOT counted THEN NULL
        WHEN NOT b.back THEN 'rejected'
        WHEN l.retry_count + 1 > l.max_retries THEN 'max_retries'
        WHEN l.expires_at <= statement_timestamp() THEN 'expired' END AS reason
    FROM unnest(given) WITH ORDINALITY AS g (id, queue_id, rank, seq, retry_count, max_retries, delivery, published_at,
        expires_at, body, bytes, headers, consumer, limited, ends_at, n)
      JOIN unnest(comes_back) WITH ORDINALITY AS b (back, n) ON b.n = g.n
      CROSS JOIN LATERAL (SELECT g.id, g.queue_id, g.rank, g.seq, g.retry_count, g.max_retries, g.delivery,
        g.published_at, g.expires_at, g.body, g.bytes, g.headers) AS l
    ORDER BY g.n
  ), waiting AS (
    INSERT INTO queue.ready
    SELECT queue_id, rank, CASE WHEN counted THEN nextval('queue.message_order') ELSE seq END, id,
      CASE WHEN counted THEN retry_count + 1 ELSE retry_count END, max_retries,
      delivery, published_at, expires_at, body, bytes, headers
    FROM judged WHERE reason IS NULL ORDER BY n
  ), buried AS (
    INSERT INTO queue.dead
    SELECT queue_id, nextval('queue.message_order'), id, 9 - rank, retry_count + 1, max_retries, delivery, published_at,
      statement_timestamp(), reason, body, bytes, headers
    FROM judged WHERE reason IS NOT NULL ORDER BY n
  ), counts AS (
    INSERT INTO queue.counter AS c (queue_id, slot, priority, ready, leased, dead, consumed, nacked, dead_lettered)
    SELECT queue_id, queue.slot(own), 9 - rank, count(*) FILTER (WHERE reason IS NULL), - count(*),
      count(*) FILTER (WHERE reason IS NOT NULL), CASE WHEN counted THEN 0 ELSE - count(*) END,
      CASE WHEN nacked THEN count(*) ELSE 0 END, count(*) FILTER (WHERE reason IS NOT NULL)
    FROM judged GROUP BY queue_id, rank ORDER BY queue_id, rank
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
      ready = c.ready + excluded.ready, leased = c.leased + excluded.leased, dead = c.dead + excluded.dead,
      consumed = c.consumed + excluded.consumed, nacked = c.nacked + excluded.nacked,
      dead_lettered = c.dead_lettered + excluded.dead_lettered
  )
  SELECT n::int, reason, queue_id FROM judged;
  FOR woken IN SELECT DISTINCT g.queue_id FROM unnest(given) AS g LOOP
    PERFORM pg_notify('facet_queue', name) FROM queue.queue WHERE id = woken;
    PERFORM queue.trim_dead(own, dead_max, woken);
  END LOOP;
END $$;

-- Drops the oldest dead messages of a queue beyond `dead_max`; null: none.
CREATE FUNCTION queue.trim_dead(own boolean, dead_max int, queue int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  excess bigint;
BEGIN
  SELECT sum(dead) - dead_max INTO excess FROM queue.counter WHERE queue_id = queue;
  IF excess > 0 THEN
    WITH gone AS (
      DELETE FROM queue.dead WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM queue.dead WHERE queue_id = queue ORDER BY seq LIMIT excess FOR UPDATE SKIP LOCKED))
      RETURNING priority
    )
    INSERT INTO queue.counter AS c (queue_id, slot, priority, dead)
    SELECT queue, queue.slot(own), priority, - count(*) FROM gone GROUP BY priority ORDER BY priority
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET dead = c.dead + excluded.dead;
  END IF;
END $$;

-- Ends leases, the messages having failed. As queue.ack; answers a row per id: a status, or why it died (null: it waits
-- again).
CREATE FUNCTION queue.nack(
  own boolean, dead_max int, names text[], queues int[], ids bigint[], deliveries int[], consumers text[],
  comes_back boolean[])
RETURNS TABLE (place int, status int, reason text)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  held int[] := queue.hold(names);
  done int[];
  leases queue.lease[];
BEGIN
  WITH given AS (
    SELECT held[g.at] AS queue_id, g.id, g.delivery, g.consumer, g.n
    FROM unnest(queues, ids, deliveries, consumers) WITH ORDINALITY AS g (at, id, delivery, consumer, n)
  ), taken AS (
    DELETE FROM queue.lease AS l USING given AS g
    WHERE l.id = g.id AND l.queue_id = g.queue_id AND l.ends_at > statement_timestamp()
      AND (g.delivery IS NULL OR g.delivery = l.delivery)
      AND (g.consumer IS NULL OR l.consumer IS NULL OR g.consumer = l.consumer)
    RETURNING g.n, l AS lease
  )
  SELECT array_agg(n ORDER BY n), array_agg(lease ORDER BY n) INTO done, leases FROM taken;
  RETURN QUERY SELECT done[t.place], 0, t.reason FROM queue.take_back(own, dead_max, leases,
    ARRAY(SELECT comes_back[n] FROM unnest(done) WITH ORDINALITY AS d (n, o) ORDER BY o), true, true) AS t;
  IF coalesce(cardinality(done), 0) < cardinality(ids) THEN
    RETURN QUERY SELECT r.place, r.status, NULL FROM queue.refusals(held, queues, ids, deliveries, done) AS r;
  END IF;
END $$;

-- Takes messages back that were leased for somebody who has gone without an answer.
CREATE FUNCTION queue.release(own boolean, names text[], queues int[], ids bigint[], deliveries int[]) RETURNS int
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  held int[] := queue.hold(names);
  leases queue.lease[];
BEGIN
  WITH taken AS (
    DELETE FROM queue.lease AS l
    USING unnest(queues, ids, deliveries) AS g (at, id, delivery)
    WHERE l.id = g.id AND l.queue_id = held[g.at] AND l.delivery = g.delivery
    RETURNING l AS lease
  )
  SELECT array_agg(lease) INTO leases FROM taken;
  -- Nobody dies of it, so nothing has to make room among the dead.
  RETURN (SELECT count(*) FROM queue.take_back(
    own, NULL, leases, ARRAY(SELECT true FROM unnest(leases)), false, false));
END $$;

-- One bounded step of the background: leases that have ended, messages that have expired, counters of transactions.
-- Answers how much was done, the queues in which messages wait again, and the milliseconds to what is due next.
CREATE FUNCTION queue.sweep(rows_max int, dead_max int, OUT done int, OUT woken text[], OUT next_ms bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  leases queue.lease[];
  queues int[];
  expired int;
BEGIN
  WITH taken AS (
    DELETE FROM queue.lease AS l WHERE ctid = ANY (ARRAY(
      SELECT e.ctid FROM queue.lease AS e JOIN queue.queue AS q ON q.id = e.queue_id
      WHERE e.ends_at <= statement_timestamp() ORDER BY e.ends_at LIMIT rows_max
      FOR UPDATE OF e SKIP LOCKED FOR KEY SHARE OF q SKIP LOCKED))
    RETURNING l AS lease, l.ends_at, l.seq
  )
  SELECT array_agg(lease ORDER BY ends_at, seq) INTO leases FROM taken;
  done := coalesce(cardinality(leases), 0);
  SELECT array_agg(DISTINCT t.queue_id) INTO queues FROM queue.take_back(
    false, dead_max, leases, ARRAY(SELECT true FROM unnest(leases)), true, false) AS t;
  woken := ARRAY(SELECT name FROM queue.queue WHERE id = ANY (queues));

  WITH taken AS (
    DELETE FROM queue.ready AS r WHERE ctid = ANY (ARRAY(
      SELECT e.ctid FROM queue.ready AS e JOIN queue.queue AS q ON q.id = e.queue_id
      WHERE e.expires_at <= statement_timestamp() ORDER BY e.expires_at LIMIT rows_max
      FOR UPDATE OF e SKIP LOCKED FOR KEY SHARE OF q SKIP LOCKED))
    RETURNING *
  ), buried AS (
    INSERT INTO queue.dead
    SELECT queue_id, nextval('queue.message_order'), id, 9 - rank, retry_count, max_retries, delivery, published_at,
      statement_timestamp(), 'expired', body, bytes, headers
    FROM taken
  ), counts AS (
    INSERT INTO queue.counter AS c (queue_id, slot, priority, ready, dead, dead_lettered)
    SELECT queue_id, queue.slot(false), 9 - rank, - count(*), count(*), count(*)
    FROM taken GROUP BY queue_id, rank ORDER BY queue_id, rank
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
      ready = c.ready + excluded.ready, dead = c.dead + excluded.dead,
      dead_lettered = c.dead_lettered + excluded.dead_lettered
  )
  SELECT count(*), array_agg(DISTINCT queue_id) INTO expired, queues FROM taken;
  done := done + expired;
  PERFORM queue.trim_dead(false, dead_max, q) FROM unnest(queues) AS q;

  WITH taken AS (
    DELETE FROM queue.counter WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM queue.counter WHERE slot < 0 LIMIT rows_max FOR UPDATE SKIP LOCKED))
    RETURNING *
  )
  INSERT INTO queue.counter AS c
  SELECT t.queue_id, queue.slot(false), priority, sum(ready), sum(leased), sum(dead), sum(published), sum(consumed),
    sum(acked), sum(nacked), sum(dead_lettered)
  FROM taken AS t GROUP BY t.queue_id, priority ORDER BY t.queue_id, priority
  ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
    ready = c.ready + excluded.ready, leased = c.leased + excluded.leased, dead = c.dead + excluded.dead,
    published = c.published + excluded.published, consumed = c.consumed + excluded.consumed,
    acked = c.acked + excluded.acked, nacked = c.nacked + excluded.nacked,
    dead_lettered = c.dead_lettered + excluded.dead_lettered;

  next_ms := queue.next_due_ms();
END $$;

-- Removes all messages that wait and that nobody holds at this moment; null when the queue is not there.
CREATE FUNCTION queue.purge(own boolean, wanted text) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  q int;
  purged bigint;
BEGIN
  SELECT id INTO q FROM queue.queue WHERE name = wanted FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  WITH taken AS (
    DELETE FROM queue.ready WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM queue.ready WHERE queue_id = q FOR UPDATE SKIP LOCKED))
    RETURNING rank
  ), counts AS (
    INSERT INTO queue.counter AS c (queue_id, slot, priority, ready)
    SELECT q, queue.slot(own), 9 - rank, - count(*) FROM taken GROUP BY rank ORDER BY rank
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET ready = c.ready + excluded.ready
  )
  SELECT count(*) INTO purged FROM taken;
  RETURN purged;
END $$;

-- Drops all dead messages that nobody holds at this moment; null when the queue is not there.
CREATE FUNCTION queue.purge_dead(own boolean, wanted text) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  q int;
  purged bigint;
BEGIN
  SELECT id INTO q FROM queue.queue WHERE name = wanted FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  WITH taken AS (
    DELETE FROM queue.dead WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM queue.dead WHERE queue_id = q FOR UPDATE SKIP LOCKED))
    RETURNING priority
  ), counts AS (
    INSERT INTO queue.counter AS c (queue_id, slot, priority, dead)
    SELECT q, queue.slot(own), priority, - count(*) FROM taken GROUP BY priority ORDER BY priority
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET dead = c.dead + excluded.dead
  )
  SELECT count(*) INTO purged FROM taken;
  RETURN purged;
END $$;

-- Removes a queue with everything in it; false when it is not there.
CREATE FUNCTION queue.remove(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  q int;
BEGIN
  SELECT id INTO q FROM queue.queue WHERE name = wanted FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM queue.ready WHERE queue_id = q;
  DELETE FROM queue.lease WHERE queue_id = q;
  DELETE FROM queue.dead WHERE queue_id = q;
  DELETE FROM queue.counter WHERE queue_id = q;
  DELETE FROM queue.queue WHERE id = q;
  PERFORM pg_notify('facet_queue', wanted);
  RETURN true;
END $$;

-- Puts dead messages (`wanted_ids`, or all) back to the end of their queue, as if they had never failed. Answers their
-- number, -1 when the queue is not there, -2 when it has no room for all of them.
CREATE FUNCTION queue.redrive(own boolean, wanted text, wanted_ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  q queue.queue;
  moved bigint;
  room bigint;
BEGIN
  SELECT * INTO q FROM queue.queue WHERE name = wanted FOR KEY SHARE;
  IF NOT FOUND THEN
    RETURN -1;
  END IF;
  SELECT q.max_depth - coalesce(sum(ready), 0) INTO room FROM queue.counter WHERE queue_id = q.id;
  SELECT count(*) INTO moved FROM queue.dead
  WHERE queue_id = q.id AND (wanted_ids IS NULL OR id = ANY (wanted_ids));
  IF moved > room THEN
    RETURN -2;
  END IF;
  WITH taken AS (
    DELETE FROM queue.dead WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM queue.dead WHERE queue_id = q.id AND (wanted_ids IS NULL OR id = ANY (wanted_ids))
      FOR UPDATE SKIP LOCKED))
    RETURNING *
  ), stored AS (
    INSERT INTO queue.ready
    SELECT q.id, 9 - priority, nextval('queue.message_order'), id, 0, max_retries, delivery, published_at, NULL, body,
      bytes, headers
    FROM taken ORDER BY seq
  ), counts AS (
    INSERT INTO queue.counter AS c (queue_id, slot, priority, ready, dead)
    SELECT q.id, queue.slot(own), priority, count(*), - count(*) FROM taken GROUP BY priority ORDER BY priority
    ON CONFLICT (queue_id, slot, priority) DO UPDATE SET
      ready = c.ready + excluded.ready, dead = c.dead + excluded.dead
  )
  SELECT count(*) INTO moved FROM taken;
  IF moved > 0 THEN
    PERFORM pg_notify('facet_queue', wanted);
  END IF;
  RETURN moved;
END $$;

-- For SQL of users: what waits, in the order in which it is handed out.
CREATE VIEW queue.messages AS
  SELECT q.name AS queue, 'msg_' || lpad(to_hex(r.id), 12, '0') AS message_id, (9 - r.rank)::smallint AS priority,
    r.retry_count, r.max_retries, r.published_at, r.expires_at, r.body::json AS message, r.bytes AS payload,
    r.headers::json AS headers
  FROM queue.ready AS r JOIN queue.queue AS q ON q.id = r.queue_id
  ORDER BY q.name, r.rank, r.seq;
