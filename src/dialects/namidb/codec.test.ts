/** Results that are too large are refused while they are written, not when they are. */
import { expect, it } from 'vitest';
import { Node, type Value } from '../../cypher/index.ts';
import { arrowStream } from './arrow.ts';
import { resultBody, rowEncoder } from './codec.ts';

const COUNTERS = {
  nodesCreated: 0,
  nodesDeleted: 0,
  relationshipsCreated: 0,
  relationshipsDeleted: 0,
  propertiesSet: 0,
  propertiesCreated: 0,
  labelsAdded: 0,
  labelsRemoved: 0,
};

const TEXT = 'x'.repeat(1024 * 1024);
const TOO_LARGE = { code: 'RESULT_TOO_LARGE', message: expect.stringContaining('resultBytesMax') };
const body = (rows: readonly Value[][]): Promise<string> =>
  resultBody({
    columns: ['a'],
    rows,
    counters: COUNTERS,
    writes: false,
    heldBytes: 0,
    schema: undefined,
    kind: 'read',
  });

/** 100 MB of text in one value: a node is held once, and printed as often as it is there. */
const NODE = new Node(1n, ['N'], new Map([['text', TEXT]]));
const HUGE: Value = Array.from({ length: 100 }, () => NODE);

it('bounds a gathered result as JSON: one value, and all rows together', async () => {
  await expect(body([[HUGE]])).rejects.toMatchObject(TOO_LARGE);
  await expect(body(Array.from({ length: 100 }, () => [TEXT]))).rejects.toMatchObject(TOO_LARGE);
  expect(await body([[TEXT], [TEXT]])).toHaveLength(
    `{"columns":["a"],"rows":[${`{"a":"${TEXT}"},`.repeat(2)}`.length + 1,
  );
});

it('bounds a gathered result as Arrow', async () => {
  await expect(arrowStream(['a'], [[HUGE]], 0)).rejects.toMatchObject(TOO_LARGE);
  const texts = Array.from({ length: 100 }, () => [TEXT]);
  await expect(arrowStream(['a'], texts, 0)).rejects.toMatchObject(TOO_LARGE);
});

it('bounds each row of a stream, and not their sum', () => {
  const encode = rowEncoder(['a']);
  for (let row = 0; row < 100; row++) expect(encode([TEXT])).toHaveLength(TEXT.length + 8);
  expect(() => encode([HUGE])).toThrow('resultBytesMax');
});
