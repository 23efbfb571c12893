/** Cuts a result that is there as a whole into the items of a stream. */
import { assert } from '../../../base/index.ts';
import type { Item, Items, PlainResult, Result } from '../result.ts';

/** Some 10 KB of short items: while a client does not read, only some wait for it as bytes. */
export const ITEMS_AT_ONCE = 256;
/** As released servers cut artifacts. */
const BLOB_PIECE_BYTES = 64 * 1024;

/** @param result of a kind that is streamed, and not of rows, which have a stream of their own */
export async function* itemsOf(result: Result): Items {
  assert(!('encoded' in result), 'rows are streamed as PostgreSQL gives them');
  if (result.case === 'blob') yield* piecesOf(result.value.data ?? new Uint8Array());
  else yield* grouped(itemsIn(result));
}

function itemsIn(result: PlainResult): Item[] {
  switch (result.case) {
    case 'nodes':
      return (result.value.nodes ?? []).map((node) => ({ case: 'node', value: { node } }));
    case 'edges':
      return (result.value.edges ?? []).map((edge) => ({ case: 'edge', value: { edge } }));
    case 'similar':
      return (result.value.items ?? []).map((item) => ({ case: 'similarItem', value: { item } }));
    default:
      throw new Error(`A result of kind ${result.case} has no items`);
  }
}

function* grouped(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += ITEMS_AT_ONCE) yield items.slice(at, at + ITEMS_AT_ONCE);
}

function* piecesOf(data: Uint8Array): Generator<readonly Item[]> {
  for (let at = 0; at < data.length; at += BLOB_PIECE_BYTES) {
    yield [{ case: 'blobData', value: data.subarray(at, at + BLOB_PIECE_BYTES) }];
  }
}
