/** Reading parts of values, with the TCK's details for what cannot be read. */
import { describe, expect, it } from 'vitest';
import { mapOf } from '../../../test/support/cypher-values.ts';
import { DateValue } from '../temporal/temporal.ts';
import { elementAt, property, slice } from './access.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

const failure = (type: string, reason: string): unknown =>
  expect.objectContaining({ type, phase: 'runtime', reason });
const WRONG_TYPE = failure('TypeError', 'InvalidArgumentType');
const node = new Node(7n, ['A'], mapOf({ existing: 42n }));

describe('property', () => {
  it.each<[Value, string, Value]>([
    [null, 'a', null],
    [mapOf({ name: 'Mats', Name: 'Pontus' }), 'Name', 'Pontus'],
    [mapOf({ name: 'Mats' }), 'nAMe', null],
    [mapOf({ notMissing: null }), 'notMissing', null],
    [node, 'existing', 42n],
    [node, 'missing', null],
    [new Relationship(1n, 'T', 1n, 2n, mapOf({ k: 'v' })), 'k', 'v'],
    [new DateValue(0), 'year', 1970n],
    [new Point(7203, [1, 2]), 'x', 1],
    [new Point(4979, [1, 2, 3]), 'height', 3],
    [new Point(4326, [1, 2]), 'latitude', 2],
    [new Point(4326, [1, 2]), 'crs', 'wgs-84'],
    [new Point(4326, [1, 2]), 'srid', 4326n],
  ])('case %#', (object, key, expected) => {
    expect(property(object, key)).toBe(expected);
  });

  it.each<Value>([123n, 42.45, true, 'string', [123n, true]])('refuses %s', (object) => {
    expect(() => property(object, 'num')).toThrow(WRONG_TYPE);
  });

  it('refuses a path', () => {
    expect(() => property(new Path([node], []), 'num')).toThrow(WRONG_TYPE);
  });

  it('refuses components that are not there', () => {
    const wrong = failure('ArgumentError', 'InvalidArgumentValue');
    expect(() => property(new DateValue(0), 'hour')).toThrow(wrong);
    expect(() => property(new Point(7203, [1, 2]), 'z')).toThrow(wrong);
    expect(() => property(new Point(7203, [1, 2]), 'latitude')).toThrow(wrong);
  });

  it('refuses deleted entities, by name and by index', () => {
    const gone = failure('EntityNotFound', 'DeletedEntityAccess');
    for (const entity of [new Node(1n, [], new Map()), new Relationship(2n, 'T', 1n, 1n, new Map())]) {
      entity.deleted = true;
      expect(() => property(entity, 'num')).toThrow(gone);
      expect(() => elementAt(entity, 'num')).toThrow(gone);
    }
  });
});

describe('elementAt', () => {
  const list = [1n, 2n, 3n];
  it.each<[Value, Value, Value]>([
    [list, 0n, 1n],
    [list, 2n, 3n],
    [list, 3n, null],
    [list, -1n, 3n],
    [list, -3n, 1n],
    [list, -4n, null],
    [list, 2n ** 63n - 1n, null],
    [list, -(2n ** 63n), null],
    [[[1n]], 0n, [1n]],
    [[null], 0n, null],
    [list, null, null],
    [null, 0n, null],
    [null, 'x', null],
    [mapOf({ name: 'Apa' }), 'name', 'Apa'],
    [mapOf({ name: 'Apa' }), 'x', null],
    [mapOf({ name: 'Apa' }), null, null],
    [node, 'existing', 42n],
    [new DateValue(0), 'year', 1970n],
    [new Point(7203, [1, 2]), 'y', 2],
  ])('case %#', (object, index, expected) => {
    expect(elementAt(object, index)).toEqual(expected);
  });

  it.each<Value>([true, 4.7, '1', [1n], mapOf({ x: 3n })])('refuses a list at %s', (index) => {
    expect(() => elementAt(['Apa'], index)).toThrow(failure('TypeError', 'ListElementAccessByNonInteger'));
  });

  it.each<Value>([12.3, 0n, true, ['name']])('refuses a map or entity at %s', (index) => {
    const wrong = failure('TypeError', 'MapElementAccessByNonString');
    expect(() => elementAt(mapOf({ name: 'Apa' }), index)).toThrow(wrong);
    expect(() => elementAt(node, index)).toThrow(wrong);
  });

  it.each<Value>([true, 123n, 4.7, '1'])('refuses %s, which has no elements', (object) => {
    expect(() => elementAt(object, 0n)).toThrow(WRONG_TYPE);
  });
});

describe('slice', () => {
  const list = [1n, 2n, 3n];
  it.each<[Value, Value | undefined, Value | undefined, Value]>([
    [list, 1n, undefined, [2n, 3n]],
    [list, undefined, 2n, [1n, 2n]],
    [list, undefined, undefined, list],
    [list, 0n, 0n, []],
    [list, -3n, -1n, [1n, 2n]],
    [list, 3n, 1n, []],
    [list, 1n, 100n, [2n, 3n]],
    [list, -100n, 1n, [1n]],
    [list, 2n ** 62n, undefined, []],
    [list, null, null, null],
    [list, 1n, null, null],
    [list, null, undefined, null],
    [null, 1n, 2n, null],
  ])('case %#', (value, from, to, expected) => {
    expect(slice(value, from, to)).toEqual(expected);
  });

  it('refuses other values and bounds', () => {
    expect(() => slice('abc', 0n, 1n)).toThrow(WRONG_TYPE);
    expect(() => slice(list, 0.5, 1n)).toThrow(WRONG_TYPE);
    expect(() => slice(list, 0n, '1')).toThrow(WRONG_TYPE);
  });
});
