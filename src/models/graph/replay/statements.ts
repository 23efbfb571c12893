/** The SQL of replaying that no query has. */
import { statement } from '../../../engine/index.ts';

/** Within a transaction of many queries what one of them leaves for the next is looked at in the end. */
export const DEFER_ALL = statement('graph.defer_all', 'SET CONSTRAINTS ALL DEFERRED');

/** Tables with checks that are outstanding cannot be altered. */
export const CHECK_ALL = statement('graph.check_all', 'SET CONSTRAINTS ALL IMMEDIATE');

/**
 * Takes from nodes what they are about to be given: an update of several rows passes values from one to another in an order
 * of its own, and no two may have one at a time that is unique.
 */
export const CLEAR_NODES = statement(
  'graph.clear_nodes',
  `UPDATE graph.node AS n
   SET labels = '{}', props = n.props - u.removed::text[] - ARRAY(SELECT jsonb_object_keys(u.changed))
   FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) AS u(id, removed, changed)
   WHERE n.id = u.id`,
);

export const CLEAR_RELATIONSHIPS = statement(
  'graph.clear_relationships',
  `UPDATE graph.edge AS e SET props = e.props - u.removed::text[] - ARRAY(SELECT jsonb_object_keys(u.changed))
   FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) AS u(id, removed, changed)
   WHERE e.id = u.id`,
);

/** Identities up to `$1` and `$2` are given out, in blocks of 1,000 as the sequences are. */
export const PASS_IDS = statement(
  'graph.pass_ids',
  `SELECT setval('graph.id', greatest((SELECT last_value FROM graph.id), $1::bigint / 1000 * 1000)),
     setval('graph.edge_id', greatest((SELECT last_value FROM graph.edge_id), $2::bigint / 1000 * 1000))`,
);
