/** The SQL that a search for shortest paths asks level by level. `$1` is an array with the identities to go on from. */
import type { RelationshipStep } from '../../../cypher/index.ts';
import { type Statement, statement } from '../../../engine/index.ts';
import { typeSql } from './label-sql.ts';
import type { Side } from './two-sided-search.ts';

/** Columns of graph.edge by which a step goes: from `near` to `far`. */
interface Way {
  readonly near: 'src' | 'dst';
  readonly far: 'src' | 'dst';
}

const OUT: Way = { near: 'src', far: 'dst' };
const IN: Way = { near: 'dst', far: 'src' };

function waysOf({ direction }: RelationshipStep, side: Side): readonly Way[] {
  if (direction === 'both') return [OUT, IN];
  return (direction === 'right') === (side === 'start') ? [OUT] : [IN];
}

const typed = ({ types }: RelationshipStep): string =>
  types === undefined ? '' : ` AND ${typeSql(types, 'e.type')}`;

/**
 * One value for all pairs of neighbours, 16 bytes each: a row of its own for each pair would cost most of the time. Both
 * identities stand in the indexes edge_out and edge_in, so that the table need not be read.
 */
export function neighboursStatement(step: RelationshipStep, side: Side): Statement {
  const parts = waysOf(step, side).map(
    ({ near, far }) =>
      `SELECT e.${near} AS a, e.${far} AS b FROM graph.edge e WHERE e.${near} = ANY ($1::bigint[])${typed(step)}`,
  );
  return statement(
    'graph.search_neighbours',
    `SELECT string_agg(int8send(a) || int8send(b), ''::bytea) FROM (${parts.join(' UNION ALL ')}) AS p`,
  );
}

const COLUMNS = 'e.id, e.type, e.src, e.dst, e.props';

/** All of the relationships, for conditions on them. A relationship may come twice when the direction does not matter. */
export function relationshipsStatement(step: RelationshipStep, side: Side): Statement {
  const parts = waysOf(step, side).map(
    ({ near }) => `SELECT ${COLUMNS} FROM graph.edge e WHERE e.${near} = ANY ($1::bigint[])${typed(step)}`,
  );
  return statement('graph.search_relationships', parts.join(' UNION ALL '));
}

/** The relationships between the nodes of `$1` and those of `$2`, pair by pair, in the direction of the pattern. */
export function betweenStatement(step: RelationshipStep): Statement {
  const parts = waysOf(step, 'start').map(
    ({ near, far }) =>
      `SELECT ${COLUMNS} FROM unnest($1::bigint[], $2::bigint[]) AS p(a, b)
       JOIN graph.edge e ON e.${near} = p.a AND e.${far} = p.b${typed(step)}`,
  );
  return statement('graph.search_between', parts.join(' UNION ALL '));
}
