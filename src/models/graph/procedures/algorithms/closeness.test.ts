/** Closeness centrality of small networks, worked out by hand. */
import { describe, expect, it } from 'vitest';
import { HURRY, linksOf } from '../../../../../test/support/networks.ts';
import { closeness, networkOf } from './index.ts';

const LINE = linksOf(3, [
  [0, 1],
  [1, 2],
]);

describe('closeness', () => {
  it('is the mean of the inverse distances', async () => {
    expect([...(await closeness(networkOf(LINE, 'undirected'), HURRY))]).toEqual([0.75, 1, 0.75]);
    expect([...(await closeness(networkOf(LINE, 'natural'), HURRY))]).toEqual([0.75, 0.5, 0]);
    expect([...(await closeness(networkOf(LINE, 'reverse'), HURRY))]).toEqual([0, 0.5, 0.75]);
  });

  it('does not count loops, nor relationships side by side twice', async () => {
    const links = linksOf(3, [
      [0, 0],
      [0, 1],
      [0, 1],
    ]);
    expect([...(await closeness(networkOf(links, 'undirected'), HURRY))]).toEqual([0.5, 0.5, 0]);
  });

  it('of one node and of none', async () => {
    expect([...(await closeness(networkOf(linksOf(1, []), 'undirected'), HURRY))]).toEqual([0]);
    expect([...(await closeness(networkOf(linksOf(0, []), 'undirected'), HURRY))]).toEqual([]);
  });
});
