/** The terms against counting one by one, on random graphs with loops and parallel relationships. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Hop, type Term, trailTerms } from './trail-terms.ts';

interface Edge {
  readonly type: number;
  readonly src: number;
  readonly dst: number;
}

/** A hop of a pattern before anything is merged, with the type that it asks for. */
interface Asked {
  readonly hop: Hop;
  readonly type: number | undefined;
}

const hopOf = (at: number, from: number, to: number, either: boolean): Hop => ({
  from,
  to,
  either,
  noLoop: false,
  steps: [at],
});

/** Matches one by one: each hop takes a relationship in one of its directions, and the nodes must agree. */
function matches(
  hops: readonly Hop[],
  nodesOf: readonly number[],
  graph: { readonly nodes: number; readonly edges: readonly Edge[] },
  types: readonly (number | undefined)[],
  unique: boolean,
): number {
  const walk = (at: number, bound: ReadonlyMap<number, number>, used: readonly number[]): number => {
    const hop = hops[at];
    if (hop === undefined) return graph.nodes ** nodesOf.filter((node) => !bound.has(node)).length;
    let found = 0;
    for (const [id, { type, src, dst }] of graph.edges.entries()) {
      if (unique && used.includes(id)) continue;
      if (hop.steps.some((step) => (types[step] ?? type) !== type) || (hop.noLoop && src === dst)) continue;
      const ways =
        hop.either && src !== dst ? [[src, dst] as const, [dst, src] as const] : [[src, dst] as const];
      for (const [a, b] of ways) {
        if ((bound.get(hop.from) ?? a) !== a) continue;
        const next = new Map(bound).set(hop.from, a);
        if ((next.get(hop.to) ?? b) === b) found += walk(at + 1, next.set(hop.to, b), [...used, id]);
      }
    }
    return found;
  };
  return walk(0, new Map(), []);
}

const graph = fc.integer({ min: 1, max: 4 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    edges: fc.array(fc.record({ type: fc.nat(1), src: fc.nat(nodes - 1), dst: fc.nat(nodes - 1) }), {
      maxLength: 7,
    }),
  }),
);

const hops = fc.array(
  fc.record({
    from: fc.nat(3),
    to: fc.nat(3),
    either: fc.boolean(),
    type: fc.option(fc.nat(1), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 3 },
);

const factorsOf = (terms: readonly Term[] | undefined): readonly number[] | undefined =>
  terms?.map(({ factor }) => factor);

describe('trailTerms', () => {
  test('adds up to the matches that use no relationship twice', () => {
    fc.assert(
      fc.property(graph, hops, (data, drawn) => {
        const asked: Asked[] = drawn.map(({ from, to, either, type }, at) => ({
          hop: hopOf(at, from, to, either),
          type,
        }));
        const types = asked.map(({ type }) => type);
        const nodes = [...new Set(asked.flatMap(({ hop }) => [hop.from, hop.to]))];
        const terms = trailTerms(
          nodes,
          asked.map(({ hop }) => hop),
          (one, other) => {
            const [a, b] = [types[one], types[other]];
            return a === undefined || b === undefined || a === b;
          },
        );
        const sum = (terms ?? []).reduce((total, term) => {
          const names = term.nodes.map(([first]) => first ?? 0);
          return total + term.factor * matches(term.hops, names, data, types, false);
        }, 0);
        expect(sum).toBe(
          matches(
            asked.map(({ hop }) => hop),
            nodes,
            data,
            types,
            true,
          ),
        );
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  test('two hops in one direction lack the loops that would be passed twice', () => {
    const terms = trailTerms([0, 1, 2], [hopOf(0, 0, 1, false), hopOf(1, 1, 2, false)], () => true);
    expect(terms).toEqual([
      { factor: 1, nodes: [[0], [1], [2]], hops: [hopOf(0, 0, 1, false), hopOf(1, 1, 2, false)] },
      { factor: -1, nodes: [[0, 1, 2]], hops: [{ ...hopOf(0, 0, 0, false), steps: [0, 1] }] },
    ]);
  });

  test('hops that cannot be the same need no correction', () => {
    const chain = [0, 1, 2, 3, 4, 5].map((at) => hopOf(at, at, at + 1, false));
    expect(factorsOf(trailTerms([0, 1, 2, 3, 4, 5, 6], chain, () => false))).toEqual([1]);
  });

  test('three of them make five terms', () => {
    const chain = [0, 1, 2].map((at) => hopOf(at, at, at + 1, false));
    expect(factorsOf(trailTerms([0, 1, 2, 3], chain, () => true))).toEqual([1, -1, -1, -1, 2]);
  });

  test('too many terms are none', () => {
    const chain = [0, 1, 2, 3, 4].map((at) => hopOf(at, at, at + 1, false));
    expect(trailTerms([0, 1, 2, 3, 4, 5], chain, () => true)).toBeUndefined();
  });
});
