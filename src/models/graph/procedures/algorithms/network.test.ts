/** How relationships become neighbours. */
import { expect, it } from 'vitest';
import { linksOf, randomLinks } from '../../../../../test/support/networks.ts';
import { type Direction, type Network, networkOf, renumbered, simpleNetwork } from './network.ts';

const LINKS = linksOf(
  3,
  [
    [0, 1],
    [2, 0],
    [1, 1],
    [0, 1],
  ],
  [5, 6, 7, 8],
);

const neighbours = ({ nodes, offsets, targets }: Network): number[][] =>
  Array.from({ length: nodes }, (_, node) => [...targets.slice(offsets[node], offsets[node + 1])]);

it.each<[Direction, number[][]]>([
  ['natural', [[1, 1], [1], [0]]],
  ['reverse', [[2], [0, 1, 0], []]],
  ['undirected', [[1, 2, 1], [0, 1, 0], [0]]],
])('%s: neighbours in the order of relationships', (direction, wanted) => {
  expect(neighbours(networkOf(LINKS, direction))).toEqual(wanted);
});

it('weights stay with their steps', () => {
  expect([...(networkOf(LINKS, 'reverse').weights ?? [])]).toEqual([6, 5, 7, 8]);
  expect([...(networkOf(LINKS, 'undirected').weights ?? [])]).toEqual([5, 6, 8, 5, 7, 8, 6]);
  expect(networkOf({ ...LINKS, weights: undefined }, 'natural').weights).toBeUndefined();
});

it('the simple network has no loops and each neighbour once, sorted', () => {
  expect(neighbours(simpleNetwork(networkOf(LINKS, 'undirected')))).toEqual([[1, 2], [0], [0]]);
  const network = networkOf(randomLinks(3, 20, 300), 'natural');
  const wanted = neighbours(network).map((targets, node) =>
    [...new Set(targets)].filter((target) => target !== node).sort((a, b) => a - b),
  );
  expect(neighbours(simpleNetwork(network))).toEqual(wanted);
});

it('groups are numbered in the order of their first node', () => {
  expect([...renumbered(Int32Array.of(4, 2, 4, 0, 2))]).toEqual([0, 1, 0, 2, 1]);
});
