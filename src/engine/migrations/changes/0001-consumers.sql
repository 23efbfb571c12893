-- Who follows changes across restarts, and where each stands. Everything here can be written by users of SQL, so it is
-- checked when it is read, and nothing that needs more rights than theirs depends on it.
CREATE SCHEMA IF NOT EXISTS cdc;

CREATE TABLE cdc.consumer (
  name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 256),
  -- Everything that committed before it has been applied, and of the transaction there the first `sequence` changes.
  position pg_lsn NOT NULL,
  sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  advanced_at timestamptz NOT NULL DEFAULT now()
);

-- Tables that were put into the publication, with the replica identity that they had before.
CREATE TABLE cdc.watched_table (
  schema_name text NOT NULL,
  table_name text NOT NULL,
  identity_before "char" NOT NULL,
  watched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schema_name, table_name)
);
