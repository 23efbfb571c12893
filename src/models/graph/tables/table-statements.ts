/** The SQL of commands that change all nodes of a label or all relationships of a type. `$1` is the label or the type. */
import { statement } from '../../../engine/index.ts';

/**
 * From here on nobody else changes nodes and relationships until the transaction ends: what a command did to all of them
 * is in the order of its commit, and the same when the journal does it again.
 */
export const LOCK_GRAPH = statement(
  'graph.lock_graph',
  'LOCK TABLE graph.node, graph.edge IN SHARE ROW EXCLUSIVE MODE',
);

/** Also what makes changes of declarations wait for each other. */
export const LOCK_SCHEMA = statement(
  'graph.lock_schema',
  'UPDATE graph.schema_version SET version = version + 1',
);

const OF_LABEL = '(SELECT id FROM graph.node WHERE labels @> ARRAY[$1::text])';

export const DELETE_OUT_OF_LABEL = statement(
  'graph.delete_out_of_label',
  `DELETE FROM graph.edge WHERE src IN ${OF_LABEL}`,
);
export const DELETE_INTO_LABEL = statement(
  'graph.delete_into_label',
  `DELETE FROM graph.edge WHERE dst IN ${OF_LABEL}`,
);
export const DELETE_LABEL = statement(
  'graph.delete_label',
  'DELETE FROM graph.node WHERE labels @> ARRAY[$1::text]',
);
export const DELETE_TYPE = statement('graph.delete_type', 'DELETE FROM graph.edge WHERE type = $1');

/** `$2` is the new name. Labels stay sorted, each once. */
export const RENAME_LABEL = statement(
  'graph.rename_label',
  `UPDATE graph.node SET labels = ARRAY(
     SELECT DISTINCT (CASE WHEN l = $1 THEN $2::text ELSE l END) COLLATE "C" AS label
     FROM unnest(labels) AS u(l) ORDER BY label)
   WHERE labels @> ARRAY[$1::text]`,
);
export const RENAME_TYPE = statement('graph.rename_type', 'UPDATE graph.edge SET type = $2 WHERE type = $1');

/** Keys as they are stored: `$2` what it was, `$3` what it becomes. */
export const RENAME_NODE_KEY = statement(
  'graph.rename_node_key',
  `UPDATE graph.node SET props = (props - $2::text) || jsonb_build_object($3::text, props -> $2::text)
   WHERE labels @> ARRAY[$1::text] AND props ? $2::text`,
);
export const RENAME_EDGE_KEY = statement(
  'graph.rename_edge_key',
  `UPDATE graph.edge SET props = (props - $2::text) || jsonb_build_object($3::text, props -> $2::text)
   WHERE type = $1 AND props ? $2::text`,
);

/** Those that have both already: one of the two would be lost. */
export const COUNT_NODE_KEYS = statement(
  'graph.count_node_keys',
  `SELECT count(*) FROM graph.node
   WHERE labels @> ARRAY[$1::text] AND props ? $2::text AND props ? $3::text`,
);
export const COUNT_EDGE_KEYS = statement(
  'graph.count_edge_keys',
  'SELECT count(*) FROM graph.edge WHERE type = $1 AND props ? $2::text AND props ? $3::text',
);

export const REMOVE_NODE_KEY = statement(
  'graph.remove_node_key',
  'UPDATE graph.node SET props = props - $2::text WHERE labels @> ARRAY[$1::text] AND props ? $2::text',
);
export const REMOVE_EDGE_KEY = statement(
  'graph.remove_edge_key',
  'UPDATE graph.edge SET props = props - $2::text WHERE type = $1 AND props ? $2::text',
);

/** `$3` is the value as it is stored. */
export const FILL_NODE_KEY = statement(
  'graph.fill_node_key',
  `UPDATE graph.node SET props = props || jsonb_build_object($2::text, $3::jsonb)
   WHERE labels @> ARRAY[$1::text] AND NOT props ? $2::text`,
);
export const FILL_EDGE_KEY = statement(
  'graph.fill_edge_key',
  `UPDATE graph.edge SET props = props || jsonb_build_object($2::text, $3::jsonb)
   WHERE type = $1 AND NOT props ? $2::text`,
);
