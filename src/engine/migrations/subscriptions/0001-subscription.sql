-- Durable subscriptions to the changes of a table. Where each stands is its consumer of the change feed, which bears its id.
CREATE SCHEMA IF NOT EXISTS cdc;

CREATE TABLE cdc.subscription (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  -- The table it was made for, and its name at that time: a table that is renamed keeps its subscriptions.
  table_oid oid NOT NULL,
  table_schema text NOT NULL,
  table_name text NOT NULL,
  events text[] NOT NULL,
  delivery text NOT NULL CHECK (delivery IN ('webhook', 'websocket', 'grpc_stream')),
  -- Of webhooks.
  endpoint text CHECK ((endpoint IS NOT NULL) = (delivery = 'webhook')),
  filter text,
  include_old_values boolean NOT NULL,
  batch_size int NOT NULL,
  batch_timeout_ms int NOT NULL,
  max_retries int NOT NULL,
  backoff_ms int NOT NULL,
  backoff_multiplier float8 NOT NULL,
  -- Key of the signatures of a webhook.
  secret text,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'failed', 'lost')),
  status_reason text,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  last_delivered_at timestamptz,
  delivered_count bigint NOT NULL DEFAULT 0,
  -- Tries of the delivery that is under way: they go on where they were when a process takes over.
  tries int NOT NULL DEFAULT 0,
  -- Grows with each resumption: whoever delivers it begins anew.
  generation int NOT NULL DEFAULT 0,
  -- The process that delivers it, until when it may.
  holder text,
  held_until timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- PostgreSQL's own judgement of a condition on the columns of a table: that of a partial index on a table like it, which
-- takes nothing but immutable functions, and no subqueries, aggregates and parameters. Nothing of it remains. `condition`
-- is one expression in parentheses, as the server has checked before. Raises what PostgreSQL says; returns what it would
-- call that users have made.
CREATE FUNCTION cdc.judge_condition(of_table regclass, condition text) RETURNS text[]
LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE
  own_name text;
  foreign_parts text[];
BEGIN
  SELECT relname INTO STRICT own_name FROM pg_catalog.pg_class WHERE oid = of_table;
  BEGIN
    EXECUTE format('CREATE TEMPORARY TABLE pg_temp.%I (LIKE %s)', own_name, of_table);
    EXECUTE format('CREATE INDEX facet_condition ON pg_temp.%I ((1)) WHERE %s', own_name, condition);
    SELECT coalesce(array_agg(pg_catalog.pg_describe_object(refclassid, refobjid, refobjsubid)), '{}')
    INTO foreign_parts
    FROM pg_catalog.pg_depend
    WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = 'pg_temp.facet_condition'::regclass
      AND refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass);
    -- The check of a domain calls whatever users like, and so does a type that has one in it.
    WITH RECURSIVE used (oid) AS (
      SELECT refobjid FROM pg_catalog.pg_depend
      WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = 'pg_temp.facet_condition'::regclass
        AND refclassid = 'pg_catalog.pg_type'::regclass
      UNION
      SELECT part.oid FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid, LATERAL (
        VALUES (t.typelem), (t.typbasetype)
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
        UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
      ) AS part (oid) WHERE part.oid <> 0
    )
    SELECT foreign_parts || coalesce(array_agg(DISTINCT pg_catalog.pg_describe_object(
      'pg_catalog.pg_type'::regclass, used.oid, 0)), '{}')
    INTO foreign_parts
    FROM used JOIN pg_catalog.pg_constraint c ON c.contypid = used.oid AND c.contype = 'c';
    RAISE EXCEPTION USING ERRCODE = 'FCT01';
  EXCEPTION WHEN SQLSTATE 'FCT01' THEN
    RETURN foreign_parts;
  END;
END $$;
