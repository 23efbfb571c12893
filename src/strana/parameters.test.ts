/** Parameters there and back, with their types. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  Node,
  Path,
  Point,
  Relationship,
  TimeValue,
  type Value,
} from '../cypher/index.ts';
import { UnionValueSchema } from './gen/graphd_pb.ts';
import { make } from './graph-value.ts';
import {
  exactGraphValueOf,
  GraphValueSchema,
  graphValueOf,
  MapEntrySchema,
  parametersOf,
  valueOfGraph,
} from './index.ts';

const VALUES: readonly Value[] = [
  null,
  true,
  0n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  0,
  -0,
  1.5,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  '',
  'žluťoučký 🐎',
  [],
  [1n, [2, 'x'], null],
  new Map(),
  new Map<string, Value>([
    ['a', [new Map([['b', null]])]],
    ['', false],
  ]),
  new DateValue(-719_162),
  new DateValue(365_000_000),
  new LocalTimeValue(1),
  new LocalTimeValue(86_399_999_999_999),
  new TimeValue(3_600_000_000_000, -12_345),
  new LocalDateTimeValue(19_000, 1_000_000),
  new DateTimeValue(19_000, 0, 0, undefined),
  new DateTimeValue(19_000, 0, 3_600, 'Europe/Stockholm'),
  new DurationValue(14n, -3n, 100n, 5),
  new DurationValue(0n, 0n, -1n, -999_999_999),
  new Point(7203, [1, -2.5]),
  new Point(4979, [14.4, 50.1, 200]),
];

describe('parameters in messages', () => {
  it.each(VALUES.map((value) => [value]))('come back with their types: %s', (value) => {
    const bytes = toBinary(GraphValueSchema, exactGraphValueOf(value));
    expect(valueOfGraph(fromBinary(GraphValueSchema, bytes))).toStrictEqual(value);
  });

  it('are null where no member is set', () => {
    expect(valueOfGraph(undefined)).toBeNull();
    expect(valueOfGraph(create(GraphValueSchema))).toBeNull();
  });

  it('count once by name, the last', () => {
    const entry = (value: bigint) =>
      create(MapEntrySchema, { key: 'x', value: make({ case: 'intValue', value }) });
    expect(parametersOf([entry(1n), entry(2n)])).toEqual(new Map([['x', 2n]]));
  });

  it('are the value in a union of an unknown tag', () => {
    const union = create(UnionValueSchema, {
      tag: 'colour',
      value: make({ case: 'stringValue', value: 'red' }),
    });
    expect(valueOfGraph(make({ case: 'unionValue', value: union }))).toBe('red');
  });

  it.each([
    ['date', 'no date'],
    ['datetime', '2020-01-01T00:00'],
    ['time', '10:00'],
  ])('of the tag %s are refused for %s', (tag, text) => {
    const union = create(UnionValueSchema, { tag, value: make({ case: 'stringValue', value: text }) });
    expect(() => valueOfGraph(make({ case: 'unionValue', value: union }))).toThrow(text);
  });

  it('are never entities', () => {
    const node = new Node(1n, ['A'], new Map());
    const relationship = new Relationship(1n, 'T', 1n, 1n, new Map());
    const ids = { label: () => 1, type: () => 2, end: () => 1 };
    for (const value of [node, relationship, new Path([node], [])]) {
      expect(() => exactGraphValueOf(value)).toThrow('cannot be parameters');
      expect(() => valueOfGraph(graphValueOf(value, ids))).toThrow('cannot be parameters');
    }
  });

  it('are refused when they are nested too deeply', () => {
    let value: Value = null;
    for (let depth = 0; depth < 1_002; depth++) value = [value];
    expect(() => exactGraphValueOf(value)).toThrow('cypherValueDepthMax');
  });
});
