/** PATH: ways from one node to another. */
import { FacetError, LIMITS } from '../../../../base/index.ts';
import { Node, Relationship, type Value } from '../../../../cypher/index.ts';
import type { Path } from '../../../../nql/index.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { askCypher, inSnapshot } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { DIRECTIONS } from './algorithms.ts';
import { labelsCypher, lookup, type Parameters } from './cypher.ts';
import { edgeCypher } from './neighbors.ts';
import { missingOf } from './not-found.ts';

interface FoundPath {
  readonly nodeIds: bigint[];
  readonly edgeIds: bigint[];
  readonly weight?: number;
}

interface Search {
  /** Behind the clauses that find `a` and `b`; one row with nulls when there is no path. */
  readonly clauses: string;
  readonly parameters: Parameters;
  readonly pathOf: (row: readonly Value[]) => FoundPath | undefined;
}

/** What an edge weighs that has no such property: as the procedure has it. */
const WEIGHT_ABSENT = 1;

/** Number of edges, `*0..5`. The bounds stand in the text, which has no parameters there. */
const range = (least: number, most: number | undefined): string => `*${least}..${most ?? ''}`;

function searchOf(statement: Path): Search {
  const { mode, limit } = statement;
  switch (mode) {
    case 'shortest':
      return search(statement, `shortestPath(${pattern(statement, 0, undefined)})`, Math.min(limit ?? 1, 1));
    case 'all':
      return search(statement, `allShortestPaths(${pattern(statement, 0, undefined)})`, limit);
    case 'variable':
      return search(
        statement,
        pattern(statement, statement.depthMin ?? 0, LIMITS.nqlPathDepthDefault),
        limit,
      );
    case 'weighted':
    case 'all-weighted':
      return weighted(statement);
  }
}

function pattern({ direction, type, depthMax }: Path, least: number, most: number | undefined): string {
  return `(a)${edgeCypher(direction, `${labelsCypher([type])}${range(least, depthMax ?? most)}`)}(b)`;
}

function search({ mode }: Path, written: string, limit: number | undefined): Search {
  // The first of many should be a short one, and all of them are needed to know it.
  const order = mode === 'variable' ? ' ORDER BY length(p)' : '';
  return {
    clauses: `OPTIONAL MATCH p = ${written} RETURN nodes(p), relationships(p)${order} LIMIT $limit`,
    parameters: { limit: limit ?? LIMITS.nqlListLimitDefault },
    pathOf: ([nodes, relationships]) =>
      Array.isArray(nodes) && Array.isArray(relationships)
        ? { nodeIds: ids(nodes), edgeIds: ids(relationships) }
        : undefined,
  };
}

const ids = (entities: readonly Value[]): bigint[] =>
  entities.flatMap((entity) => (entity instanceof Node || entity instanceof Relationship ? [entity.id] : []));

/** Finds the nodes of paths; edges come from `withEdges`. */
function weighted({ mode, direction, type, depthMax, weight, limit }: Path): Search {
  const settings = {
    direction: DIRECTIONS[direction],
    edge_types: type === undefined ? [] : [type.text],
    weight,
    max_hops: depthMax,
    limit: mode === 'weighted' ? 1 : Math.max(1, limit ?? LIMITS.nqlListLimitDefault),
  };
  return {
    clauses:
      'WITH a, b, $settings AS settings ' +
      'OPTIONAL CALL algo.leastPaths(settings {.*, source: a, target: b}) YIELD distance, path ' +
      'RETURN [n IN path | id(n)], distance LIMIT $limit',
    parameters: { settings, limit: limit ?? settings.limit },
    pathOf: ([nodes, distance]) =>
      Array.isArray(nodes)
        ? { nodeIds: nodes.filter((id) => typeof id === 'bigint'), edgeIds: [], weight: Number(distance) }
        : undefined,
  };
}

/** The edges of weighted paths: of those side by side the lightest, and of them the one with the least id. */
async function withEdges(
  call: StatementCall,
  { direction, type, weight = '' }: Path,
  paths: readonly FoundPath[],
): Promise<FoundPath[]> {
  const steps = new Map<string, { readonly from: bigint; readonly to: bigint }>();
  const stepsOf = ({ nodeIds }: FoundPath): string[] =>
    nodeIds.slice(1).map((to, at) => {
      const from = nodeIds[at] ?? to;
      steps.set(`${from} ${to}`, { from, to });
      return `${from} ${to}`;
    });
  const ways = paths.map(stepsOf);
  if (steps.size === 0) return [...paths];
  const edge = edgeCypher(direction, `e${labelsCypher([type])}`);
  const query =
    `UNWIND $steps AS step MATCH (s)${edge}(t) WHERE id(s) = step.from AND id(t) = step.to ` +
    `RETURN step.from, step.to, id(e) AS id, e.${cypherName(weight)} ORDER BY id`;
  const { rows } = await askCypher(call, query, { steps: [...steps.values()] });
  const lightest = new Map<string, { readonly id: bigint; readonly weight: number }>();
  for (const [from, to, id, given] of rows) {
    const step = `${String(from)} ${String(to)}`;
    const known = lightest.get(step);
    const own = given === null ? WEIGHT_ABSENT : Number(given);
    if (known === undefined || own < known.weight) lightest.set(step, { id: id as bigint, weight: own });
  }
  return paths.map((path, at) => ({
    ...path,
    edgeIds: (ways[at] ?? []).flatMap((step) => lightest.get(step)?.id ?? []),
  }));
}

/** @throws FEATURE_NOT_SUPPORTED for what only VARIABLE can say */
function checkDepths({ mode, depthMin = 0 }: Path): void {
  if (mode === 'variable' || depthMin <= 1) return;
  throw new FacetError('FEATURE_NOT_SUPPORTED', 'MIN_DEPTH above 1 goes with PATH VARIABLE only', {
    hint: 'The shortest path is as short as it is. PATH VARIABLE … MIN_DEPTH n LIMIT 1 finds the shortest of those that are not shorter than n.',
  });
}

async function pathsOf(statement: Path, call: StatementCall): Promise<FoundPath[]> {
  checkDepths(statement);
  if (statement.weight === undefined) return await foundPaths(statement, call);
  return await inSnapshot(
    call,
    async (inside) => await withEdges(inside, statement, await foundPaths(statement, inside)),
  );
}

async function foundPaths(statement: Path, call: StatementCall): Promise<FoundPath[]> {
  const { from, to } = statement;
  const [start, end] = [lookup('a', from), lookup('b', to, ['a'])];
  const { clauses, parameters, pathOf } = searchOf(statement);
  const params = { ...start.parameters, ...end.parameters, ...parameters };
  const { rows } = await askCypher(call, `${start.match} ${end.match} ${clauses}`, params);
  if (rows.length === 0 && statement.limit !== 0) throw await missingOf(call, [from, to]);
  return rows.flatMap((row) => pathOf(row) ?? []);
}

export const PATH_RUNNERS: Runners<'path'> = {
  path: {
    answers: () => 'path',
    run: async (statement, call) => {
      const paths = await pathsOf(statement, call);
      return { case: 'path', value: { nodeIds: paths[0]?.nodeIds ?? [], paths } };
    },
  },
};
