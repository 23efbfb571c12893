/** The algorithms of GRAPH, with answers worked out by hand or by the plainest way there is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomNumbers } from '../../support/networks.ts';
import { emptied, madeNodes } from './graph-support.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(() => neumann.stop());
beforeEach(() => emptied(neumann));

type Pair = readonly [from: number, to: number];

/** Nodes are numbers from 0. Their ids. */
async function graph(nodes: number, pairs: readonly Pair[], type = 't'): Promise<string[]> {
  const ids = await madeNodes(neumann, ...Array.from({ length: nodes }, () => 'n'));
  const edges = pairs.map(([from, to]) => `(${ids[from]} -> ${ids[to]} : ${type})`);
  if (edges.length > 0) await neumann.run(`BATCH CREATE EDGES [${edges.join(', ')}]`);
  return ids;
}

/** Scores in the order of the nodes. */
async function scores(text: string, ids: readonly string[]): Promise<number[]> {
  const answer = await neumann.run(text);
  const { items } = answer.page_rank ?? answer.centrality;
  const byId = new Map<string, number>(
    items.map(({ node_id = '0', score = 0 }: { node_id?: string; score?: number }) => [node_id, score]),
  );
  return ids.map((id) => byId.get(id) ?? Number.NaN);
}

function close(found: readonly number[], expected: readonly number[], digits = 6): void {
  expect(found).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(found[at], `node ${at}`).toBeCloseTo(value, digits);
}

const STAR: readonly Pair[] = [
  [0, 1],
  [0, 2],
  [0, 3],
];
const TWO_TRIANGLES: readonly Pair[] = [
  [0, 1],
  [1, 2],
  [2, 0],
  [2, 3],
  [3, 4],
  [4, 5],
  [5, 3],
];

/** A graph without edges side by side or to the same node, the same each time. */
function randomGraph(nodes: number, edges: number): Pair[] {
  const random = randomNumbers(7);
  const seen = new Set<string>();
  const pairs: Pair[] = [];
  while (pairs.length < edges) {
    const [from, to] = [Math.floor(random() * nodes), Math.floor(random() * nodes)];
    const key = [from, to].sort((a, b) => a - b).join();
    if (from === to || seen.has(key)) continue;
    seen.add(key);
    pairs.push([from, to]);
  }
  return pairs;
}

/** Distances by asking for every pair again and again whether a way over a third node is shorter. */
function distances(nodes: number, pairs: readonly Pair[], both: boolean): number[][] {
  const table = Array.from({ length: nodes }, (_, row) =>
    Array.from({ length: nodes }, (_, column) => (row === column ? 0 : Number.POSITIVE_INFINITY)),
  );
  const set = (from: number, to: number): void => {
    const row = table[from];
    if (row !== undefined) row[to] = 1;
  };
  for (const [from, to] of pairs) {
    set(from, to);
    if (both) set(to, from);
  }
  const at = (row: number, column: number): number => table[row]?.[column] ?? Number.NaN;
  for (let over = 0; over < nodes; over++) {
    for (let from = 0; from < nodes; from++) {
      for (let to = 0; to < nodes; to++) {
        const row = table[from];
        if (row !== undefined) row[to] = Math.min(at(from, to), at(from, over) + at(over, to));
      }
    }
  }
  return table;
}

describe('PAGERANK', () => {
  it('of a ring is the same for all', async () => {
    const ids = await graph(4, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
    ]);
    close(await scores('PAGERANK', ids), [0.25, 0.25, 0.25, 0.25]);
    const { page_rank } = await neumann.run('GRAPH PAGERANK');
    expect(page_rank).toMatchObject({ iterations: 1, converged: true });
  });

  it('is what repetition by hand gives, along either direction', async () => {
    const nodes = 12;
    const pairs = randomGraph(nodes, 25);
    const ids = await graph(nodes, pairs);
    for (const [direction, links] of [
      ['OUTGOING', pairs],
      ['INCOMING', pairs.map(([from, to]): Pair => [to, from])],
      [
        'BOTH',
        pairs.flatMap(([from, to]): Pair[] => [
          [from, to],
          [to, from],
        ]),
      ],
    ] as const) {
      let ranks = new Array<number>(nodes).fill(1 / nodes);
      for (let round = 0; round < 200; round++) {
        const next = new Array<number>(nodes).fill(0.1 / nodes);
        for (const [node, rank] of ranks.entries()) {
          const out = links.filter(([from]) => from === node);
          const targets = out.length === 0 ? ranks.map((_, to) => to) : out.map(([, to]) => to);
          for (const to of targets) next[to] = (next[to] ?? 0) + (0.9 * rank) / targets.length;
        }
        ranks = next;
      }
      close(await scores(`PAGERANK DAMPING 0.9 TOLERANCE 1e-12 ITERATIONS 500 ${direction}`, ids), ranks, 8);
    }
  });

  it('ends after as many rounds as it may make, and says so', async () => {
    await graph(4, STAR);
    const { page_rank } = await neumann.run('PAGERANK ITERATIONS 1 TOLERANCE 1e-15');
    expect(page_rank.iterations).toBe(1);
    expect(page_rank.converged).toBe(false);
    expect(page_rank.convergence).toBeGreaterThan(0);
  });

  it('of one type of edges, and of a graph without nodes', async () => {
    expect(await neumann.run('PAGERANK')).toEqual({
      page_rank: { iterations: 0, convergence: 0, converged: true },
    });
    const ids = await graph(3, [
      [0, 2],
      [1, 2],
    ]);
    close(await scores('PAGERANK EDGE TYPE other', ids), [1 / 3, 1 / 3, 1 / 3]);
    const [low, , high] = await scores('PAGERANK EDGE TYPE t', ids);
    expect(high).toBeGreaterThan(low ?? 1);
  });
});

describe('BETWEENNESS', () => {
  it('of a star is all in the middle', async () => {
    const ids = await graph(4, STAR);
    close(await scores('GRAPH BETWEENNESS CENTRALITY', ids), [3, 0, 0, 0]);
    close(await scores('BETWEENNESS OUTGOING', ids), [0, 0, 0, 0]);
    const { centrality } = await neumann.run('BETWEENNESS');
    expect(centrality).toMatchObject({ centrality_type: 'CENTRALITY_TYPE_BETWEENNESS', sample_count: 4 });
  });

  it('is what counting shortest paths gives', async () => {
    const nodes = 12;
    const pairs = randomGraph(nodes, 20);
    const ids = await graph(nodes, pairs);
    const far = distances(nodes, pairs, true);
    const at = (from: number, to: number): number => far[from]?.[to] ?? Number.NaN;
    const next = (node: number): number[] =>
      pairs.flatMap(([from, to]) => (from === node ? [to] : to === node ? [from] : []));
    const ways = (from: number, to: number): number =>
      from === to
        ? 1
        : next(to)
            .filter((node) => at(from, node) + 1 === at(from, to))
            .reduce((sum, node) => sum + ways(from, node), 0);
    const expected = Array.from({ length: nodes }, (_, middle) => {
      let sum = 0;
      for (let from = 0; from < nodes; from++) {
        for (let to = from + 1; to < nodes; to++) {
          if (from === middle || to === middle || at(from, to) === Number.POSITIVE_INFINITY) continue;
          if (at(from, middle) + at(middle, to) !== at(from, to)) continue;
          sum += (ways(from, middle) * ways(middle, to)) / ways(from, to);
        }
      }
      return sum;
    });
    close(await scores('BETWEENNESS', ids), expected, 8);
  });

  it('by samples is an estimate of it', async () => {
    const ids = await graph(4, STAR);
    const { centrality } = await neumann.run('BETWEENNESS SAMPLING 0.5');
    expect(centrality.sample_count).toBe(2);
    const [middle = 0] = await scores('BETWEENNESS SAMPLING_RATIO 0.5', ids);
    expect(middle).toBeGreaterThanOrEqual(1);
  });
});

describe('CLOSENESS', () => {
  it('is the mean of the inverse distances', async () => {
    const ids = await graph(4, STAR);
    close(await scores('CLOSENESS', ids), [1, 2 / 3, 2 / 3, 2 / 3]);
    close(await scores('CLOSENESS DIRECTION OUTGOING', ids), [1, 0, 0, 0]);
    close(await scores('CLOSENESS INCOMING', ids), [0, 1 / 3, 1 / 3, 1 / 3]);
    const { centrality } = await neumann.run('CLOSENESS');
    expect(centrality.centrality_type).toBe('CENTRALITY_TYPE_CLOSENESS');
  });

  it('is what all distances give, where not all can be reached', async () => {
    const nodes = 15;
    const pairs = randomGraph(nodes, 14);
    const ids = await graph(nodes, pairs);
    const expected = distances(nodes, pairs, true).map(
      (row, node) => row.reduce((sum, far, to) => (to === node ? sum : sum + 1 / far), 0) / (nodes - 1),
    );
    close(await scores('CLOSENESS', ids), expected, 9);
  });

  it('of a single node', async () => {
    const ids = await graph(1, []);
    expect(await scores('CLOSENESS', ids)).toEqual([0]);
  });
});

describe('EIGENVECTOR', () => {
  it('of a triangle with a tail', async () => {
    const ids = await graph(4, [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 3],
    ]);
    // The largest root of x^3 - x^2 - 3x + 1: 2.170086; the tail has a 2.17th of its neighbour.
    const root = 2.170086486626034;
    const tail = 1 / Math.sqrt(1 + root ** 2 + 2 * (root / (root - 1)) ** 2);
    const expected = [(tail * root) / (root - 1), (tail * root) / (root - 1), tail * root, tail];
    close(await scores('EIGENVECTOR CENTRALITY TOLERANCE 1e-10 ITERATIONS 1000', ids), expected);
    const { centrality } = await neumann.run('EIGENVECTOR');
    expect(centrality).toMatchObject({ centrality_type: 'CENTRALITY_TYPE_EIGENVECTOR', converged: true });
  });

  it('of a star does not swing between its two sides', async () => {
    const ids = await graph(4, STAR);
    const side = 1 / Math.sqrt(6);
    close(await scores('EIGENVECTOR TOLERANCE 1e-10 ITERATIONS 1000', ids), [Math.SQRT1_2, side, side, side]);
    const { centrality } = await neumann.run('EIGENVECTOR ITERATIONS 2');
    expect(centrality).toMatchObject({ iterations: 2, converged: false });
  });
});

describe('communities', () => {
  const groupsOf = async (text: string, ids: readonly string[]) => {
    const { communities } = await neumann.run(text);
    const groups = communities.communities.map(({ member_node_ids }: { member_node_ids: string[] }) =>
      member_node_ids.map((id) => ids.indexOf(id)).sort((a, b) => a - b),
    );
    return { groups: groups.sort((a: number[], b: number[]) => (a[0] ?? 0) - (b[0] ?? 0)), communities };
  };

  it('LOUVAIN tells two triangles apart, and how well', async () => {
    const ids = await graph(6, TWO_TRIANGLES);
    const { groups, communities } = await groupsOf('LOUVAIN', ids);
    expect(groups).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    // Two parts with 3 of 7 edges inside and half of all ends each.
    expect(communities.modularity).toBeCloseTo(6 / 7 - 1 / 2, 9);
    expect(communities.community_count).toBe(2);
    expect(communities.passes).toBeGreaterThanOrEqual(1);
    expect(communities.items).toHaveLength(6);
  });

  it('LOUVAIN finds smaller ones the higher the resolution is', async () => {
    const ids = await graph(6, TWO_TRIANGLES);
    expect((await groupsOf('LOUVAIN RESOLUTION 10', ids)).groups).toHaveLength(6);
    expect((await groupsOf('LOUVAIN RESOLUTION 0.01', ids)).groups).toEqual([[0, 1, 2, 3, 4, 5]]);
  });

  it('LABEL PROPAGATION keeps apart what is not connected', async () => {
    const ids = await graph(6, [
      [0, 1],
      [1, 2],
      [2, 0],
      [3, 4],
      [4, 5],
      [5, 3],
    ]);
    const { groups, communities } = await groupsOf('GRAPH LABEL PROPAGATION', ids);
    expect(groups).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(communities.iterations).toBeGreaterThanOrEqual(1);
    expect(communities.modularity).toBeUndefined();
  });

  it('of a graph without nodes', async () => {
    expect((await neumann.run('LOUVAIN')).communities).toMatchObject({ community_count: 0, modularity: 0 });
    expect((await neumann.run('LABEL_PROPAGATION')).communities).toMatchObject({ community_count: 0 });
  });
});
