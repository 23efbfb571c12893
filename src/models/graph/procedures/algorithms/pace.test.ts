/** Long computations rest, and end when nobody waits for them. */
import { expect, it } from 'vitest';
import { randomLinks } from '../../../../../test/support/networks.ts';
import { betweenness } from './betweenness.ts';
import { strongComponents, weakComponents } from './components.ts';
import { labelPropagation } from './label-propagation.ts';
import { louvain } from './louvain.ts';
import { networkOf } from './network.ts';
import { type Pace, paceOf } from './pace.ts';
import { pageRank } from './page-rank.ts';
import { triangles } from './triangles.ts';
import { weightedPaths } from './weighted-paths.ts';

it('is due after a million steps, and again after the rest', async () => {
  let looks = 0;
  const pace = paceOf(() => {
    looks++;
  });
  expect([pace.due(999_999), pace.due(1)]).toEqual([false, true]);
  expect(looks).toBe(0);
  await pace.rest();
  expect([pace.due(999_999), pace.due(1), looks]).toEqual([false, true, 1]);
});

it('others get their turn', async () => {
  let turns = 0;
  setImmediate(() => turns++);
  await paceOf(() => {}).rest();
  expect(turns).toBe(1);
});

const LINKS = randomLinks(1, 50, 200);
const NETWORK = networkOf(LINKS, 'undirected');

it.each<[string, (pace: Pace) => Promise<unknown>]>([
  ['weak components', (pace) => weakComponents(LINKS, pace)],
  ['strong components', (pace) => strongComponents(NETWORK, pace)],
  ['PageRank', (pace) => pageRank(NETWORK, { damping: 0.85, iterations: 9, tolerance: 0 }, pace)],
  ['triangles', (pace) => triangles(NETWORK, pace)],
  ['label propagation', (pace) => labelPropagation(NETWORK, { iterations: 9, seed: 1 }, pace)],
  ['Louvain', (pace) => louvain(NETWORK, { iterations: 9, levels: 9 }, pace)],
  ['betweenness', (pace) => betweenness(NETWORK, { undirected: true, normalized: false }, pace)],
  ['weighted paths', (pace) => weightedPaths(NETWORK, 0, undefined, pace)],
])('%s ends when told to', async (_, compute) => {
  let rests = 0;
  const impatient: Pace = {
    due: () => true,
    rest: async () => {
      if (++rests === 3) throw new Error('nobody waits');
    },
  };
  await expect(compute(impatient)).rejects.toThrow('nobody waits');
});
