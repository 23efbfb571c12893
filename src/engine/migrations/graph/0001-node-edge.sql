-- The property graph. Identities are given out before rows are inserted, in blocks, so that nodes and relationships
-- of one clause go out together. The foreign keys are what keeps a relationship from losing its end when one
-- transaction deletes a node while another connects it. They are checked with each statement, so that whoever connects
-- a node holds it from then on and no commit has to wait; a query that deletes nodes defers them until its own end.
CREATE SCHEMA graph;

CREATE SEQUENCE graph.id AS bigint MINVALUE 0 START 0 INCREMENT BY 1000;

CREATE TABLE graph.node (
  id bigint PRIMARY KEY,
  -- Sorted, each once.
  labels text[] NOT NULL DEFAULT '{}',
  props jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE graph.edge (
  id bigint PRIMARY KEY,
  type text NOT NULL,
  src bigint NOT NULL REFERENCES graph.node DEFERRABLE,
  dst bigint NOT NULL REFERENCES graph.node DEFERRABLE,
  props jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX node_labels ON graph.node USING gin (labels);
CREATE INDEX edge_out ON graph.edge (src, type) INCLUDE (dst);
CREATE INDEX edge_in ON graph.edge (dst, type) INCLUDE (src);

-- For SQL of users: the graph under the names of Cypher.
CREATE VIEW graph.nodes AS
  SELECT id, labels, props AS properties FROM graph.node;
CREATE VIEW graph.relationships AS
  SELECT id, type, src AS start_id, dst AS end_id, props AS properties FROM graph.edge;

-- Who may write. The epoch is a sequence because a sequence is read as it is now, whatever snapshot the reader has: a
-- transaction that began before another process claimed the graph must not find the old epoch.
CREATE SEQUENCE graph.epoch AS bigint MINVALUE 0 START 0;

-- One row: what happened to the graph as a whole, see models/graph/writer.ts. Counts of writes are those folded in
-- from write_count.
CREATE TABLE graph.writer (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  claims bigint NOT NULL DEFAULT 0,
  flushes bigint NOT NULL DEFAULT 0,
  writes bigint NOT NULL DEFAULT 0,
  node_writes bigint NOT NULL DEFAULT 0,
  edge_writes bigint NOT NULL DEFAULT 0,
  -- Counts of writes at the last flush.
  nodes_flushed bigint NOT NULL DEFAULT 0,
  edges_flushed bigint NOT NULL DEFAULT 0
);
INSERT INTO graph.writer DEFAULT VALUES;

-- Queries that changed the graph, counted by each backend in a row of its own, in the transaction that changed it:
-- only what was committed counts, and no writer waits for another. Rows are updated in place most of the time.
CREATE TABLE graph.write_count (
  backend int PRIMARY KEY,
  writes bigint NOT NULL,
  node_writes bigint NOT NULL,
  edge_writes bigint NOT NULL
) WITH (fillfactor = 50);
