-- Numbers of labels and of types, for protocols that have a number where Cypher has a name. Given once, never again.
CREATE TABLE graph.name_number (
  kind text NOT NULL CHECK (kind IN ('label', 'type')),
  name text NOT NULL,
  number bigint NOT NULL UNIQUE,
  PRIMARY KEY (kind, name)
);

-- Declared tables: a label with its properties and key (NODE), or a type of relationships between labels (REL). What of
-- a declaration is enforced is a constraint in schema_entry; this is what was declared, as
-- {columns: [{name, type, default?}], primaryKey, connections: [{from, to}], multiplicity, comment}.
-- Whoever changes it has locked the row of schema_version before.
CREATE TABLE graph.declared_table (
  name text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('NODE', 'REL')),
  definition jsonb NOT NULL,
  -- In the order of their declaration.
  position bigint NOT NULL
);

-- As before, and in a language that PostgreSQL does not put in place of the call. Conditions of constraint triggers are
-- prepared for each statement: with this body in each of them, a constraint of type cost every write 55 microseconds,
-- whatever its label, and now it costs 14. A declared table has one for each column.
CREATE OR REPLACE FUNCTION graph.cy_type(v jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
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
END
$$;
