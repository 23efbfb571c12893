/** How values of a graph are shown in a table. */
import { expect, it } from 'vitest';
import { type Json, parseExactJson } from '../base/index.ts';
import { graphCell } from './graph-cells.ts';

const ANN = '{"_kind":"node","id":"1","label":"Person","properties":{"name":"Ann"}}';
const BARE = '{"_kind":"node","id":"2","label":null,"labels":[],"properties":{}}';
const BOTH = '{"_kind":"node","id":"3","label":"A","labels":["A","B"],"properties":{}}';
const rel = (src: number, dst: number, properties = '{}'): string =>
  `{"_kind":"rel","edge_type":"KNOWS","src":"${src}","dst":"${dst}","properties":${properties}}`;

it.each<[string, Json]>([
  [ANN, '(:Person {"name":"Ann"})'],
  [BARE, '()'],
  [BOTH, '(:A:B)'],
  [rel(1, 2), '[:KNOWS]'],
  [rel(1, 2, '{"since":1.0,"n":12345678901234567890}'), '[:KNOWS {"since":1.0,"n":12345678901234567890}]'],
  [
    `[${BARE},${rel(2, 3)},${BOTH},${rel(1, 3)},${ANN}]`,
    '()-[:KNOWS]->(:A:B)<-[:KNOWS]-(:Person {"name":"Ann"})',
  ],
  [`[${BARE}]`, '[()]'],
  [`[${BARE},1,null]`, '[(), 1, null]'],
  ['"text"', 'text'],
  ['null', null],
])('%s', (json, wanted) => {
  expect(graphCell(parseExactJson(json))).toEqual(wanted);
});

it.each(['[1,2,3]', '{"_kind":"other"}', '{"a":1}', '[]', '[[1],{}]'])('%s stays as it is', (json) => {
  const cell = parseExactJson(json);
  expect(graphCell(cell)).toBe(cell);
});
