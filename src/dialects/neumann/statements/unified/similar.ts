/** SIMILAR: the nearest embeddings, perhaps only of entities that have an edge with a node. */
import type { StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { inSnapshot } from '../asking.ts';
import { conditionMetadata } from './condition-metadata.ts';
import { neighbourKeys, nodeNamed } from './connected.ts';
import { collectionOf } from './embeddings.ts';
import { nearest, nearestAmong, type Scored, type Wanted } from './nearest.ts';

export const SIMILAR_RUNNERS: Runners<'similar'> = {
  similar: { answers: () => 'similar', run },
};

async function run(statement: StatementOf<'similar'>, call: StatementCall): Promise<Result> {
  return { case: 'similar', value: { items: await found(statement, call) } };
}

async function found(statement: StatementOf<'similar'>, call: StatementCall): Promise<Scored[]> {
  const { connectedTo, limit } = statement;
  const wanted = wantedBy(statement);
  if (connectedTo === undefined) return await nearest(call, wanted, limit);
  return await inSnapshot(call, async (inside) => {
    const keys = await neighbourKeys(inside, await nodeNamed(inside, connectedTo), undefined);
    return await nearestAmong(inside, wanted, limit, keys);
  });
}

const wantedBy = ({ to, metric, collection, condition }: StatementOf<'similar'>): Wanted => ({
  to,
  metric,
  collection: collectionOf(collection),
  filter: condition === undefined ? undefined : conditionMetadata(condition),
});
