/** EMBED, SIMILAR, FIND, EXPLAIN and ENTITY: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';
import { readStatement } from '../read-statement.ts';

const similar = (to: object, more: object = {}): object => ({
  kind: 'similar',
  to,
  limit: 10,
  metric: 'cosine',
  ...more,
});
const byKey = (key: unknown): object => ({ by: 'key', key });
const byVector = (...vector: number[]): object => ({ by: 'vector', vector });
const find = (target: object, more: object = {}): object => ({
  kind: 'find',
  target,
  limit: 100,
  offset: 0,
  ...more,
});
const role = { kind: 'comparison', field: { name: 'role' }, comparator: '=', value: 'engineer' };
const store = (key: string, vector: number[], more: object = {}): object => ({
  kind: 'embed-store',
  key,
  vector,
  ...more,
});

test.each([
  [
    "EMBED STORE 'rock' [0.1, -.5, 1e-3, 2] INTO minerals",
    store('rock', [0.1, -0.5, 0.001, 2], { collection: 'minerals' }),
  ],
  [
    "EMBED STORE a [1] METADATA {year: 2024} IN 'my-coll'",
    store('a', [1], { metadata: { year: 2024n }, collection: { quoted: 'my-coll' } }),
  ],
  ['EMBED doc [1, 2]', store('doc', [1, 2])],
  ['EMBED doc:1:x [1] IN c', store('doc:1:x', [1], { collection: 'c' })],
  ['EMBED doc:1 0.5, -2', store('doc:1', [0.5, -2])],
  ["EMBED 'a b' 1", store('a b', [1])],
  ['EMBED store [1]', store('store', [1])],
  ['EMBED STORE store [1]', store('store', [1])],
  ["EMBED GET 'k' IN c", { kind: 'embed-get', key: 'k', collection: 'c' }],
  ['EMBED DELETE k', { kind: 'embed-delete', key: 'k' }],
  [
    "EMBED BATCH [('a', [1, 2]), (b, [3, 4], {x: 1})] IN c",
    {
      kind: 'embed-batch',
      items: [
        { key: 'a', vector: [1, 2] },
        { key: 'b', vector: [3, 4], metadata: { x: 1n } },
      ],
      collection: 'c',
    },
  ],
  ['EMBED BUILD INDEX', { kind: 'embed-build-index' }],
  ['EMBED BUILD INDEX INTO c', { kind: 'embed-build-index', collection: 'c' }],
  ['ENTITY CREATE k', { kind: 'entity-create', key: 'k', properties: {} }],
  [
    "ENTITY CREATE 'user:a' { name: 'A' } EMBEDDING [1, 2]",
    { kind: 'entity-create', key: 'user:a', properties: { name: 'A' }, embedding: [1, 2] },
  ],
  [
    "ENTITY CREATE 'k' name='A' EMBEDDING [1]",
    { kind: 'entity-create', key: 'k', properties: { name: 'A' }, embedding: [1] },
  ],
  ['ENTITY UPDATE k EMBEDDING [1]', { kind: 'entity-update', key: 'k', properties: {}, embedding: [1] }],
  ['ENTITY GET k', { kind: 'entity-get', key: 'k' }],
  ["ENTITY DELETE 'k'", { kind: 'entity-delete', key: 'k' }],
  [
    "ENTITY CONNECT 'a' -> b : knows {since: 1}",
    { kind: 'entity-connect', from: 'a', to: 'b', type: 'knows', properties: { since: 1n } },
  ],
  [
    "ENTITY BATCH CREATE [{key: 'a', x: 1, embedding: [1]}, {key: b}]",
    {
      kind: 'entity-batch',
      entities: [
        { key: 'a', properties: { x: 1n }, embedding: [1] },
        { key: 'b', properties: {} },
      ],
    },
  ],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ["SIMILAR 'rock'", similar(byKey('rock'))],
  ['SIMILAR doc:1 TOP 3', similar(byKey('doc:1'), { limit: 3 })],
  [
    'SIMILAR [1, 0] LIMIT 2 COSINE INTO minerals WHERE role = engineer',
    similar(byVector(1, 0), { limit: 2, collection: 'minerals', condition: role }),
  ],
  [
    "SIMILAR [1] WHERE role = 'engineer' IN c METRIC DOT_PRODUCT CONNECTED TO 'user:a' TOP 1",
    similar(byVector(1), {
      limit: 1,
      metric: 'dot-product',
      collection: 'c',
      condition: role,
      connectedTo: byKey('user:a'),
    }),
  ],
  [
    'SIMILAR k CONNECTED TO 7 EUCLIDEAN',
    similar(byKey('k'), { metric: 'euclidean', connectedTo: { by: 'id', id: 7n } }),
  ],
  ['FIND NODE', find({ what: 'node' })],
  ['FIND NODES person', find({ what: 'node', label: 'person' })],
  ['FIND VERTEX LIMIT 5 OFFSET 2', find({ what: 'node' }, { limit: 5, offset: 2 })],
  ['FIND NODE `where` WHERE role = engineer', find({ what: 'node', label: 'where' }, { condition: role })],
  [
    "FIND NODE person WHERE role = 'engineer' SIMILAR TO 'user:alice' CONNECTED TO 'user:bob' LIMIT 10",
    find(
      { what: 'node', label: 'person' },
      {
        condition: role,
        similar: { to: byKey('user:alice'), metric: 'cosine' },
        connectedTo: byKey('user:bob'),
        limit: 10,
      },
    ),
  ],
  ['FIND EDGE knows RETURN since', find({ what: 'edge', type: 'knows' }, { fields: ['since'] })],
  ['FIND EDGES RETURN *', find({ what: 'edge' })],
  [
    'FIND ROWS FROM s.ships WHERE role = engineer SIMILAR TO [1] METRIC EUCLIDEAN IN c',
    find(
      { what: 'rows', table: 'ships', schema: 's' },
      { condition: role, similar: { to: byVector(1), metric: 'euclidean', collection: 'c' } },
    ),
  ],
  [
    'FIND PATH person -[knows]-> person LIMIT 5',
    find({ what: 'path', from: 'person', type: 'knows', to: 'person' }, { limit: 5 }),
  ],
  ['FIND PATH -[]-> WHERE role = engineer', find({ what: 'path' }, { condition: role })],
  ['EXPLAIN SIMILAR [1]', { kind: 'explain', statement: similar(byVector(1)) }],
  ['EXPLAIN FIND EDGE', { kind: 'explain', statement: find({ what: 'edge' }) }],
])('%s', (text, expected) => {
  expect(withoutPlaces(readStatement(text))).toEqual(expected);
});

test.each([
  ['EMBED', 'expected STORE, GET, DELETE, BATCH, BUILD INDEX or a key'],
  ['EMBED STORE', 'expected a key'],
  ['EMBED STORE k', "expected a vector: '['"],
  ['EMBED STORE k []', 'The vector is empty, at line 1, column 15 >[]<'],
  ['EMBED STORE k [1,', 'expected a number'],
  ['EMBED STORE k [a]', "Unexpected 'a' at line 1, column 16: expected a number"],
  ['EMBED STORE k [NaN]', 'NaN is no value'],
  ['EMBED STORE k [1e400]', '1e400 is too large for a number'],
  ['EMBED STORE k [1] IN', 'expected a collection'],
  ["EMBED STORE k [1] IN ''", 'a collection is empty'],
  ['EMBED STORE k [1] IN a INTO b', 'IN is given twice, at line 1, column 24 >INTO<'],
  [
    'EMBED STORE k [1] x',
    "Unexpected 'x' at line 1, column 19: expected IN, METADATA or the end of the statement",
  ],
  ['EMBED doc:', 'the rest of the key'],
  ['EMBED BATCH [(a, [1])', "expected ',' or ']'"],
  ['EMBED BUILD', 'expected INDEX'],
  ['SIMILAR', 'expected a vector or the key of one'],
  ['SIMILAR k TOP', 'expected a whole number'],
  ['SIMILAR k TOP -1', 'TOP is at least 1, at line 1, column 15 >-1<'],
  ['SIMILAR k LIMIT 0', 'LIMIT is at least 1, at line 1, column 17'],
  ['SIMILAR k TOP 1 LIMIT 1', 'LIMIT is given twice, at line 1, column 17 >LIMIT<'],
  ['SIMILAR k COSINE METRIC EUCLIDEAN', 'METRIC is given twice'],
  [
    'SIMILAR k METRIC MANHATTAN',
    "Unexpected 'MANHATTAN' at line 1, column 18: expected COSINE, EUCLIDEAN or DOT_PRODUCT",
  ],
  ['SIMILAR k WHERE a=1 WHERE b=1', 'WHERE is given twice, at line 1, column 21'],
  ['SIMILAR k CONNECTED 7', "Unexpected 'CONNECTED' at line 1, column 11"],
  ['SIMILAR k CONNECTED TO 7 CONNECTED TO 8', 'CONNECTED TO is given twice'],
  ['FIND', 'expected NODE, NODES, VERTEX, EDGE, EDGES, ROWS or PATH'],
  ['FIND NDOE', '(Did you mean NODE?)'],
  ['FIND ROWS ships', 'expected FROM'],
  ['FIND NODE a METRIC COSINE', 'expected SIMILAR TO, which METRIC and IN belong to'],
  [
    'FIND EDGE a SIMILAR TO k',
    "Unexpected 'SIMILAR' at line 1, column 13: expected WHERE, RETURN, LIMIT, OFFSET",
  ],
  ['FIND NODE a RETURN', "expected '*' or the name of a field"],
  ['FIND PATH a b', "Unexpected 'b' at line 1, column 13: expected '-'"],
  ['FIND PATH a -[t]- b', "expected '->'"],
  ['EXPLAIN FIND', 'expected NODE'],
  ['EXPLAIN NODE LIST', 'expected FIND, SIMILAR or a statement of SQL'],
  ['ENTITY', 'expected CREATE, GET, UPDATE, DELETE, CONNECT or BATCH'],
  ['ENTITY CREATE 7', 'expected the key of an entity'],
  ['ENTITY CREATE k EMBEDDING', "expected a vector: '['"],
  ['ENTITY CREATE k EMBEDDING [1] EMBEDDING [2]', 'EMBEDDING is given twice'],
  ['ENTITY CONNECT a -> b', "expected ':'"],
  ['ENTITY BATCH DELETE []', 'expected CREATE'],
  ['ENTITY BATCH CREATE [{a: 1}]', "The entity has no 'key', at line 1, column 22 >{a: 1}<"],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});

/** Names and keys as their texts, likenesses and nodes as they are. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  const { span: _, isQuoted: __, ...rest } = value as Record<string, unknown>;
  if (typeof rest.text === 'string' && Object.keys(rest).length === 1) return rest.text;
  if (Array.isArray(rest.components)) return rest.components;
  const members = Object.entries(rest).filter(([, item]) => item !== undefined);
  return Object.fromEntries(members.map(([key, item]) => [key, withoutPlaces(item)]));
}
