-- Relationships count for themselves, from one as nodes do: the first node and the first relationship of a graph both
-- are 1. Relationships that are there keep their identities, and new ones come behind all that were ever given out.
CREATE SEQUENCE graph.edge_id AS bigint MINVALUE 0 START 0 INCREMENT BY 1000;
SELECT setval('graph.edge_id', last_value, is_called) FROM graph.id;
