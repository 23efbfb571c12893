/** Triangles against three nested loops. */
import { expect, it } from 'vitest';
import { HURRY, KARATE, matrixOf, randomLinks } from '../../../../../test/support/networks.ts';
import { type Links, networkOf } from './network.ts';
import { triangles } from './triangles.ts';

function byLoops(links: Links): { counts: number[]; coefficients: number[] } {
  const matrix = matrixOf(links);
  const near = (a: number, b: number): boolean =>
    a !== b && ((matrix[a]?.[b] as number) > 0 || (matrix[b]?.[a] as number) > 0);
  const all = [...Array(links.nodes).keys()];
  const counts = all.map(
    (a) => all.flatMap((b) => all.filter((c) => b < c && near(a, b) && near(a, c) && near(b, c))).length,
  );
  const coefficients = all.map((a) => {
    const degree = all.filter((b) => near(a, b)).length;
    return degree < 2 ? 0 : (counts[a] as number) / ((degree * (degree - 1)) / 2);
  });
  return { counts, coefficients };
}

it.each([1, 2, 3, 4, 5, 6])('random graph %i', async (seed) => {
  const links = randomLinks(seed, 24, 25 * seed);
  const { counts, coefficients } = await triangles(networkOf(links, 'undirected'), HURRY);
  const wanted = byLoops(links);
  expect([...counts]).toEqual(wanted.counts);
  for (const [node, coefficient] of wanted.coefficients.entries()) {
    expect(coefficients[node]).toBeCloseTo(coefficient, 12);
  }
});

it('the karate club has 45', async () => {
  const { counts } = await triangles(networkOf(KARATE, 'undirected'), HURRY);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3 * 45);
});
