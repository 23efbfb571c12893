-- Encrypted values and who did what with them. The server holds the key: SQL sees ciphertext. `owner`, `grants` and
-- `version` are bound to the ciphertext and to `seal`, so that a row changed by SQL is noticed and refused.
CREATE SCHEMA IF NOT EXISTS vault;

CREATE TABLE vault.secret (
  name text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  -- Identities that may read it, sorted.
  grants text[] COLLATE "C" NOT NULL DEFAULT '{}',
  -- Grows with each new value.
  version bigint NOT NULL,
  -- Which of the server's keys.
  key_id text COLLATE "C" NOT NULL,
  nonce bytea NOT NULL,
  -- With the authentication tag of 16 bytes at its end.
  ciphertext bytea NOT NULL,
  -- Over everything that decides who may read.
  seal bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  changed_at timestamptz NOT NULL DEFAULT statement_timestamp()
);
-- Ciphertext does not compress.
ALTER TABLE vault.secret ALTER COLUMN ciphertext SET STORAGE EXTERNAL;
CREATE INDEX secret_key ON vault.secret (key_id);

CREATE TABLE vault.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  -- The secret's name; the pattern of a listing.
  name text NOT NULL,
  -- The identity of a grant or a revocation.
  subject text,
  -- `ok`, or the code of the refusal.
  outcome text NOT NULL,
  request_id text NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  seal bytea NOT NULL
);
CREATE INDEX audit_at ON vault.audit (at);
