/** Metadata of transactions as text: every kind of value, and no more of it than the log takes. */
import { expect, it } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { DateValue, type MapValue, makePoint, type Value } from '../../cypher/index.ts';
import { metadataText } from './metadata-text.ts';

const of = (members: Readonly<Record<string, Value>>): MapValue => new Map(Object.entries(members));

it.each<readonly [string, MapValue]>([
  ['{}', of({})],
  ['{"app":"a \\"b\\""}', of({ app: 'a "b"' })],
  ['{"n":7,"f":1.5,"b":true,"z":null}', of({ n: 7n, f: 1.5, b: true, z: null })],
  ['{"l":[1,["x"]],"m":{"k":1}}', of({ l: [1n, ['x']], m: of({ k: 1n }) })],
  ['{"day":"1970-01-01"}', of({ day: new DateValue(0) })],
  ['{"place":Point}', of({ place: makePoint(of({ x: 1, y: 2 })) })],
])('%s', (text, metadata) => {
  expect(metadataText(metadata)).toBe(text);
});

it.each<readonly [string, MapValue]>([
  ['text', of({ a: 'x'.repeat(1_000_000) })],
  ['text that is longer in JSON', of({ a: '\u0001'.repeat(1_000_000) })],
  ['key', of({ ['x'.repeat(1_000_000)]: 1n })],
  ['list', of({ a: Array.from({ length: 1_000_000 }, () => 1n) })],
])('a long %s is cut off', (_what, metadata) => {
  const text = metadataText(metadata);
  expect(text).toHaveLength(LIMITS.boltMetadataCharactersMax + 1);
  expect(text.endsWith('…')).toBe(true);
});
