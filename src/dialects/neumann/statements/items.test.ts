/** Whole results cut into the items of a stream. */
import { expect, it } from 'vitest';
import type { Item, Result } from '../result.ts';
import { itemsOf } from './items.ts';

async function groupsOf(result: Result): Promise<(readonly Item[])[]> {
  const groups: (readonly Item[])[] = [];
  for await (const group of itemsOf(result)) groups.push(group);
  return groups;
}

it('cuts lists into items, in groups', async () => {
  const nodes = Array.from({ length: 600 }, (_, at) => ({ id: BigInt(at) }));
  const groups = await groupsOf({ case: 'nodes', value: { nodes } });
  expect(groups.map(({ length }) => length)).toEqual([256, 256, 88]);
  expect(groups.flat()).toEqual(nodes.map((node) => ({ case: 'node', value: { node } })));
  const similar = await groupsOf({ case: 'similar', value: { items: [{ key: 'a', score: 1 }] } });
  expect(similar).toEqual([[{ case: 'similarItem', value: { item: { key: 'a', score: 1 } } }]]);
  expect(await groupsOf({ case: 'edges', value: { edges: [] } })).toEqual([]);
});

it('cuts artifacts into pieces of 64 KiB', async () => {
  const data = Buffer.alloc(150_000, 'abc');
  const pieces = (await groupsOf({ case: 'blob', value: { data } })).flat() as { value: Uint8Array }[];
  expect(pieces.map(({ value }) => value.length)).toEqual([65_536, 65_536, 18_928]);
  expect(Buffer.concat(pieces.map(({ value }) => value))).toEqual(data);
});
