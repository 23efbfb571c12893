/** `algo.shortestPath`: from one node to another, or to all that can be reached, by the weights of relationships. */
import { argumentError, type Run, type Value } from '../../../cypher/index.ts';
import { NODE_OUTPUTS, PROJECTION_INPUT, paceOfRun, readLinks } from './algorithm-procedure.ts';
import { networkOf, weightedPaths } from './algorithms/index.ts';
import type { ListedProcedure } from './listed-procedure.ts';
import { Settings, WEIGHT } from './settings.ts';

/** The property that `weighted: true` means. */
const USUAL_WEIGHT = 'weight';

const shortestPathOf = (name: string): ListedProcedure => ({
  name,
  description:
    'Shortest paths from source to target or to all nodes, nearest first. Settings: source, target, weight (none: each ' +
    'step counts 1; weighted true: the property weight), direction natural. The nodes of the path are given with a target.',
  mode: 'READ',
  inputs: [{ ...PROJECTION_INPUT, optional: false }],
  outputs: [
    ...NODE_OUTPUTS,
    { name: 'distance', type: 'FLOAT' },
    { name: 'hops', type: 'INTEGER' },
    { name: 'path', type: 'LIST<NODE>' },
  ],
  call: ([given = null], run) => shortestPaths(name, given, run),
});

async function shortestPaths(name: string, given: Value, run: Run): Promise<readonly (readonly Value[])[]> {
  const settings = new Settings(name, withUsualWeight(given), [...WEIGHT, 'weighted', 'source', 'target']);
  settings.flag('weighted');
  const direction = settings.direction('natural');
  const [sourceId, targetId] = [settings.node('source'), settings.node('target')];
  if (sourceId === undefined) throw argumentError('InvalidArgumentValue', `${name} needs a source`);

  const { ids, links } = await readLinks(settings, run);
  const source = ids.indexOf(sourceId);
  const target = targetId === undefined ? undefined : ids.indexOf(targetId);
  if (source === -1 || target === -1) return [];
  const found = await weightedPaths(networkOf(links, direction), source, target, paceOfRun(run));

  if (target !== undefined && found.reached.at(-1) !== target) return [];
  const ends = target === undefined ? found.reached : [target];
  const way = target === undefined ? [] : found.wayTo(target);
  const { catalog } = run.session;
  const identity = (position: number): bigint => ids[position] ?? -1n;
  const path = target === undefined ? null : present(await catalog.nodes(way.map(identity)));
  const nodes = await catalog.nodes(ends.map(identity));
  return ends.flatMap((position, at) => {
    const node = nodes[at];
    if (node === undefined) return [];
    const hops = BigInt(found.hops[position] ?? 0);
    return [[node, String(node.id), found.distances[position] ?? 0, hops, path]];
  });
}

function withUsualWeight(given: Value): Value {
  if (!(given instanceof Map) || given.get('weighted') !== true || given.has('weight')) return given;
  return new Map([...given, ['weight', USUAL_WEIGHT]]);
}

const present = <Item>(items: readonly (Item | undefined)[]): Item[] =>
  items.filter((item) => item !== undefined);

export const SHORTEST_PATH_PROCEDURES: readonly ListedProcedure[] = [
  shortestPathOf('algo.shortestPath'),
  shortestPathOf('algo.shortest_path'),
];
