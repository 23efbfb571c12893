/**
 * Lists of nodes and edges in the order of their ids, page by page: PostgreSQL takes the ids of a page from its index, so
 * that a few of a large graph cost what they are, and the graph has what belongs to them.
 */
import type { Value } from '../../../../cypher/index.ts';
import type { ElementKind, Name, Page } from '../../../../nql/index.ts';
import type { Item, Items } from '../../result.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askCypher, askSql } from '../asking.ts';
import { ITEMS_AT_ONCE } from '../items.ts';
import { labelsCypher } from './cypher.ts';

type Row = readonly Value[];

export interface Listing extends Page {
  readonly of: ElementKind;
  /** A label of nodes or a type of edges; undefined: all of them. */
  readonly label: Name | undefined;
}

/** Ids begin at zero. */
const BEFORE_ALL = '-1';

/** What one question gets: some MB of nodes, unless they are large. */
const PAGE_ITEMS = 5_000;

const VIEWS: Readonly<Record<ElementKind, { readonly view: string; readonly has: string }>> = {
  node: { view: 'graph.nodes', has: 'labels @> ARRAY[$4::text]' },
  edge: { view: 'graph.relationships', has: 'type = $4' },
};

const matchOf = ({ of, label }: Listing): string =>
  of === 'node' ? `MATCH (x${labelsCypher([label])})` : `MATCH ()-[x${labelsCypher([label])}]->()`;

/** The whole list, in the first column of its rows. */
export async function listed(call: StatementCall, listing: Listing): Promise<readonly Row[]> {
  const { limit, offset } = listing;
  if (limit > PAGE_ITEMS) {
    // The answer may be too large for one message: one query knows how much it holds.
    const query = `${matchOf(listing)} RETURN x ORDER BY id(x) SKIP $offset LIMIT $limit`;
    return (await askCypher(call, query, { limit, offset })).rows;
  }
  for await (const rows of pages(call, listing)) return rows;
  return [];
}

/** The list as items. What others change meanwhile is seen or not, and nothing comes twice. */
export async function* streamedList(
  call: StatementCall,
  listing: Listing,
  itemOf: (row: Row) => Item,
): Items {
  for await (const rows of pages(call, listing)) {
    for (let at = 0; at < rows.length; at += ITEMS_AT_ONCE) {
      yield rows.slice(at, at + ITEMS_AT_ONCE).map(itemOf);
    }
  }
}

async function* pages(call: StatementCall, listing: Listing): AsyncGenerator<readonly Row[]> {
  const { of, label, limit, offset } = listing;
  if (label !== undefined && UNSTORABLE.test(label.text)) return;
  const { view, has } = VIEWS[of];
  const test = label === undefined ? '' : ` AND ${has}`;
  const query = `SELECT id FROM ${view} WHERE id > $1${test} ORDER BY id LIMIT $2 OFFSET $3`;
  const inside = { ...call, session: { ...call.session, partial: true } };
  let last = BEFORE_ALL;
  for (let left = limit, skipped = offset; left > 0; left -= PAGE_ITEMS, skipped = 0) {
    const most = Math.min(left, PAGE_ITEMS);
    const found = await askSql(last === BEFORE_ALL ? call : inside, query, [
      last,
      most,
      skipped,
      ...(label === undefined ? [] : [label.text]),
    ]);
    const ids = found.rows.flatMap(([id]) => id ?? []);
    if (ids.length === 0) return;
    const asked = `${matchOf(listing)} WHERE id(x) IN $ids RETURN x ORDER BY id(x)`;
    yield (await askCypher(inside, asked, { ids: ids.map(BigInt) })).rows;
    if (ids.length < most) return;
    last = ids.at(-1) ?? last;
  }
}

/** What no label has, for it cannot be stored. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
