/** NEIGHBORS and PATH: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';

const neighbors = (node: unknown, more: object = {}): object => ({
  kind: 'neighbors',
  node,
  direction: 'both',
  ...more,
});
const similar = (node: unknown, to: unknown, more: object = {}): object => ({
  kind: 'similar-neighbors',
  node,
  direction: 'both',
  to,
  limit: 10,
  ...more,
});
const path = (from: unknown, to: unknown, more: object = {}): object => ({
  kind: 'path',
  mode: 'shortest',
  from,
  to,
  direction: 'both',
  ...more,
});

test.each([
  ['NEIGHBORS 7', neighbors(7n)],
  ['NEIGHBORS 7 OUT', neighbors(7n, { direction: 'outgoing' })],
  ['NEIGHBORS 7 in', neighbors(7n, { direction: 'incoming' })],
  ['NEIGHBORS 7 BOTH', neighbors(7n)],
  ["NEIGHBORS 'user:a' INCOMING : knows", neighbors('user:a', { direction: 'incoming', type: 'knows' })],
  [
    'NEIGHBORS 7 EDGE TYPE knows DIRECTION OUTGOING LIMIT 3',
    neighbors(7n, { direction: 'outgoing', type: 'knows', limit: 3 }),
  ],
  ['NEIGHBORS 7 BY SIMILAR [1, -2]', similar(7n, [1, -2])],
  [
    "NEIGHBORS 7 OUTGOING : k BY SIMILARITY 'doc:1' LIMIT 5",
    similar(7n, 'doc:1', { direction: 'outgoing', type: 'k', limit: 5 }),
  ],
  ['NEIGHBORS 7 LIMIT 2 BY SIMILARITY [1] OUT', similar(7n, [1], { direction: 'outgoing', limit: 2 })],
  ['PATH 1 -> 2', path(1n, 2n)],
  ['PATH SHORTEST 1 TO 2 LIMIT 3', path(1n, 2n, { limit: 3 })],
  ['PATH ALL a -> b MIN_DEPTH 2 MAX_DEPTH 4', path('a', 'b', { mode: 'all', depthMin: 2, depthMax: 4 })],
  ['PATH WEIGHTED 1 -> 2', path(1n, 2n, { mode: 'weighted', weight: 'weight' })],
  [
    "PATH WEIGHTED 'a' TO 'b' WEIGHT cost MAX DEPTH 5",
    path('a', 'b', { mode: 'weighted', weight: 'cost', depthMax: 5 }),
  ],
  ['PATH ALL_WEIGHTED 1 -> 2 WEIGHT `a b`', path(1n, 2n, { mode: 'all-weighted', weight: 'a b' })],
  ['PATH 1 -> 2 WEIGHT km', path(1n, 2n, { mode: 'weighted', weight: 'km' })],
  [
    'PATH VARIABLE 1 -> 2 : road OUT',
    path(1n, 2n, { mode: 'variable', type: 'road', direction: 'outgoing' }),
  ],
  ['PATH all -> shortest', path('all', 'shortest')],
  ['PATH ALL TO TO b', path('TO', 'b', { mode: 'all' })],
  ['PATH all to b', path('all', 'b')],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['NEIGHBORS', 'expected the number of a node or the key of an entity'],
  ['NEIGHBORS 7 OUT IN', 'DIRECTION is given twice, at line 1, column 17 >IN<'],
  [
    'NEIGHBORS 7 DIRECTION up',
    "Unexpected 'up' at line 1, column 23: expected OUTGOING, INCOMING, BOTH, OUT or IN",
  ],
  ['NEIGHBORS 7 : ', 'expected the type of an edge'],
  ['NEIGHBORS 7 BY SIMILARITY []', 'The vector is empty, at line 1, column 27 >[]<'],
  ['NEIGHBORS 7 BY SIMILARITY [1] LIMIT 0', 'LIMIT is at least 1, at line 1, column 37'],
  [
    'NEIGHBORS 7 BY magic',
    "Unexpected 'BY' at line 1, column 13: expected DIRECTION, EDGE TYPE, BY SIMILARITY, LIMIT",
  ],
  ['PATH', 'expected the number of a node or the key of an entity'],
  ['PATH 1 2', "Unexpected '2' at line 1, column 8: expected '->' or TO"],
  ['PATH 1 ->', 'expected the number of a node'],
  ['PATH 1 -> 2 MIN_DEPTH 3 MAX_DEPTH 2', 'MIN_DEPTH 3 is more than MAX_DEPTH 2, at line 1, column 35 >2<'],
  ['PATH 1 -> 2 MAX_DEPTH 2 MIN_DEPTH 3', 'MIN_DEPTH 3 is more than MAX_DEPTH 2, at line 1, column 35 >3<'],
  ['PATH 1 -> 2 MAX_DEPTH -1', 'MAX_DEPTH is at least 0'],
  ['PATH 1 -> 2 MAX_DEPTH 1 MAX DEPTH 2', 'MAX_DEPTH is given twice'],
  [
    'PATH SHORTEST 1 -> 2 WEIGHT km',
    'WEIGHT goes with WEIGHTED and ALL_WEIGHTED only, at line 1, column 29 >km<',
  ],
  ['PATH 1 -> 2 MAX_DEPT 1', '(Did you mean MAX_DEPTH?)'],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
