/** What a reader of Arrow gets. */
import { tableFromIPC } from 'apache-arrow';
import { expect, it } from 'vitest';
import { DateValue, Node, type Value } from '../../cypher/index.ts';
import { arrowStream } from './arrow.ts';

const read = async (names: readonly string[], rows: readonly (readonly Value[])[]) => {
  const table = tableFromIPC(await arrowStream(names, rows, 0));
  return {
    types: table.schema.fields.map(({ type }) => String(type)),
    encodings: table.schema.fields.map(({ metadata }) => metadata.get('facet.encoding')),
    rows: table.toArray().map((row) => names.map((name) => row[name] as unknown)),
  };
};

it('has a type for each column that all values fit', async () => {
  const rows: Value[][] = [
    [true, 1n, 0.5, 'a', null],
    [null, 9007199254740993n, null, null, null],
  ];
  expect(await read(['bool', 'int', 'float', 'text', 'nothing'], rows)).toEqual({
    types: ['Bool', 'Int64', 'Float64', 'Utf8', 'Utf8'],
    encodings: [undefined, undefined, undefined, undefined, undefined],
    rows,
  });
});

it('has days', async () => {
  const { types, rows } = await read(['day'], [[new DateValue(20_000)]]);
  expect(types).toEqual(['Date32<DAY>']);
  expect(new Date(Number(rows[0]?.[0])).toISOString()).toBe('2024-10-04T00:00:00.000Z');
});

it('writes everything else as JSON, and says so', async () => {
  const node = new Node(7n, ['A'], new Map([['p', 1n]]));
  expect(
    await read(
      ['node', 'mixed'],
      [
        [node, 1n],
        [null, 'x'],
      ],
    ),
  ).toMatchObject({
    types: ['Utf8', 'Utf8'],
    encodings: ['json', 'json'],
    rows: [
      ['{"_kind":"node","id":"7","label":"A","properties":{"p":1}}', '1'],
      [null, '"x"'],
    ],
  });
});

it('may be empty, and longer than a batch', async () => {
  expect((await read(['n'], [])).rows).toEqual([]);
  const many = Array.from({ length: 2_500 }, (_, n) => [BigInt(n)]);
  expect((await read(['n'], many)).rows).toEqual(many);
});
