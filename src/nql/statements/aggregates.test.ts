/** AGGREGATE, COUNT NODES and BATCH: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';

const aggregate = (of: string, name: string, more: object = {}): object => ({
  kind: 'aggregate',
  of,
  function: name,
  ...more,
});
const condition = { kind: 'comparison', field: { name: 'a' }, comparator: '>', value: 1n };

test.each([
  [
    'AGGREGATE NODE PROPERTY year AVG BY LABEL robot',
    aggregate('node', 'avg', { property: 'year', label: 'robot' }),
  ],
  [
    'AGGREGATE EDGE PROPERTY w SUM WHERE a > 1 BY TYPE t',
    aggregate('edge', 'sum', { property: 'w', label: 't', condition }),
  ],
  ['AGGREGATE NODE PROPERTY year COUNT', aggregate('node', 'count', { property: 'year' })],
  ['GRAPH AGGREGATE MIN NODE age', aggregate('node', 'min', { property: 'age' })],
  [
    'GRAPH AGGREGATE MAX EDGE w t WHERE a > 1',
    aggregate('edge', 'max', { property: 'w', label: 't', condition }),
  ],
  ['AGGREGATE COUNT NODE age person', aggregate('node', 'count', { property: 'age', label: 'person' })],
  ['GRAPH AGGREGATE COUNT NODES person', aggregate('node', 'count', { label: 'person' })],
  ['GRAPH AGGREGATE COUNT EDGES', aggregate('edge', 'count')],
  ['COUNT NODES', aggregate('node', 'count')],
  ['COUNT EDGES t WHERE a > 1', aggregate('edge', 'count', { label: 't', condition })],
  [
    'BATCH CREATE NODES [{labels: [robot, "a b"], serial: 7}, (pilot:person {name: "x"}), {labels: tool}]',
    {
      kind: 'batch-create-nodes',
      nodes: [
        { labels: ['robot', { quoted: 'a b' }], properties: { serial: 7n } },
        { labels: ['pilot', 'person'], properties: { name: 'x' } },
        { labels: ['tool'], properties: {} },
      ],
    },
  ],
  ['GRAPH BATCH CREATE NODE []', { kind: 'batch-create-nodes', nodes: [] }],
  [
    "BATCH CREATE EDGES [{from: 1, to: 'k', type: t, w: 0.5}, (2 -> 1 : t {w: 1}), (a TO b t)]",
    {
      kind: 'batch-create-edges',
      edges: [
        { from: 1n, to: 'k', type: 't', properties: { w: 0.5 } },
        { from: 2n, to: 1n, type: 't', properties: { w: 1n } },
        { from: 'a', to: 'b', type: 't', properties: {} },
      ],
    },
  ],
  [
    'BATCH UPDATE NODES [{id: 1, a: NULL}, (2 {b: 1}), (k)]',
    {
      kind: 'batch-update-nodes',
      nodes: [
        { node: 1n, properties: { a: null } },
        { node: 2n, properties: { b: 1n } },
        { node: 'k', properties: {} },
      ],
    },
  ],
  ["BATCH DELETE NODES [1, 'k']", { kind: 'batch-delete-nodes', nodes: [1n, 'k'] }],
  ['GRAPH BATCH DELETE EDGE [1]', { kind: 'batch-delete-edges', edges: [{ id: 1n }] }],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['AGGREGATE', 'expected NODE, EDGE, SUM, AVG, MIN, MAX or COUNT'],
  ['AGGREGATE NODE year', 'expected PROPERTY'],
  ['AGGREGATE NODE PROPERTY year MEDIAN', 'expected SUM, AVG, MIN, MAX or COUNT'],
  [
    'AGGREGATE NODE PROPERTY year SUM BY TYPE t',
    "Unexpected 'BY' at line 1, column 34: expected BY LABEL, WHERE",
  ],
  ['AGGREGATE NODE PROPERTY year SUM WHERE a > 1 WHERE a > 1', 'WHERE is given twice, at line 1, column 46'],
  ['AGGREGATE SUM NODES', 'expected NODE or EDGE'],
  ['COUNT', 'expected EMBEDDINGS, NODES or EDGES'],
  ['COUNT NODS', '(Did you mean NODES?)'],
  ['BATCH', 'expected CREATE, DELETE or UPDATE'],
  ['BATCH UPDATE EDGES', 'expected NODES or NODE'],
  ['BATCH CREATE NODES', "expected a list: '['"],
  ['BATCH CREATE NODES [', "expected '{' or '('"],
  ['BATCH CREATE NODES [{a: 1}]', 'The node has no label, at line 1, column 21 >{a: 1}<'],
  ['BATCH CREATE NODES [{labels: []}]', 'The node has no label'],
  ['BATCH CREATE NODES [(a {}]', "expected ')'"],
  ['BATCH CREATE NODES [(a) (b)]', "Unexpected '(' at line 1, column 25: expected ',' or ']'"],
  ['BATCH CREATE EDGES [{from: 1, to: 2}]', "The edge has no 'type', at line 1, column 21"],
  ['BATCH CREATE EDGES [{to: 2, type: t}]', "The edge has no 'from'"],
  ['BATCH CREATE EDGES [{from: 1, from: 2}]', "The property 'from' is given twice, at line 1, column 31"],
  ['BATCH CREATE EDGES [(1 -> 2)]', "expected ':' and the type of the edge"],
  ['BATCH UPDATE NODES [{a: 1}]', "The update has no 'id', at line 1, column 21 >{a: 1}<"],
  ['BATCH DELETE EDGES [a]', 'expected the number of an edge'],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
