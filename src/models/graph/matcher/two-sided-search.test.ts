/** The search from both ends on graphs that are made up as it asks: lengths, all ways, what it visits, its limit. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../base/index.ts';
import { meetingOf, type Side, type Surroundings, waysOf } from './two-sided-search.ts';

type Edges = readonly (readonly [number, number])[];

const FAR = Number.POSITIVE_INFINITY;

function among(edges: Edges, asked: number[] = [], closed: readonly number[] = []): Surroundings {
  const next = (side: Side, id: number): number[] =>
    edges.flatMap(([from, to]) => {
      const [near, far] = side === 'start' ? [from, to] : [to, from];
      return near === id ? [far] : [];
    });
  return {
    async neighbours(side, ids) {
      asked.push(...ids);
      return ids.flatMap((id) => next(side, id).flatMap((far) => [id, far]));
    },
    admitted: async (ids) => new Set(ids.filter((id) => !closed.includes(id))),
    checkpoint: () => {},
  };
}

async function ways(surroundings: Surroundings, start: number, end: number, max = FAR, all = true) {
  const meeting = await meetingOf(surroundings, start, end, max, all);
  return meeting && [...waysOf(meeting)].map((way) => way.join('>')).sort();
}

const DIAMOND: Edges = [
  [1, 2],
  [1, 3],
  [2, 4],
  [3, 4],
  [4, 5],
  [1, 6],
  [6, 7],
  [7, 8],
  [8, 5],
];

describe('the search from both ends', () => {
  it('finds all shortest ways, and no longer one', async () => {
    expect(await ways(among(DIAMOND), 1, 5)).toEqual(['1>2>4>5', '1>3>4>5']);
    expect(await ways(among(DIAMOND), 1, 2)).toEqual(['1>2']);
    expect(await ways(among(DIAMOND), 5, 1)).toBeUndefined();
  });

  it('finds a way once that parallel relationships make several times', async () => {
    const parallel: Edges = [
      [1, 2],
      [1, 2],
      [2, 3],
      [2, 3],
      [2, 2],
    ];
    expect(await ways(among(parallel), 1, 3)).toEqual(['1>2>3']);
  });

  it('goes around what is not admitted', async () => {
    expect(await ways(among(DIAMOND, [], [2]), 1, 5)).toEqual(['1>3>4>5']);
    expect(await ways(among(DIAMOND, [], [4]), 1, 5)).toEqual(['1>6>7>8>5']);
    expect(await ways(among(DIAMOND, [], [4, 7]), 1, 5)).toBeUndefined();
  });

  it('goes no further than it may', async () => {
    expect(await ways(among(DIAMOND), 1, 5, 3)).toHaveLength(2);
    expect(await ways(among(DIAMOND), 1, 5, 2)).toBeUndefined();
    expect(await ways(among(DIAMOND), 1, 5, 0)).toBeUndefined();
  });

  it('goes on where there is less to do', async () => {
    const star: Edges = [...Array.from({ length: 1_000 }, (_, at) => [1, 10 + at] as const), [10, 2], [2, 3]];
    const asked: number[] = [];
    expect(await ways(among(star, asked), 1, 3)).toEqual(['1>10>2>3']);
    // Both ends, and what lies before the second one: none of the thousand.
    expect(asked).toHaveLength(3);
  });

  it('walks ways of any length', async () => {
    const chain: Edges = Array.from({ length: 400 }, (_, at) => [at, at + 1] as const);
    const meeting = await meetingOf(among(chain), 0, 400, FAR, false);
    expect(meeting?.length).toBe(400);
    const [way] = meeting === undefined ? [] : [...waysOf(meeting)];
    expect(way).toEqual(Array.from({ length: 401 }, (_, at) => at));
  });

  it('ends when it has visited too many nodes', async () => {
    const endless: Surroundings = {
      // Two trees, one of positive numbers and one of negative ones.
      neighbours: async (_, ids) => ids.flatMap((id) => [id, id * 2, id, id * 2 + Math.sign(id)]),
      admitted: undefined,
      checkpoint: () => {},
    };
    await expect(meetingOf(endless, 1, -1, FAR, false)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining(`${LIMITS.graphSearchNodesMax} nodes (graphSearchNodesMax)`),
    });
  });

  it('ends when the query should', async () => {
    const stopped = (): never => {
      throw new Error('stopped');
    };
    await expect(meetingOf({ ...among(DIAMOND), checkpoint: stopped }, 1, 5, FAR, false)).rejects.toThrow(
      'stopped',
    );
  });
});
