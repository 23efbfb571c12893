-- Vectors for servers without pgvector: a list of numbers is a checked real[], and its distances are functions and
-- operators with pgvector's names. The bodies are stored as trees and call nothing but PostgreSQL's own, so a query that
-- uses them is as safe as any other; a body of PL/pgSQL would be no faster (26 µs for two times 128 numbers).
CREATE SCHEMA vector;

-- A vector of any length. Those of one length, vector.d3 and so on, are made when they are first asked for.
CREATE DOMAIN vector.vector AS real[]
  CONSTRAINT vector_numbers CHECK (
    array_ndims(VALUE) = 1 AND array_position(VALUE, NULL) IS NULL AND array_position(VALUE, 'NaN') IS NULL
    AND array_position(VALUE, 'Infinity') IS NULL AND array_position(VALUE, '-Infinity') IS NULL);

-- Casting the sentence to a number fails with it: a tree cannot raise an error in another way.
CREATE FUNCTION vector.mismatch(a int, b int) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN ('different vector dimensions ' || a || ' and ' || b)::double precision;

CREATE FUNCTION vector.vector_dims(v real[]) RETURNS int
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN cardinality(v);

CREATE FUNCTION vector.vector_norm(v real[]) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN (SELECT sqrt(sum(x::double precision * x)) FROM unnest(v) AS u (x));

CREATE FUNCTION vector.l2_distance(a real[], b real[]) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN CASE WHEN cardinality(a) = cardinality(b) THEN
    (SELECT sqrt(sum((x - y)::double precision * (x - y))) FROM unnest(a, b) AS u (x, y))
  ELSE vector.mismatch(cardinality(a), cardinality(b)) END;

CREATE FUNCTION vector.inner_product(a real[], b real[]) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN CASE WHEN cardinality(a) = cardinality(b) THEN
    (SELECT sum(x::double precision * y) FROM unnest(a, b) AS u (x, y))
  ELSE vector.mismatch(cardinality(a), cardinality(b)) END;

CREATE FUNCTION vector.negative_inner_product(a real[], b real[]) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN CASE WHEN cardinality(a) = cardinality(b) THEN
    (SELECT -sum(x::double precision * y) FROM unnest(a, b) AS u (x, y))
  ELSE vector.mismatch(cardinality(a), cardinality(b)) END;

-- As in pgvector: NaN when one of them is zero, which comes after every number in an order.
CREATE FUNCTION vector.cosine_distance(a real[], b real[]) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN CASE WHEN cardinality(a) = cardinality(b) THEN
    (SELECT CASE WHEN sum(x::double precision * x) = 0 OR sum(y::double precision * y) = 0 THEN 'NaN'::double precision
       ELSE 1 - greatest(-1, least(1, sum(x::double precision * y)
                / (sqrt(sum(x::double precision * x)) * sqrt(sum(y::double precision * y))))) END
     FROM unnest(a, b) AS u (x, y))
  ELSE vector.mismatch(cardinality(a), cardinality(b)) END;

CREATE OPERATOR vector.<-> (FUNCTION = vector.l2_distance, LEFTARG = real[], RIGHTARG = real[], COMMUTATOR = OPERATOR(vector.<->));
CREATE OPERATOR vector.<#> (FUNCTION = vector.negative_inner_product, LEFTARG = real[], RIGHTARG = real[], COMMUTATOR = OPERATOR(vector.<#>));
CREATE OPERATOR vector.<=> (FUNCTION = vector.cosine_distance, LEFTARG = real[], RIGHTARG = real[], COMMUTATOR = OPERATOR(vector.<=>));

-- Approximate indexes. They live beside the database, in the processes that serve it; here is what they are of.
CREATE TABLE vector.index (
  -- Grows with every creation: an index that was dropped and made again is another one.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Names are unique in a schema, as those of PostgreSQL's indexes.
  schema_name text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  relation regclass NOT NULL,
  -- pg_attribute.attnum, so that it follows when the column is renamed.
  attribute smallint NOT NULL,
  dimensions int NOT NULL CHECK (dimensions >= 1),
  type text NOT NULL CHECK (type IN ('hnsw', 'ivf_pq')),
  metric text NOT NULL CHECK (metric IN ('cosine', 'l2', 'inner_product')),
  -- As asked for, with the defaults filled in.
  options jsonb NOT NULL,
  -- exact: there is no graph now, and searches measure every vector in memory.
  status text NOT NULL DEFAULT 'building' CHECK (status IN ('building', 'ready', 'exact', 'failed')),
  -- From 0 to 1, while it is built.
  progress real NOT NULL DEFAULT 0,
  -- Why it failed, or is exact; where it was read from, once it is ready.
  detail text,
  -- Of the process that told last.
  size_bytes bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  UNIQUE (schema_name, name)
);
