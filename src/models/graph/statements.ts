/** The SQL of the graph that does not depend on a pattern. Arrays have one item for each entity. */
import { statement } from '../../engine/index.ts';

/** Blocks of 1,000 identities; `$1` is how many blocks. */
export const RESERVE_NODE_IDS = statement(
  'graph.reserve_node_ids',
  `SELECT nextval('graph.id') FROM generate_series(1, $1)`,
);

export const RESERVE_RELATIONSHIP_IDS = statement(
  'graph.reserve_relationship_ids',
  `SELECT nextval('graph.edge_id') FROM generate_series(1, $1)`,
);

export const LOAD_NODES = statement(
  'graph.load_nodes',
  `SELECT id, array_to_json(labels), props FROM graph.node WHERE id = ANY ($1::bigint[])`,
);

export const LOAD_RELATIONSHIPS = statement(
  'graph.load_relationships',
  `SELECT id, type, src, dst, props FROM graph.edge WHERE id = ANY ($1::bigint[])`,
);

export const RELATIONSHIPS_OF = statement(
  'graph.relationships_of',
  `SELECT id, type, src, dst, props FROM graph.edge WHERE src = ANY ($1::bigint[])
   UNION ALL SELECT id, type, src, dst, props FROM graph.edge WHERE dst = ANY ($1::bigint[])`,
);

export const STILL_CONNECTED = statement(
  'graph.still_connected',
  `SELECT src FROM graph.edge WHERE src = ANY ($1::bigint[])
   UNION ALL SELECT dst FROM graph.edge WHERE dst = ANY ($1::bigint[]) LIMIT 1`,
);

export const INSERT_NODES = statement(
  'graph.insert_nodes',
  `INSERT INTO graph.node (id, labels, props)
   SELECT u.id, u.labels::text[], u.props
   FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) AS u(id, labels, props)`,
);

export const INSERT_RELATIONSHIPS = statement(
  'graph.insert_relationships',
  `INSERT INTO graph.edge (id, type, src, dst, props)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::jsonb[])`,
);

/** Only what changed is written, so that two transactions that set different properties do not undo each other. */
export const UPDATE_NODES = statement(
  'graph.update_nodes',
  `UPDATE graph.node AS n SET labels = u.labels::text[], props = (n.props - u.removed::text[]) || u.changed
   FROM unnest($1::bigint[], $2::text[], $3::text[], $4::jsonb[]) AS u(id, labels, removed, changed)
   WHERE n.id = u.id`,
);

export const UPDATE_RELATIONSHIPS = statement(
  'graph.update_relationships',
  `UPDATE graph.edge AS e SET props = (e.props - u.removed::text[]) || u.changed
   FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) AS u(id, removed, changed)
   WHERE e.id = u.id`,
);

export const DELETE_RELATIONSHIPS = statement(
  'graph.delete_relationships',
  'DELETE FROM graph.edge WHERE id = ANY ($1::bigint[])',
);

export const DELETE_NODES = statement(
  'graph.delete_nodes',
  'DELETE FROM graph.node WHERE id = ANY ($1::bigint[])',
);

/** For a query that deletes nodes and may delete what connects them later on. */
export const DEFER_ENDS = statement(
  'graph.defer_ends',
  'SET CONSTRAINTS graph.edge_src_fkey, graph.edge_dst_fkey DEFERRED',
);

/** Checks what was deferred, now. */
export const CHECK_ENDS = statement(
  'graph.check_ends',
  'SET CONSTRAINTS graph.edge_src_fkey, graph.edge_dst_fkey IMMEDIATE',
);

/** As they are now, when everybody else who changes them has ended; nobody else changes them until this one ends. */
export const HOLD_NODES = statement(
  'graph.hold_nodes',
  `SELECT id, array_to_json(labels), props FROM graph.node WHERE id = ANY ($1::bigint[])
   ORDER BY id FOR NO KEY UPDATE`,
);

export const HOLD_RELATIONSHIPS = statement(
  'graph.hold_relationships',
  `SELECT id, props FROM graph.edge WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE`,
);

/** What constraints of existence and type say of the state that a query leaves. */
export const CHECK_NOW = statement('graph.check_now', 'SELECT graph.check_now()');
