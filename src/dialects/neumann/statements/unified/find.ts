/** FIND: filter, likeness and connection of one statement as one plan. */
import type { StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { inSnapshot } from '../asking.ts';
import { collectionOf } from './embeddings.ts';
import { findEdges } from './find-edges.ts';
import { foundNode, NodeSource, nodesById, nodesOfIds } from './find-nodes.ts';
import { RowSource, rowsByKey, rowsOfIds } from './find-rows.ts';
import type { Found } from './found.ts';
import type { Wanted } from './nearest.ts';
import { type Ranked, ranked, type Source } from './ranked.ts';

type Find = StatementOf<'find'>;

export const FIND_RUNNERS: Runners<'find'> = {
  find: { answers: () => 'unified', run },
};

async function run(find: Find, call: StatementCall): Promise<Result> {
  const items = [...(await found(find, call))];
  return { case: 'unified', value: { description: description(find, items.length), items } };
}

async function found(find: Find, call: StatementCall): Promise<readonly Found[]> {
  switch (find.target.what) {
    case 'edge':
    case 'path':
      return await findEdges(find, call);
    case 'node':
      return await inSnapshot(call, async (inside) => {
        const source = await NodeSource.of(inside, find);
        const best = await bestOf(find, { outer: call, inside }, source);
        if (best === undefined) {
          return (await nodesById(inside, source, find)).map((node) => foundNode(node, find.fields));
        }
        const nodes = await nodesOfIds(
          inside,
          best.map(({ id }) => id),
        );
        return best.flatMap(({ id, score }) => {
          const node = nodes.get(id);
          return node === undefined ? [] : [foundNode(node, find.fields, score)];
        });
      });
    case 'rows':
      return await inSnapshot(call, async (inside) => {
        const source = await RowSource.of(inside, find);
        const best = await bestOf(find, { outer: call, inside }, source);
        if (best === undefined) return await rowsByKey(inside, source, find);
        const rows = await rowsOfIds(
          inside,
          source,
          find.fields,
          best.map(({ id }) => id),
        );
        return best.flatMap(({ id, score }) => {
          const row = rows.get(id);
          return row === undefined ? [] : [{ ...row, score }];
        });
      });
  }
}

/** The page of what is most alike; undefined when likeness is not asked for. */
async function bestOf<Id>(
  find: Find,
  calls: { readonly outer: StatementCall; readonly inside: StatementCall },
  source: Source<Id>,
): Promise<readonly Ranked<Id>[] | undefined> {
  const wanted = wantedBy(find);
  if (wanted === undefined) return undefined;
  const { limit, offset } = find;
  const best = await ranked(calls, source, wanted, Math.max(1, offset + limit));
  return best.slice(offset, offset + limit);
}

/** What SIMILAR TO asks for. */
export const wantedBy = ({ similar }: Find): Wanted | undefined =>
  similar === undefined
    ? undefined
    : { to: similar.to, metric: similar.metric, collection: collectionOf(similar.collection) };

const NOUNS = { node: 'node', edge: 'edge', rows: 'row', path: 'path' } as const;

/** `Found 2 nodes`, and where nothing but a label, a type or a table is asked for, `Found 2 node(s) with label 'x'`. */
function description(find: Find, count: number): string {
  const noun = NOUNS[find.target.what];
  if (find.condition !== undefined || find.similar !== undefined || find.connectedTo !== undefined) {
    return `Found ${count} ${noun}${count === 1 ? '' : 's'}`;
  }
  return `Found ${count} ${noun}(s)${ofWhat(find.target)}`;
}

function ofWhat(target: Find['target']): string {
  switch (target.what) {
    case 'node':
      return target.label === undefined ? '' : ` with label '${target.label.text}'`;
    case 'edge':
    case 'path':
      return target.type === undefined ? '' : ` of type '${target.type.text}'`;
    case 'rows':
      return ` in table '${target.table.text}'`;
  }
}
