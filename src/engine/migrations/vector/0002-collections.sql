-- Collections of embeddings by key. Each is a table in a schema of its own, so that SQL reads and writes them by their
-- names; here is what they are. A schema of that name may be there already: its tables are no collections.
CREATE SCHEMA IF NOT EXISTS embedding;

CREATE TABLE vector.collection (
  name text COLLATE "C" PRIMARY KEY,
  -- The table in schema embedding. It is made when the dimension is known, and again if it was dropped by SQL.
  relation text COLLATE "C" NOT NULL UNIQUE,
  -- NULL until the first vector is stored, where it was not given.
  dimension int CHECK (dimension >= 1),
  distance text NOT NULL CHECK (distance IN ('cosine', 'l2', 'inner_product')),
  -- False: the first vector that was stored in it made it.
  declared boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp()
);
