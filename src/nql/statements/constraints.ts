/** CONSTRAINT CREATE, DROP, LIST and GET: what properties of nodes and edges must be; GRAPH may stand before it. */
import type { Form } from '../form.ts';
import { choose } from '../syntax/clauses.ts';
import { type Name, name, nameOrText } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';

/** Whether something is about nodes or about edges. */
export type ElementKind = 'node' | 'edge';

export type PropertyType = 'integer' | 'float' | 'boolean' | 'string';

export interface ConstraintCreate {
  readonly kind: 'constraint-create';
  readonly name: Name;
  readonly on: ElementKind;
  /** A label of nodes or a type of edges; undefined: all of them. */
  readonly label: Name | undefined;
  readonly property: Name;
  readonly rule: 'unique' | 'exists' | { readonly type: PropertyType };
}

export interface ConstraintDrop {
  readonly kind: 'constraint-drop';
  readonly name: Name;
}

export interface ConstraintList {
  readonly kind: 'constraint-list';
}

export interface ConstraintGet {
  readonly kind: 'constraint-get';
  readonly name: Name;
}

export type ConstraintStatement = ConstraintCreate | ConstraintDrop | ConstraintList | ConstraintGet;

const RULES = ['UNIQUE', 'EXISTS', 'TYPE'];

const TYPES: ReadonlyMap<string, PropertyType> = new Map([
  ['INT', 'integer'],
  ['INTEGER', 'integer'],
  ['BIGINT', 'integer'],
  ['FLOAT', 'float'],
  ['DOUBLE', 'float'],
  ['BOOL', 'boolean'],
  ['BOOLEAN', 'boolean'],
  ['STRING', 'string'],
  ['TEXT', 'string'],
]);

export const constraintStatement = (reader: Reader): ConstraintStatement =>
  choose<ConstraintStatement>(reader, {
    CREATE: () => create(reader),
    DROP: () => ({ kind: 'constraint-drop', name: name(reader, 'the name of a constraint') }),
    LIST: () => ({ kind: 'constraint-list' }),
    GET: () => ({ kind: 'constraint-get', name: name(reader, 'the name of a constraint') }),
  });

function create(reader: Reader): ConstraintCreate {
  const called = name(reader, 'the name of a constraint');
  reader.expectWord('ON');
  const on = elementKind(reader);
  const label = labelBefore(reader);
  const isRule = (ahead: number): boolean => RULES.includes(reader.peek(ahead).upper);
  const isProperty = reader.isWord('PROPERTY') && (!isRule(1) || isRule(2));
  if (isProperty) reader.advance();
  const property = name(reader, 'the name of a property');
  return { kind: 'constraint-create', name: called, on, label, property, rule: rule(reader) };
}

/** `label PROPERTY` or `(label)`, if there is one. */
function labelBefore(reader: Reader): Name | undefined {
  if (reader.accept('(')) {
    const label = name(reader, 'a label');
    reader.expect(')');
    return label;
  }
  // `PROPERTY property UNIQUE` is about a property of that name, `property PROPERTY unique UNIQUE` has a label.
  const isRule = (ahead: number): boolean => RULES.includes(reader.peek(ahead).upper);
  const isLabel = reader.isWord('PROPERTY', 1) && !(reader.isWord('PROPERTY') && isRule(2) && !isRule(3));
  return isLabel ? name(reader, 'a label') : undefined;
}

function rule(reader: Reader): ConstraintCreate['rule'] {
  const word = reader.expectOneOf(...RULES);
  if (word === 'UNIQUE') return 'unique';
  if (word === 'EXISTS') return 'exists';
  const { text, span } = nameOrText(reader, 'a type');
  const type = TYPES.get(text.toUpperCase());
  if (type === undefined)
    throw reader.invalid(
      span,
      `'${text}' is no type of properties`,
      'Types are INT, FLOAT, BOOL and STRING.',
    );
  return { type };
}

/** NODE or EDGE; VERTEX is a node. */
export function elementKind(reader: Reader): ElementKind {
  if (reader.acceptWords('VERTEX')) return 'node';
  return reader.expectOneOf('NODE', 'EDGE') === 'NODE' ? 'node' : 'edge';
}

const SERIAL = 'CONSTRAINT CREATE uq_serial ON NODE robot PROPERTY serial UNIQUE';

export const CONSTRAINT_FORMS = [
  {
    name: 'CONSTRAINT CREATE',
    kind: 'constraint-create',
    syntax:
      '[GRAPH] CONSTRAINT CREATE name ON NODE | EDGE [label] PROPERTY property UNIQUE | EXISTS | TYPE type',
    summary:
      'Demands of a property of nodes or edges, of one label or type or of all, that its values differ, that it is there, or that its values have a type: INT, FLOAT, BOOL or STRING. Also written `ON NODE (label) property UNIQUE`.',
    examples: [
      { statement: SERIAL },
      { statement: 'GRAPH CONSTRAINT CREATE has_name ON NODE (person) name EXISTS' },
    ],
  },
  {
    name: 'CONSTRAINT DROP',
    kind: 'constraint-drop',
    syntax: '[GRAPH] CONSTRAINT DROP name',
    summary: 'Removes a constraint.',
    examples: [{ setup: [SERIAL], statement: 'CONSTRAINT DROP uq_serial' }],
  },
  {
    name: 'CONSTRAINT LIST',
    kind: 'constraint-list',
    syntax: '[GRAPH] CONSTRAINT LIST',
    summary: 'Answers all constraints of the graph.',
    examples: [{ setup: [SERIAL], statement: 'CONSTRAINT LIST' }],
  },
  {
    name: 'CONSTRAINT GET',
    kind: 'constraint-get',
    syntax: '[GRAPH] CONSTRAINT GET name',
    summary: 'Answers the constraint of that name, or none.',
    examples: [{ setup: [SERIAL], statement: 'CONSTRAINT GET uq_serial' }],
  },
] as const satisfies readonly Form[];
