/** The SQL that looks at all of the graph: its names, and its shape in packed chunks. */
import { statement } from '../../engine/index.ts';

export const ALL_LABELS = statement(
  'graph.all_labels',
  'SELECT DISTINCT u.label COLLATE "C" AS label FROM graph.node, unnest(labels) AS u(label) ORDER BY label',
);

export const ALL_TYPES = statement(
  'graph.all_types',
  'SELECT DISTINCT type COLLATE "C" AS type FROM graph.edge ORDER BY type',
);

export const ALL_KEYS = statement(
  'graph.all_keys',
  'SELECT jsonb_object_keys(props) FROM graph.node UNION SELECT jsonb_object_keys(props) FROM graph.edge',
);

export const ALL_CONNECTIONS = statement(
  'graph.all_connections',
  `SELECT f.label COLLATE "C" AS source, e.type COLLATE "C" AS type, t.label COLLATE "C" AS target, count(*)
   FROM graph.edge e JOIN graph.node s ON s.id = e.src JOIN graph.node d ON d.id = e.dst,
     unnest(s.labels) AS f(label), unnest(d.labels) AS t(label)
   GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
);

/**
 * The next `$3` nodes behind identity `$1` that have one of the labels `$2` (null: all nodes): the last identity, and
 * all of them as one bytea of 8 bytes each.
 */
export const NODE_CHUNK = statement(
  'graph.node_chunk',
  `SELECT max(id), string_agg(int8send(id), ''::bytea ORDER BY id)
   FROM (
     SELECT id FROM graph.node WHERE id > $1::bigint AND ($2::text[] IS NULL OR labels && $2::text[])
     ORDER BY id LIMIT $3::integer
   ) n`,
);

/** The property `$4`, or `$5` where it is absent; negative for what is no weight. */
const WEIGHT = `CASE jsonb_typeof(props -> $4::text)
       WHEN 'number' THEN greatest((props ->> $4::text)::float8, -1)
       ELSE CASE WHEN props ? $4::text THEN -1 ELSE $5::float8 END END`;

/** Both ends have one of the labels. */
const between = (labels: string): string =>
  `AND src IN (SELECT n.id FROM graph.node n WHERE n.labels && ${labels}::text[])
     AND dst IN (SELECT n.id FROM graph.node n WHERE n.labels && ${labels}::text[])`;

/** A chunk of relationships and what is packed of each. Two texts, since one for both cases has a poor plan for each. */
const edgeChunk = (packed: string, columns: string, labels: string): string =>
  `SELECT max(id), string_agg(${packed}, ''::bytea ORDER BY id)
   FROM (
     SELECT ${columns} FROM graph.edge
     WHERE id > $1::bigint AND ($2::text[] IS NULL OR type = ANY ($2::text[])) ${labels}
     ORDER BY id LIMIT $3::integer
   ) e`;

const ENDS = 'int8send(src) || int8send(dst)';
const WEIGHTED = `${ENDS} || float8send(weight) || int8send(id)`;

/** As NODE_CHUNK, for relationships of one of the types `$2`: 16 bytes each, where it begins and where it ends. */
export const EDGE_CHUNK = statement('graph.edge_chunk', edgeChunk(ENDS, 'id, src, dst', ''));

/** As EDGE_CHUNK, for relationships between nodes that have one of the labels `$4`. */
export const EDGE_CHUNK_OF_LABELS = statement(
  'graph.edge_chunk_of_labels',
  edgeChunk(ENDS, 'id, src, dst', between('$4')),
);

/**
 * As EDGE_CHUNK with 16 bytes more: the weight as a double, and the identity. The weight is the property `$4`, or `$5`
 * where it is absent, and negative for what is no weight. Numbers that JSON has no form for, such as infinity, are
 * stored as objects, so that a stored number is finite.
 */
export const WEIGHTED_EDGE_CHUNK = statement(
  'graph.weighted_edge_chunk',
  edgeChunk(WEIGHTED, `id, src, dst, ${WEIGHT} AS weight`, ''),
);

/** As WEIGHTED_EDGE_CHUNK, for relationships between nodes that have one of the labels `$6`. */
export const WEIGHTED_EDGE_CHUNK_OF_LABELS = statement(
  'graph.weighted_edge_chunk_of_labels',
  edgeChunk(WEIGHTED, `id, src, dst, ${WEIGHT} AS weight`, between('$6')),
);
