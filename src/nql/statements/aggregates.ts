/** AGGREGATE: one number about a property of nodes or edges, or how many there are; GRAPH may stand before it. */
import type { Form } from '../form.ts';
import { clause, readClauses } from '../syntax/clauses.ts';
import { type Condition, whereClause } from '../syntax/conditions.ts';
import { type Name, name, optionalName } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';
import { type ElementKind, elementKind } from './constraints.ts';

export type AggregateFunction = 'sum' | 'avg' | 'min' | 'max' | 'count';

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly of: ElementKind;
  readonly function: AggregateFunction;
  /** Undefined: `count` of the nodes or edges themselves. */
  readonly property: Name | undefined;
  /** A label of nodes or a type of edges; undefined: all of them. */
  readonly label: Name | undefined;
  readonly condition: Condition | undefined;
}

const FUNCTIONS: Readonly<Record<string, AggregateFunction>> = {
  SUM: 'sum',
  AVG: 'avg',
  MIN: 'min',
  MAX: 'max',
  COUNT: 'count',
};

const WORDS = Object.keys(FUNCTIONS);

export function aggregateStatement(reader: Reader): Aggregate {
  if (WORDS.includes(reader.token.upper)) {
    const found = functionWord(reader);
    if (found === 'count' && startsElements(reader)) return countStatement(reader);
    const of = elementKind(reader);
    const property = name(reader, 'the name of a property');
    return filtered(reader, { of, function: found, property, label: optionalName(reader, ['WHERE', 'BY']) });
  }
  if (!reader.isWord('NODE') && !reader.isWord('EDGE') && !reader.isWord('VERTEX')) {
    const words = ['NODE', 'EDGE', ...WORDS];
    throw reader.unexpected('NODE, EDGE, SUM, AVG, MIN, MAX or COUNT', words);
  }
  const of = elementKind(reader);
  reader.expectWord('PROPERTY');
  const property = name(reader, 'the name of a property');
  return filtered(reader, { of, function: functionWord(reader), property, label: undefined });
}

/** `NODES [label]` or `EDGES [type]`, behind COUNT. */
export function countStatement(reader: Reader): Aggregate {
  const of = reader.expectOneOf('NODES', 'EDGES') === 'NODES' ? 'node' : 'edge';
  const label = optionalName(reader, ['WHERE', 'BY']);
  return filtered(reader, { of, function: 'count', property: undefined, label });
}

export const startsElements = (reader: Reader): boolean => reader.isWord('NODES') || reader.isWord('EDGES');

const functionWord = (reader: Reader): AggregateFunction =>
  FUNCTIONS[reader.expectOneOf(...WORDS)] ?? 'count';

function filtered(
  reader: Reader,
  begun: Pick<Aggregate, 'of' | 'function' | 'property' | 'label'>,
): Aggregate {
  let { label } = begun;
  let condition: Condition | undefined;
  const where = whereClause(reader, (found) => {
    condition = found;
  });
  const by = clause(begun.of === 'node' ? 'BY LABEL' : 'BY TYPE', () => {
    label = name(reader, begun.of === 'node' ? 'a label' : 'the type of edges');
  });
  readClauses(reader, label === undefined ? [by, where] : [where]);
  return { kind: 'aggregate', ...begun, label, condition };
}

const CREW = [
  'NODE CREATE robot { year: 1977 }',
  'NODE CREATE robot { year: 1980 }',
  'NODE CREATE pilot',
  'EDGE CREATE 1 -> 3 : repairs { hours: 2 }',
];

export const AGGREGATE_FORMS = [
  {
    name: 'AGGREGATE',
    kind: 'aggregate',
    syntax:
      '[GRAPH] AGGREGATE NODE | EDGE PROPERTY property SUM | AVG | MIN | MAX | COUNT [BY LABEL label | BY TYPE type] [WHERE condition]',
    summary:
      'Answers one number over a property of nodes or edges; COUNT says how many have it. Also written `AGGREGATE AVG NODE property [label]`.',
    examples: [
      { setup: CREW, statement: 'AGGREGATE NODE PROPERTY year AVG BY LABEL robot' },
      { setup: CREW, statement: 'GRAPH AGGREGATE SUM EDGE hours repairs WHERE hours > 1' },
    ],
  },
  {
    name: 'COUNT NODES, COUNT EDGES',
    kind: 'aggregate',
    syntax: '[[GRAPH] AGGREGATE] COUNT NODES [label] | COUNT EDGES [type] [WHERE condition]',
    summary: 'Answers how many nodes or edges there are.',
    examples: [
      { setup: CREW, statement: 'COUNT NODES robot' },
      { setup: CREW, statement: 'GRAPH AGGREGATE COUNT EDGES' },
    ],
  },
] as const satisfies readonly Form[];
