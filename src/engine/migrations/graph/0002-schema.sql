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

-- The value itself, or something as good as unique that is short enough for an index of several properties.
CREATE FUNCTION graph.cy_uniq(v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
  WHEN octet_length(v::text) <= 256 OR jsonb_typeof(v) = 'number' THEN v
  WHEN jsonb_typeof(v) = 'string' THEN jsonb_build_array(encode(sha256(convert_to(v #>> '{}', 'UTF8')), 'hex'))
  -- A text of it would tell 1 from 1.0.
  ELSE jsonb_build_array(jsonb_hash_extended(v, 0), jsonb_hash_extended(v, 1))
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

-- One row for each index or constraint; its PostgreSQL index is named schema_<id>, its check schema_<id>_check.
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

-- Grows with each change of the entries. Whoever changes them locks this row first, so changes come one by one.
CREATE TABLE graph.schema_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version bigint NOT NULL
);
INSERT INTO graph.schema_version (version) VALUES (0);
