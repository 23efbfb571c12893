-- Topics are matched in memory and nothing of them is kept. Here stands only what processes must know of each other.
CREATE SCHEMA pubsub;

-- A process with subscribers. Without a new lease it is gone, and its subscribers with it.
CREATE UNLOGGED TABLE pubsub.process (
  id text COLLATE "C" PRIMARY KEY,
  -- Grows with every change of its patterns.
  version bigint NOT NULL,
  -- Subscribers by the patterns they have: a list of [number of subscribers, [pattern, …]], as JSON.
  groups text NOT NULL,
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Messages that are too large for a notification, until every process has had the time to fetch them.
CREATE UNLOGGED TABLE pubsub.spool (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message text NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Sends frames to all processes, in their order. A frame that is too large for a notification goes to the spool, and its
-- id and its topic are sent.
CREATE FUNCTION pubsub.send(frames text[], spooled_topics text[], sender text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  spooled bigint;
BEGIN
  FOR i IN 1 .. cardinality(frames) LOOP
    IF spooled_topics[i] IS NULL THEN
      PERFORM pg_notify('facet_pubsub', frames[i]);
    ELSE
      INSERT INTO pubsub.spool (message) VALUES (frames[i]) RETURNING id INTO spooled;
      PERFORM pg_notify('facet_pubsub', sender || '@' || spooled || ' ' || spooled_topics[i]);
    END IF;
  END LOOP;
END $$;
