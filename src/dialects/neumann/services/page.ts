/** One page out of the items of a statement, without holding what is before and behind it. */
import { assert } from '../../../base/index.ts';
import type { Item, Result, ResultKind } from '../result.ts';
import type { StatementCall } from '../statement-call.ts';
import { runStatement, streamStatement } from '../statements/index.ts';
import type { Position } from './cursors.ts';

const PAGED = ['rows', 'nodes', 'edges', 'similar', 'unified'] as const satisfies readonly ResultKind[];
type PagedKind = (typeof PAGED)[number];

export const isPaged = (kind: ResultKind): kind is PagedKind => (PAGED as readonly string[]).includes(kind);

export interface Page {
  readonly result: Result;
  readonly hasMore: boolean;
  /** Items of all pages, when they were counted. */
  readonly total: number | undefined;
}

/** @param isCounted goes on to the last item */
export async function pageOf(
  kind: PagedKind,
  query: string,
  call: StatementCall,
  { offset, pageSize }: Position,
  isCounted: boolean,
): Promise<Page> {
  if (kind === 'unified') return await unifiedPage(query, call, offset, pageSize, isCounted);
  const end = offset + pageSize;
  const items: Item[] = [];
  let seen = 0;
  for await (const group of await streamStatement(query, call)) {
    const [from, to] = [Math.max(0, offset - seen), Math.max(0, end - seen)];
    items.push(...group.slice(from, to));
    seen += group.length;
    if (seen > end && !isCounted) break;
  }
  return { result: resultOf(kind, items), hasMore: seen > end, total: isCounted ? seen : undefined };
}

/** Such a result is made whole. */
async function unifiedPage(
  query: string,
  call: StatementCall,
  offset: number,
  pageSize: number,
  isCounted: boolean,
): Promise<Page> {
  const result = await runStatement(query, call);
  assert(result.case === 'unified', 'a statement answers as it said');
  const { items = [], description = '' } = result.value;
  const value = { description, items: items.slice(offset, offset + pageSize) };
  return {
    result: { case: 'unified', value },
    hasMore: items.length > offset + pageSize,
    total: isCounted ? items.length : undefined,
  };
}

function resultOf(kind: Exclude<PagedKind, 'unified'>, items: readonly Item[]): Result {
  switch (kind) {
    case 'rows':
      // A RowsResult has its rows in the field in which a RowChunk has its row.
      return { case: 'rows', encoded: Buffer.concat(items.map(encodedRow)), count: items.length };
    case 'nodes':
      return { case: 'nodes', value: { nodes: items.flatMap((item) => nodeOf(item)) } };
    case 'edges':
      return { case: 'edges', value: { edges: items.flatMap((item) => edgeOf(item)) } };
    case 'similar':
      return { case: 'similar', value: { items: items.flatMap((item) => similarOf(item)) } };
  }
}

function encodedRow(item: Item): Uint8Array {
  assert('encodedRow' in item, 'rows come encoded');
  return item.encodedRow;
}

const nodeOf = (item: Item) => ('case' in item && item.case === 'node' ? (item.value.node ?? []) : []);
const edgeOf = (item: Item) => ('case' in item && item.case === 'edge' ? (item.value.edge ?? []) : []);
const similarOf = (item: Item) =>
  'case' in item && item.case === 'similarItem' ? (item.value.item ?? []) : [];
