/** EDGE: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';

const create = (from: unknown, to: unknown, type?: unknown, properties: object = {}): object => ({
  kind: 'edge-create',
  from,
  to,
  ...(type === undefined ? {} : { type }),
  properties,
});

test.each([
  ['EDGE CREATE 1 -> 2 : repairs { since: 1980 }', create(1n, 2n, 'repairs', { since: 1980n })],
  ['EDGE CREATE 1->2:repairs', create(1n, 2n, 'repairs')],
  ['EDGE CREATE 1 -> 2', create(1n, 2n)],
  ['EDGE CREATE 1 -> 2 {a: 1}', create(1n, 2n, undefined, { a: 1n })],
  ['EDGE CREATE 1 -> 2 a=1', create(1n, 2n, undefined, { a: 1n })],
  ['EDGE CREATE 1 -> 2 commands', create(1n, 2n, 'commands')],
  [
    'EDGE CREATE 1 -> 2 commands since=1, DIRECTED=2',
    create(1n, 2n, 'commands', { since: 1n, DIRECTED: 2n }),
  ],
  ['EDGE CREATE 1 -> 2 commands DIRECTED', create(1n, 2n, 'commands')],
  ['EDGE CREATE 1 -> 2 DIRECTED', create(1n, 2n)],
  ["EDGE CREATE 'user:a' TO b : `knows well`", create('user:a', 'b', { quoted: 'knows well' })],
  ['EDGE GET 3', { kind: 'edge-get', edge: 3n }],
  ['EDGE UPDATE 3 { a: NULL }', { kind: 'edge-update', edge: 3n, properties: { a: null } }],
  ['EDGE UPDATE 3 a=1', { kind: 'edge-update', edge: 3n, properties: { a: 1n } }],
  ['EDGE DELETE 3', { kind: 'edge-delete', edge: 3n }],
  ['EDGE LIST', { kind: 'edge-list', limit: 1000, offset: 0 }],
  ['EDGE LIST repairs OFFSET 2 LIMIT 1', { kind: 'edge-list', type: 'repairs', limit: 1, offset: 2 }],
])('%s', (text, expected) => {
  const found = read(text) as { edge?: { id: bigint } };
  expect(found.edge === undefined ? found : { ...found, edge: found.edge.id }).toEqual(expected);
});

test.each([
  ['EDGE', 'expected CREATE, GET, UPDATE, DELETE or LIST'],
  ['EDGE CREATE 1', "Unexpected end of the statement at line 1, column 14: expected '->' or TO"],
  ['EDGE CREATE 1 - 2', "Unexpected '-' at line 1, column 15: expected '->' or TO"],
  ['EDGE CREATE 1 -> ', 'expected the number of a node or the key of an entity'],
  ['EDGE CREATE 1 -> 2 :', 'expected the type of an edge'],
  ['EDGE CREATE 1 -> 2 : a b', "Unexpected 'b' at line 1, column 24"],
  ['EDGE CREATE 1 -> 2 a DIRECTED DIRECTED', "Unexpected 'DIRECTED' at line 1, column 31"],
  ["EDGE GET 'a'", "Unexpected ''a'' at line 1, column 10: expected the number of an edge"],
  ['EDGE GET -1', "Unexpected '-' at line 1, column 10"],
  ['EDGE UPDATE 1', "expected properties: '{' or key = value"],
  ['EDGE LIST a LIMIT 1 OFFSET 2 OFFSET 3', 'OFFSET is given twice'],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
