-- Indexes and constraints of the graph as Cypher names them, and the functions that their PostgreSQL counterparts are
-- built on. The functions depend on nothing but their argument: values with equal jsonb have equal keys.

-- Bounded, so that a long string never makes a row too large for an index, and in the order of Cypher within strings
-- and within numbers: strings are cut alike, infinities stand for numbers beyond all FLOATs. Everything else is only
-- good for equality.
CREATE FUNCTION graph.cy_key(v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE jsonb_typeof(v)
  WHEN 'string' THEN to_jsonb(left(v #>> '{}', 64))
  WHEN 'number' THEN v
  WHEN 'boolean' THEN v
  ELSE CASE
    WHEN v = '{"@": "f", "v": "Infinity"}' THEN '1e309'
    WHEN v = '{"@": "f", "v": "-Infinity"}' THEN '-1e309'
    -- Strings that jsonb cannot hold have no order that PostgreSQL knows.
    WHEN v ->> '@' = 's' THEN '{"@": "s"}'
    ELSE jsonb_build_array(jsonb_hash_extended(v, 0))
  END
END;

CREATE FUNCTION graph.cy_keys(list jsonb[]) RETURNS jsonb[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT graph.cy_key(item) FROM unnest(list) AS item);

-- The value itself, or something as good as unique that is short enough for an index of several properties. Numbers
-- that are equal may be spelled differently, alone and within lists: nothing depends on the length of a text that has
-- some. What is not equal to itself has no key, so that it is never the second one.
CREATE FUNCTION graph.cy_uniq(v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE jsonb_typeof(v)
  WHEN 'number' THEN v
  WHEN 'boolean' THEN v
  WHEN 'string' THEN
    CASE WHEN octet_length(v::text) <= 256 THEN v
      ELSE jsonb_build_array(encode(sha256(convert_to(v #>> '{}', 'UTF8')), 'hex')) END
  ELSE CASE
    WHEN v = '{"@": "f", "v": "NaN"}' OR v @> '[{"@": "f", "v": "NaN"}]' THEN NULL
    ELSE jsonb_build_array(jsonb_hash_extended(v, 0), jsonb_hash_extended(v, 1))
  END
END;

CREATE FUNCTION graph.cy_uniqs(list jsonb[]) RETURNS jsonb[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT graph.cy_uniq(item) FROM unnest(list) AS item);

-- The type of a stored value under its name in Cypher; LIST for any list.
CREATE FUNCTION graph.cy_type(v jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE jsonb_typeof(v)
  WHEN 'string' THEN 'STRING'
  WHEN 'boolean' THEN 'BOOLEAN'
  WHEN 'number' THEN CASE WHEN strpos(v #>> '{}', '.') > 0 THEN 'FLOAT' ELSE 'INTEGER' END
  WHEN 'array' THEN 'LIST'
  ELSE CASE v ->> '@'
    WHEN 's' THEN 'STRING'
    WHEN 'f' THEN 'FLOAT'
    WHEN 'd' THEN 'DATE'
    WHEN 'lt' THEN 'LOCAL TIME'
    WHEN 't' THEN 'ZONED TIME'
    WHEN 'ldt' THEN 'LOCAL DATETIME'
    WHEN 'dt' THEN 'ZONED DATETIME'
    WHEN 'du' THEN 'DURATION'
    WHEN 'pt' THEN 'POINT'
  END
END;

CREATE FUNCTION graph.cy_list_of(v jsonb, type text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN jsonb_typeof(v) = 'array' AND NOT EXISTS (
  SELECT FROM jsonb_array_elements(CASE jsonb_typeof(v) WHEN 'array' THEN v ELSE '[]' END) AS item
  WHERE graph.cy_type(item) IS DISTINCT FROM type
);

-- Constraints of existence and type are looked at when a query is done, which PostgreSQL's own checks cannot: each is a
-- deferred trigger that is only queued for rows that violate it when they are written, and looks again later. The
-- violation is the trigger's argument, as a condition on a row of the table.
CREATE FUNCTION graph.recheck() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  violated boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM graph.%I WHERE id = $1 AND %s)', TG_TABLE_NAME, TG_ARGV[0])
  INTO violated USING NEW.id;
  IF violated THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = format('"%s" is violated', TG_NAME);
  END IF;
  RETURN NULL;
END
$$;

-- For a new constraint: what is stored already.
CREATE FUNCTION graph.check_stored(checked text, violation text, check_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  violated boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM graph.%I WHERE %s)', checked, violation) INTO violated;
  IF violated THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = format('"%s" is violated', check_name);
  END IF;
END
$$;

-- One row for each index or constraint; its PostgreSQL index is named schema_<id>, its trigger schema_<id>_check.
CREATE TABLE graph.schema_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('INDEX', 'UNIQUE', 'NOT NULL', 'KEY', 'TYPE')),
  entity text NOT NULL CHECK (entity IN ('node', 'relationship')),
  -- Of a relationship its type.
  label text NOT NULL,
  properties text[] NOT NULL,
  property_type text
);

-- For a query in a longer transaction: what is deferred is looked at now.
CREATE FUNCTION graph.check_now() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  entry bigint;
BEGIN
  FOR entry IN SELECT id FROM graph.schema_entry WHERE kind IN ('NOT NULL', 'KEY', 'TYPE') LOOP
    BEGIN
      EXECUTE format('SET CONSTRAINTS graph.schema_%s_check IMMEDIATE', entry);
      EXECUTE format('SET CONSTRAINTS graph.schema_%s_check DEFERRED', entry);
    EXCEPTION WHEN undefined_object THEN
      -- Dropped since this transaction took its snapshot.
      NULL;
    END;
  END LOOP;
END
$$;

-- Grows with each change of the entries. Whoever changes them locks this row first, so changes come one by one.
CREATE TABLE graph.schema_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version bigint NOT NULL
);
INSERT INTO graph.schema_version (version) VALUES (0);
