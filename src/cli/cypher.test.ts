/** The parameters of `facet cypher`, and its tables. */
import { expect, it } from 'vitest';
import { type Json, parseExactJson, stringifyExactJson } from '../base/index.ts';
import { cypherTable, parametersOf } from './cypher.ts';

it('values of parameters are JSON, else text', () => {
  const given = [
    'code=FRA',
    'limit=5',
    'f=1.0',
    'ids=[1, 2]',
    'zip="01234"',
    'empty=',
    'eq=a=b',
    'n=null',
    'big=9007199254740993',
  ];
  expect(stringifyExactJson(parametersOf(given))).toBe(
    '{"code":"FRA","limit":5,"f":1.0,"ids":[1,2],"zip":"01234","empty":"","eq":"a=b","n":null,"big":9007199254740993}',
  );
});

it('numbers stand on the right if a column has nothing else', () => {
  const row = (json: string): readonly Json[] => parseExactJson(json) as Json[];
  const rows = [row('[1, 1, null]'), row('[22.5, "a", null]'), row('[null, 2, null]')];
  expect(cypherTable({ columns: ['number', 'mixed', 'nothing'], rows })).toBe(
    ' number | mixed | nothing\n' +
      '--------+-------+---------\n' +
      '      1 | 1     | NULL\n' +
      '   22.5 | a     | NULL\n' +
      '   NULL | 2     | NULL\n',
  );
});
