/** Leaves of the schema: what goes out with all its digits, and documents that are kept. */
import { GraphQLObjectType, parseValue } from 'graphql';
import { expect, it } from 'vitest';
import { ExactNumber, LIMITS } from '../../../base/index.ts';
import { Documents } from './document.ts';
import { jsonLiteral } from './json-literal.ts';
import { dataText, RawJson } from './raw-json.ts';
import { COUNT } from './scalars.ts';
import { buildSchemas } from './schema.ts';

const { declared, running } = buildSchemas();

it('counts beyond 32 bits go out as they are, wherever rows and bytes are counted', () => {
  expect(COUNT.serialize(2 ** 40)).toBe(2 ** 40);
  expect(() => COUNT.serialize(2 ** 53)).toThrow();
  expect(() => COUNT.serialize(1.5)).toThrow();
  for (const schema of [declared, running]) {
    for (const [type, field] of [
      ['Table', 'rowCount'],
      ['Table', 'sizeBytes'],
      ['QueryResult', 'rowCount'],
      ['ExecuteResult', 'rowsAffected'],
    ] as const) {
      const found = schema.getType(type);
      const leaf = found instanceof GraphQLObjectType ? found.getFields()[field]?.type : undefined;
      expect([type, field, leaf]).toEqual([type, field, expect.objectContaining({ ofType: COUNT })]);
    }
  }
});

it('rows are declared as lists, and run as one leaf', () => {
  const typeIn = (schema: typeof declared): string => {
    const result = schema.getType('QueryResult');
    return String(result instanceof GraphQLObjectType ? result.getFields().rows?.type : undefined);
  };
  expect([typeIn(declared), typeIn(running)]).toEqual(['[[JSON]]!', 'Rows!']);
});

it('literals keep their digits and every name of a member', () => {
  const literal = (text: string) => jsonLiteral(parseValue(text), { known: 1 });
  expect(literal('9007199254740993')).toEqual(new ExactNumber('9007199254740993'));
  expect(literal('1.50')).toEqual(new ExactNumber('1.50'));
  expect(literal('[1, -2.5, true, null, "x", $known, $unknown]')).toEqual([
    1,
    -2.5,
    true,
    null,
    'x',
    1,
    null,
  ]);
  const members = literal('{ __proto__: { a: 1 } }') as object;
  expect(Object.keys(members)).toEqual(['__proto__']);
  expect(() => literal('RED')).toThrow('JSON knows no RED');
});

it('data are written as JSON around text that is JSON already', () => {
  const data = { a: [1, null, 'x"', new RawJson('9007199254740993')], b: {}, c: [], d: true };
  expect(dataText(data)).toBe(String.raw`{"a":[1,null,"x\"",9007199254740993],"b":{},"c":[],"d":true}`);
});

it('documents are kept by their text, the least recently used ones up to a size', () => {
  const documents = new Documents(declared, { introspection: true });
  const text = (at: number): string => `query q${at} { nodes { id } } #${'x'.repeat(16_000)}`;
  const first = documents.read(text(0));
  expect(documents.read(text(0))).toBe(first);
  const places = Math.floor(LIMITS.graphqlDocumentsCachedCharactersMax / text(0).length);
  for (let at = 1; at < places; at++) documents.read(text(at));
  expect(documents.read(text(0))).toBe(first);
  for (let at = places; at < 2 * places; at++) documents.read(text(at));
  expect(documents.read(text(0))).not.toBe(first);
});

it('the schema can be kept to oneself', () => {
  const documents = new Documents(declared, { introspection: false });
  expect(() => documents.read('{ __schema { types { name } } }')).toThrow('introspection');
  expect(() => documents.read('{ nodes { __typename } }')).not.toThrow();
});
