/** NODE: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';
import { readStatement } from '../read-statement.ts';

const create = (labels: unknown[], properties: object = {}): object => ({
  kind: 'node-create',
  labels,
  properties,
});

test.each([
  ['NODE CREATE robot', create(['robot'])],
  [
    "node create robot { model: 'R2', \"year\": 1977, `a b`: -0.5, tags: ['x', y], on: TRUE, off: null }",
    create(['robot'], { model: 'R2', year: 1977n, 'a b': -0.5, tags: ['x', 'y'], on: true, off: null }),
  ],
  ["NODE CREATE pilot name='Ada', rank=3", create(['pilot'], { name: 'Ada', rank: 3n })],
  ['NODE CREATE robot:tool {}', create(['robot', 'tool'])],
  ['NODE CREATE `select` { where: where }', create([{ quoted: 'select' }], { where: 'where' })],
  ['NODE CREATE create', create(['create'])],
  [
    'NODE CREATE a { __proto__: 1, constructor: 2 }',
    create(
      ['a'],
      Object.fromEntries([
        ['__proto__', 1n],
        ['constructor', 2n],
      ]),
    ),
  ],
  ['NODE CREATE é { ñ: 9223372036854775807, n: 0009 }', create(['é'], { ñ: 9223372036854775807n, n: 9n })],
  ['NODE GET 7', { kind: 'node-get', node: 7n }],
  ["NODE GET 'user:alice'", { kind: 'node-get', node: 'user:alice' }],
  ['NODE GET alice', { kind: 'node-get', node: 'alice' }],
  ['NODE UPDATE 7 { a: 1, b: NULL }', { kind: 'node-update', node: 7n, properties: { a: 1n, b: null } }],
  ["NODE UPDATE 'k' a = 1, b = NULL", { kind: 'node-update', node: 'k', properties: { a: 1n, b: null } }],
  ['NODE DELETE 7', { kind: 'node-delete', node: 7n }],
  ['NODE LIST', { kind: 'node-list', limit: 1000, offset: 0 }],
  ['NODE LIST robot', { kind: 'node-list', label: 'robot', limit: 1000, offset: 0 }],
  ['NODE LIST OFFSET 3 LIMIT 0', { kind: 'node-list', limit: 0, offset: 3 }],
  ['NODE LIST `limit` LIMIT 5', { kind: 'node-list', label: { quoted: 'limit' }, limit: 5, offset: 0 }],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test('places are kept', () => {
  expect(readStatement('NODE GET 7')).toEqual({
    kind: 'node-get',
    node: { by: 'id', id: 7n, span: { start: 9, end: 10 } },
  });
  expect(readStatement("NODE DELETE 'a'")).toMatchObject({
    node: { by: 'key', key: 'a', span: { start: 12, end: 15 } },
  });
  expect(readStatement('NODE LIST `a`')).toMatchObject({
    label: { text: 'a', isQuoted: true, span: { start: 10, end: 13 } },
  });
});

test.each([
  [
    'NODE',
    'Unexpected end of the statement at line 1, column 5: expected CREATE, GET, UPDATE, DELETE or LIST',
  ],
  ['NODE CREAT x', '(Did you mean CREATE?)'],
  ['NODE CREATE', 'expected a label'],
  ["NODE CREATE 'robot'", "Unexpected ''robot'' at line 1, column 13: expected a label"],
  ['NODE CREATE a b', "Unexpected 'b' at line 1, column 15: expected properties or the end of the statement"],
  [
    'NODE CREATE a {',
    'Unexpected end of the statement at line 1, column 16: expected the name of a property',
  ],
  ['NODE CREATE a {x}', "Unexpected '}' at line 1, column 17: expected ':'"],
  ['NODE CREATE a {x: }', "Unexpected '}' at line 1, column 19: expected a value"],
  ['NODE CREATE a {x: 1', "expected ',' or '}'"],
  ['NODE CREATE a {x: 1,}', 'expected the name of a property'],
  ["NODE CREATE a {'': 1}", 'expected the name of a property'],
  ['NODE CREATE a {x: 1, x: 2}', "The property 'x' is given twice, at line 1, column 22 >x<"],
  ['NODE CREATE a x=1, x=2', "The property 'x' is given twice, at line 1, column 20 >x<"],
  ['NODE CREATE a {x: {y: 1}}', "Unexpected '{' at line 1, column 19: expected a value"],
  [
    'NODE CREATE a {x: 9223372036854775808}',
    '9223372036854775808 does not fit into an integer of 64 bits, at line 1, column 19',
  ],
  ['NODE CREATE a {x: -9223372036854775809}', '9223372036854775809 does not fit'],
  ['NODE GET', 'expected the number of a node or the key of an entity'],
  ['NODE GET -1', "Unexpected '-' at line 1, column 10"],
  ['NODE GET 9223372036854775808', 'No id is larger than 9223372036854775807, at line 1, column 10'],
  ['NODE GET 1 2', "Unexpected '2' at line 1, column 12"],
  ['NODE UPDATE 1', "expected properties: '{' or key = value"],
  ['NODE LIST LIMIT', 'expected a whole number'],
  ['NODE LIST LIMIT x', "Unexpected 'x' at line 1, column 17: expected a whole number"],
  ['NODE LIST LIMIT -1', 'LIMIT is at least 0, at line 1, column 17 >-1<'],
  ['NODE LIST LIMIT 1.5', 'LIMIT takes a whole number, at line 1, column 17 >1.5<'],
  ['NODE LIST LIMIT 9007199254740992', 'LIMIT is at most 9007199254740991'],
  ['NODE LIST LIMIT 1 LIMIT 2', 'LIMIT is given twice, at line 1, column 19 >LIMIT<'],
  [
    'NODE LIST a b',
    "Unexpected 'b' at line 1, column 13: expected LIMIT, OFFSET or the end of the statement",
  ],
  ['NODE LIST a LIMT 1', '(Did you mean LIMIT?)'],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
