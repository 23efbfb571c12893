/** `algo.leastPaths`: all paths of the least weight from one node to another. */
import { argumentError, type Run, type Value } from '../../../cypher/index.ts';
import { PROJECTION_INPUT, paceOfRun, readLinks } from './algorithm-procedure.ts';
import { leastPaths, networkOf } from './algorithms/index.ts';
import type { ListedProcedure } from './listed-procedure.ts';
import { Settings, WEIGHT } from './settings.ts';

const NAME = 'algo.leastPaths';

const STEPS_BOUNDS = { least: 0, most: Number.MAX_SAFE_INTEGER };
/** Of equal ways there can be more than anybody wants to read. */
const LIMIT_BOUNDS = { least: 1, most: 10_000 };
const LIMIT_DEFAULT = 100;

export const LEAST_PATHS_PROCEDURE: ListedProcedure = {
  name: NAME,
  description:
    'All paths of the least weight from source to target. Settings: source, target, weight (none: each step counts 1), ' +
    'max_hops (none: any number; of the paths within them the least), limit 100, direction natural.',
  mode: 'READ',
  inputs: [{ ...PROJECTION_INPUT, optional: false }],
  outputs: [
    { name: 'distance', type: 'FLOAT' },
    { name: 'hops', type: 'INTEGER' },
    { name: 'path', type: 'LIST<NODE>' },
  ],
  call: ([given = null], run) => paths(given, run),
};

async function paths(given: Value, run: Run): Promise<readonly (readonly Value[])[]> {
  const settings = new Settings(NAME, given, [...WEIGHT, 'source', 'target', 'max_hops', 'limit']);
  const direction = settings.direction('natural');
  const [sourceId, targetId] = [settings.node('source'), settings.node('target')];
  if (sourceId === undefined) throw argumentError('InvalidArgumentValue', `${NAME} needs a source`);
  if (targetId === undefined) throw argumentError('InvalidArgumentValue', `${NAME} needs a target`);
  const stepsMax = settings.integer('max_hops', STEPS_BOUNDS.most, STEPS_BOUNDS);
  const options = {
    stepsMax: stepsMax === STEPS_BOUNDS.most ? undefined : stepsMax,
    limit: settings.integer('limit', LIMIT_DEFAULT, LIMIT_BOUNDS),
  };

  const { ids, links } = await readLinks(settings, run);
  const [source, target] = [ids.indexOf(sourceId), ids.indexOf(targetId)];
  if (source === -1 || target === -1) return [];
  const found = await leastPaths(networkOf(links, direction), source, target, options, paceOfRun(run));
  if (found === undefined) return [];

  const positions = [...new Set(found.paths.flat())];
  const nodes = await run.session.catalog.nodes(positions.map((position) => ids[position] ?? -1n));
  const nodeAt = new Map(positions.map((position, at) => [position, nodes[at]]));
  return found.paths.flatMap((way) => {
    const path = way.map((position) => nodeAt.get(position)).filter((node) => node !== undefined);
    // A node that was deleted meanwhile takes its paths with it.
    if (path.length < way.length) return [];
    return [[found.distance, BigInt(way.length - 1), path]];
  });
}
