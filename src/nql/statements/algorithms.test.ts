/** The algorithms in both spellings, with their defaults, and where wrong options are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';

const run = (algorithm: string, options: object, more: object = {}): object => ({
  kind: 'algorithm',
  algorithm,
  direction: algorithm === 'pagerank' ? 'outgoing' : 'both',
  options,
  ...more,
});
const RANK = { damping: 0.85, tolerance: 1e-6, iterations: 100 };

test.each([
  ['PAGERANK', run('pagerank', RANK)],
  [
    'GRAPH PAGERANK DAMPING 0.9 EDGE TYPE repairs',
    run('pagerank', { ...RANK, damping: 0.9 }, { type: 'repairs' }),
  ],
  [
    'pagerank max_iterations 5 tolerance 1e-3 direction both edge_type t',
    run('pagerank', { ...RANK, iterations: 5, tolerance: 1e-3 }, { direction: 'both', type: 't' }),
  ],
  [
    'PAGERANK INCOMING ITERATIONS 1 DAMPING 0',
    run('pagerank', { ...RANK, iterations: 1, damping: 0 }, { direction: 'incoming' }),
  ],
  ['BETWEENNESS', run('betweenness', { sampling: 1 })],
  [
    'GRAPH BETWEENNESS CENTRALITY SAMPLING 0.5 OUT',
    run('betweenness', { sampling: 0.5 }, { direction: 'outgoing' }),
  ],
  ['BETWEENNESS SAMPLING_RATIO 0.5', run('betweenness', { sampling: 0.5 })],
  ['GRAPH CLOSENESS CENTRALITY', run('closeness', {})],
  ['CLOSENESS DIRECTION INCOMING', run('closeness', {}, { direction: 'incoming' })],
  ['EIGENVECTOR', run('eigenvector', { iterations: 100, tolerance: 1e-6 })],
  [
    'GRAPH EIGENVECTOR CENTRALITY ITERATIONS 9 TOLERANCE 0.1',
    run('eigenvector', { iterations: 9, tolerance: 0.1 }),
  ],
  ['LOUVAIN', run('louvain', { resolution: 1, passes: 10 })],
  ['GRAPH LOUVAIN COMMUNITIES PASSES 3 RESOLUTION 2', run('louvain', { resolution: 2, passes: 3 })],
  ['LOUVAIN MAX_PASSES 3', run('louvain', { resolution: 1, passes: 3 })],
  ['LABEL_PROPAGATION MAX_ITERATIONS 20', run('label-propagation', { iterations: 20 })],
  ['GRAPH LABEL PROPAGATION : t', run('label-propagation', { iterations: 100 }, { type: 't' })],
  ['LABEL PROPAGATION', run('label-propagation', { iterations: 100 })],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['PAGERANK DAMPING', 'expected a number'],
  ['PAGERANK DAMPING 1.5', 'DAMPING is at least 0 and at most 1, at line 1, column 18 >1.5<'],
  ['PAGERANK DAMPING -0.1', 'DAMPING is at least 0 and at most 1, at line 1, column 18 >-0.1<'],
  ['PAGERANK TOLERANCE 0', 'TOLERANCE is more than 0, at line 1, column 20'],
  ['PAGERANK ITERATIONS 0', 'ITERATIONS is at least 1'],
  ['PAGERANK MAX_ITERATIONS 1.5', 'MAX_ITERATIONS takes a whole number'],
  [
    'PAGERANK ITERATIONS 1 MAX_ITERATIONS 2',
    'ITERATIONS is given twice, at line 1, column 23 >MAX_ITERATIONS<',
  ],
  [
    'PAGERANK RESOLUTION 1',
    "Unexpected 'RESOLUTION' at line 1, column 10: expected DAMPING, TOLERANCE, ITERATIONS, DIRECTION, EDGE TYPE or the end of the statement",
  ],
  ['BETWEENNESS SAMPLING 0', 'SAMPLING is more than 0 and at most 1'],
  ['LABEL', 'expected PROPAGATION'],
  [
    'GRAPH',
    'expected PAGERANK, BETWEENNESS, CLOSENESS, EIGENVECTOR, LOUVAIN, LABEL_PROPAGATION, LABEL, CONSTRAINT, INDEX, AGGREGATE or BATCH',
  ],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
