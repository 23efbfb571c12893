-- What Facet knows about a user's table beyond PostgreSQL's catalog: the engine it was declared with, and when it
-- was created and last altered. An event trigger keeps the times where the server lets Facet have one.
CREATE TABLE facet.table_info (
  relation_oid oid PRIMARY KEY,
  engine text NOT NULL DEFAULT 'row',
  created_at timestamptz,
  modified_at timestamptz
);
