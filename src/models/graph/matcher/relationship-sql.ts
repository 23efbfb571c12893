/** One relationship of a pattern -> SQL: a table with its ends, or every trail of a variable length. */
import type { RelationshipStep } from '../../../cypher/index.ts';
import { typeSql } from './label-sql.ts';
import type { UsedRelationship } from './unique-relationships.ts';

/** `a` is the end that the pattern comes from, `b` the one it goes to. A loop is found once in both directions. */
export function relationshipTable(
  direction: RelationshipStep['direction'],
  typed: string,
  alias: string,
): string {
  const columns = 'id, type, src, dst, props';
  const out = (condition: string): string =>
    `SELECT src AS a, dst AS b, ${columns} FROM graph.edge${condition}`;
  const back = (condition: string): string =>
    `SELECT dst AS a, src AS b, ${columns} FROM graph.edge${condition}`;
  const where = typed === '' ? '' : ` WHERE ${typed}`;
  if (direction === 'right') return `(${out(where)}) ${alias}`;
  if (direction === 'left') return `(${back(where)}) ${alias}`;
  const noLoop = ` WHERE src <> dst${typed === '' ? '' : ` AND ${typed}`}`;
  return `(${out(where)} UNION ALL ${back(noLoop)}) ${alias}`;
}

/**
 * Every trail from `start`; a list that is given is followed relationship by relationship.
 * @param others what it keeps off with every step, rather than afterwards: a trail has countless continuations
 */
export function trailSql(
  step: RelationshipStep,
  start: string,
  given: string | undefined,
  tests: string,
  others: readonly UsedRelationship[],
): string {
  const { min = 1, max } = step.length ?? {};
  const typed = step.types === undefined ? '' : ` AND ${typeSql(step.types, 'e.type')}`;
  const next = given === undefined ? '' : ` AND e.id = (${given})[v.depth + 1]`;
  const free = others.map(({ sql, list }) => ` AND e.id <> ${list ? `ALL (${sql})` : sql}`).join('');
  const depth = max === undefined ? '' : ` AND v.depth < ${max}`;
  const joined =
    step.direction === 'right'
      ? 'e.src = v.cur'
      : step.direction === 'left'
        ? 'e.dst = v.cur'
        : '(e.src = v.cur OR e.dst = v.cur)';
  const target =
    step.direction === 'right'
      ? 'e.dst'
      : step.direction === 'left'
        ? 'e.src'
        : 'CASE WHEN e.src = v.cur THEN e.dst ELSE e.src END';
  return (
    `WITH RECURSIVE v(cur, rels, depth) AS (SELECT ${start}, '{}'::bigint[], 0 UNION ALL ` +
    `SELECT ${target}, v.rels || e.id, v.depth + 1 FROM v JOIN graph.edge e ON ${joined}${typed}${tests}${next} ` +
    `WHERE e.id <> ALL (v.rels)${free}${depth}) SELECT cur, rels FROM v WHERE depth >= ${min}` +
    (max === undefined ? '' : ` AND depth <= ${max}`)
  );
}
