/** NEIGHBORS: the nodes at the other ends of a node's edges, or of those the ones with the most similar embeddings. */
import { LIMITS } from '../../../../base/index.ts';
import { embeddingSearch } from '../../../../models/index.ts';
import type { Direction, Likeness, Name, NodeReference } from '../../../../nql/index.ts';
import { ENTITY_COLLECTION, ENTITY_KEY } from '../../entity-key.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { ask, askCypher, inSnapshot } from '../asking.ts';
import { labelsCypher, lookup } from './cypher.ts';
import { idsOf } from './elements.ts';
import { noNode } from './not-found.ts';

/** `-[e:t]->` and the like. */
export function edgeCypher(direction: Direction, inside: string): string {
  return `${direction === 'incoming' ? '<' : ''}-[${inside}]-${direction === 'outgoing' ? '>' : ''}`;
}

interface Around {
  readonly node: NodeReference;
  readonly direction: Direction;
  readonly type: Name | undefined;
}

/** One row with null for a node that has no neighbours, no row for one that is not there. */
function aroundCypher({ node, direction, type }: Around): ReturnType<typeof lookup> {
  const { match, parameters } = lookup('n', node);
  const edge = edgeCypher(direction, labelsCypher([type]));
  return { match: `${match} OPTIONAL MATCH (n)${edge}(m) WHERE id(m) <> id(n)`, parameters };
}

/** Keys of the neighbours that belong to entities, at most as many as one search takes. */
async function neighborKeys(call: StatementCall, around: Around): Promise<string[]> {
  const { match, parameters } = aroundCypher(around);
  const query = `${match} RETURN DISTINCT m.${ENTITY_KEY} AS key ORDER BY key LIMIT ${LIMITS.embeddingsMax + 1}`;
  const { rows } = await askCypher(call, query, parameters);
  if (rows.length === 0) throw noNode(around.node);
  return rows.flatMap(([key]) => (typeof key === 'string' ? [key] : []));
}

const target = (to: Likeness): { readonly vector: number[] } | { readonly key: string } =>
  to.by === 'vector' ? { vector: [...to.vector.components] } : { key: to.key.text };

export const NEIGHBOR_RUNNERS: Runners<'neighbors' | 'similar-neighbors'> = {
  neighbors: {
    answers: () => 'ids',
    run: async (statement, call) => {
      const { match, parameters } = aroundCypher(statement);
      const limit = statement.limit === undefined ? '' : ' LIMIT $limit';
      const query = `${match} RETURN DISTINCT id(m) AS id ORDER BY id${limit}`;
      const { rows } = await askCypher(call, query, { ...parameters, limit: statement.limit });
      if (rows.length === 0) throw noNode(statement.node);
      return { case: 'ids', value: { ids: idsOf(rows) } };
    },
  },

  'similar-neighbors': {
    answers: () => 'similar',
    run: async (statement, call) => {
      const items = await inSnapshot(call, async (inside) => {
        const keys = await neighborKeys(inside, statement);
        if (keys.length === 0) return [];
        const search = {
          collection: ENTITY_COLLECTION,
          ...target(statement.to),
          limit: statement.limit,
          keys,
        };
        return (await ask(inside, embeddingSearch, search)).items;
      });
      return { case: 'similar', value: { items: items.map(({ key, score }) => ({ key, score })) } };
    },
  },
};
