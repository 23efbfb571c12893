/** CONSTRAINT and GRAPH INDEX: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';

const create = (name: string, on: string, label: unknown, property: unknown, rule: unknown): object => ({
  kind: 'constraint-create',
  name,
  on,
  ...(label === undefined ? {} : { label }),
  property,
  rule,
});
const index = (kind: string, on: string, property: unknown): object => ({
  kind: `graph-index-${kind}`,
  target: { of: 'property', on, property },
});

test.each([
  [
    'CONSTRAINT CREATE c ON NODE robot PROPERTY serial UNIQUE',
    create('c', 'node', 'robot', 'serial', 'unique'),
  ],
  ['CONSTRAINT CREATE c ON NODE PROPERTY serial EXISTS', create('c', 'node', undefined, 'serial', 'exists')],
  [
    'CONSTRAINT CREATE c ON EDGE knows PROPERTY since TYPE int',
    create('c', 'edge', 'knows', 'since', { type: 'integer' }),
  ],
  [
    "GRAPH CONSTRAINT CREATE c ON NODE (person) email TYPE 'double'",
    create('c', 'node', 'person', 'email', { type: 'float' }),
  ],
  [
    'GRAPH CONSTRAINT CREATE c ON VERTEX (person) PROPERTY email UNIQUE',
    create('c', 'node', 'person', 'email', 'unique'),
  ],
  ['GRAPH CONSTRAINT CREATE c ON NODE name EXISTS', create('c', 'node', undefined, 'name', 'exists')],
  ['CONSTRAINT CREATE c ON NODE property UNIQUE', create('c', 'node', undefined, 'property', 'unique')],
  [
    'CONSTRAINT CREATE c ON NODE property PROPERTY type TYPE BOOL',
    create('c', 'node', 'property', 'type', { type: 'boolean' }),
  ],
  ['CONSTRAINT CREATE c ON NODE a PROPERTY b TYPE text', create('c', 'node', 'a', 'b', { type: 'string' })],
  ['CONSTRAINT DROP c', { kind: 'constraint-drop', name: 'c' }],
  ['GRAPH CONSTRAINT LIST', { kind: 'constraint-list' }],
  ['CONSTRAINT GET c', { kind: 'constraint-get', name: 'c' }],
  ['GRAPH INDEX CREATE ON NODE PROPERTY p', index('create', 'node', 'p')],
  ['GRAPH INDEX CREATE EDGE PROPERTY p', index('create', 'edge', 'p')],
  ['GRAPH INDEX CREATE NODE property', index('create', 'node', 'property')],
  ['GRAPH INDEX CREATE ON EDGE PROPERTY type;', index('create', 'edge', 'type')],
  ['GRAPH INDEX CREATE ON LABEL', { kind: 'graph-index-create', target: { of: 'label' } }],
  ['GRAPH INDEX CREATE ON EDGE TYPE', { kind: 'graph-index-create', target: { of: 'edge-type' } }],
  ['GRAPH INDEX CREATE EDGE_TYPE', { kind: 'graph-index-create', target: { of: 'edge-type' } }],
  ['GRAPH INDEX DROP ON NODE PROPERTY p', index('drop', 'node', 'p')],
  ['GRAPH INDEX DROP EDGE p', index('drop', 'edge', 'p')],
  ['GRAPH INDEX SHOW ON NODE', { kind: 'graph-index-show', on: 'node' }],
  ['GRAPH INDEX SHOW EDGE', { kind: 'graph-index-show', on: 'edge' }],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['CONSTRAINT', 'expected CREATE, DROP, LIST or GET'],
  ['CONSTRAINT CREATE', 'expected the name of a constraint'],
  ['CONSTRAINT CREATE c ON', 'expected NODE or EDGE'],
  ['CONSTRAINT CREATE c ON TABLE', "Unexpected 'TABLE' at line 1, column 24: expected NODE or EDGE"],
  ['CONSTRAINT CREATE c ON NODE (a', "expected ')'"],
  [
    'CONSTRAINT CREATE c ON NODE a b UNIQUE',
    "Unexpected 'b' at line 1, column 31: expected UNIQUE, EXISTS or TYPE",
  ],
  ['CONSTRAINT CREATE c ON NODE a PROPERTY b UNIQE', '(Did you mean UNIQUE?)'],
  [
    'CONSTRAINT CREATE c ON NODE a PROPERTY b TYPE money',
    "'money' is no type of properties, at line 1, column 47 >money< (Types are INT, FLOAT, BOOL and STRING.)",
  ],
  ['CONSTRAINT GET', 'expected the name of a constraint'],
  ['GRAPH INDEX CREATE', 'expected NODE, EDGE, LABEL or EDGE TYPE'],
  ['GRAPH INDEX CREATE NODE', 'expected PROPERTY and the name of a property'],
  ['GRAPH INDEX CREATE NODE PROPERTY a b', "Unexpected 'b' at line 1, column 36"],
  ['GRAPH INDEX SHOW', 'expected NODE or EDGE'],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
