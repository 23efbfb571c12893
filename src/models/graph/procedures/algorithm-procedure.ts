/**
 * What all procedures of `algo` do alike: read the part of the graph that their argument describes, compute, and answer
 * with one row for each node, in the order of identities.
 */
import type { ProcedureParameter, Run, Value } from '../../../cypher/index.ts';
import { type Links, type Pace, paceOf } from './algorithms/index.ts';
import type { ListedProcedure } from './listed-procedure.ts';
import { Settings } from './settings.ts';

/** The value of one output for the node at a position. */
export type Column = (position: number) => Value;

export interface Algorithm {
  /** Without `algo.` */
  readonly name: string;
  readonly description: string;
  /** Keys of the argument beside those that describe the part of the graph. */
  readonly settings: readonly string[];
  /** Behind `node` and `node_id`. */
  readonly outputs: readonly ProcedureParameter[];
  /** Reads the argument, so that mistakes are found before the graph is read, and returns what computes the outputs. */
  plan(settings: Settings): (links: Links, pace: Pace) => Promise<readonly Column[]>;
}

export const NODE_OUTPUTS: readonly ProcedureParameter[] = [
  { name: 'node', type: 'NODE' },
  { name: 'node_id', type: 'STRING' },
];

export const PROJECTION_INPUT: ProcedureParameter = { name: 'projection', type: 'MAP', optional: true };

export const algorithmProcedure = (algorithm: Algorithm): ListedProcedure => ({
  name: `algo.${algorithm.name}`,
  description: algorithm.description,
  mode: 'READ',
  inputs: [PROJECTION_INPUT],
  outputs: [...NODE_OUTPUTS, ...algorithm.outputs],
  call: async ([given = null], run) => {
    const settings = new Settings(`algo.${algorithm.name}`, given, algorithm.settings);
    const compute = algorithm.plan(settings);
    const { ids, links } = await readLinks(settings, run);
    const columns = await compute(links, paceOfRun(run));
    const nodes = await run.session.catalog.nodes([...ids]);
    const rows: Value[][] = [];
    for (const [position, node] of nodes.entries()) {
      if (node === undefined) continue;
      rows.push([node, String(node.id), ...columns.map((column) => column(position))]);
    }
    return rows;
  },
});

export async function readLinks(
  settings: Settings,
  { session }: Run,
): Promise<{ readonly ids: BigInt64Array; readonly links: Links }> {
  const { projection } = settings;
  await session.flush();
  const { ids, sources, targets, weights } = await session.catalog.adjacency(projection);
  return { ids, links: { nodes: ids.length, sources, targets, weights } };
}

export const paceOfRun = ({ context }: Run): Pace => paceOf(() => context.checkpoint?.());
