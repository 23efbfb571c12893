/** The SQL of dumps. A batch is made to text by PostgreSQL, so that properties stay as they are stored. */
import { statement } from '../../../engine/index.ts';

/**
 * What comes behind an identity ($1), at most so many rows ($2), and no more of them than about so many bytes ($3) take
 * in the table: the identity of the last one, how many there are, and all as one JSON array.
 */
const batchOf = (table: string, columns: string, item: string): string =>
  `SELECT max(id), count(*), '[' || string_agg(${item}, ',' ORDER BY id) || ']'
   FROM (
     SELECT *, sum(pg_column_size(props))
       OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
     FROM (SELECT ${columns} FROM ${table} WHERE id > $1::bigint ORDER BY id LIMIT $2::int) AS page
   ) AS measured
   WHERE coalesce(bytes_before, 0) < $3::bigint`;

export const DUMP_NODES = statement(
  'graph.dump_nodes',
  batchOf(
    'graph.node',
    'id, labels, props',
    `'[' || id || ',' || array_to_json(labels)::text || ',' || props::text || ']'`,
  ),
);

export const DUMP_RELATIONSHIPS = statement(
  'graph.dump_relationships',
  batchOf(
    'graph.edge',
    'id, type, src, dst, props',
    `'[' || id || ',' || to_json(type)::text || ',' || src || ',' || dst || ',' || props::text || ']'`,
  ),
);

export const DUMP_SCHEMA = statement(
  'graph.dump_schema',
  `SELECT coalesce(json_agg(json_build_object(
     'name', name, 'kind', kind, 'entity', entity, 'label', label,
     'properties', properties, 'propertyType', property_type) ORDER BY id), '[]')
   FROM graph.schema_entry`,
);

/** Identities that were given out up to now: not less than what any snapshot has seen. */
export const DUMP_IDENTITIES = statement(
  'graph.dump_identities',
  `SELECT n.last_value, n.is_called, e.last_value, e.is_called FROM graph.id AS n, graph.edge_id AS e`,
);

export const LOAD_NODES = statement(
  'graph.restore_nodes',
  `INSERT INTO graph.node (id, labels, props)
   SELECT (item ->> 0)::bigint, ARRAY(SELECT jsonb_array_elements_text(item -> 1)), item -> 2
   FROM jsonb_array_elements($1::jsonb) AS item`,
);

export const LOAD_RELATIONSHIPS = statement(
  'graph.restore_relationships',
  `INSERT INTO graph.edge (id, type, src, dst, props)
   SELECT (item ->> 0)::bigint, item ->> 1, (item ->> 2)::bigint, (item ->> 3)::bigint, item -> 4
   FROM jsonb_array_elements($1::jsonb) AS item`,
);

/** Never backwards: who has reserved identities in this process goes on using them. */
export const LOAD_IDENTITIES = statement(
  'graph.restore_identities',
  `SELECT setval('graph.id', greatest(n.last_value, $1::bigint), n.is_called OR $2::boolean),
     setval('graph.edge_id', greatest(e.last_value, $3::bigint), e.is_called OR $4::boolean)
   FROM graph.id AS n, graph.edge_id AS e`,
);

export const LOAD_JOURNAL_ON = statement(
  'graph.restore_journal_on',
  `SELECT setval('graph.journal_state', 2)`,
);

/** From here on nobody else changes the graph until the transaction ends. */
export const LOCK_GRAPH = statement(
  'graph.restore_lock',
  'LOCK TABLE graph.node, graph.edge, graph.schema_entry IN SHARE ROW EXCLUSIVE MODE',
);

export const IS_EMPTY = statement(
  'graph.restore_is_empty',
  `SELECT NOT EXISTS (SELECT FROM graph.node), NOT EXISTS (SELECT FROM graph.schema_entry),
     NOT EXISTS (SELECT FROM graph.journal_entry) AND (SELECT sequence = 0 FROM graph.journal_base)`,
);

/** Without statistics the first queries would be planned for an empty graph. */
export const ANALYZE_GRAPH = statement('graph.restore_analyze', 'ANALYZE graph.node, graph.edge');
