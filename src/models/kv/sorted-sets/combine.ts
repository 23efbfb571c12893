/** Intersections, unions and differences of sorted sets, stored. A key that is not there is an empty set. */
import { FacetError } from '../../../base/index.ts';
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { checkCount, storedKey, storedKeys } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type { DiffInput, StoreInput, StoreResult } from './schemas.ts';
import { scoreText } from './score.ts';

const STORE = statement(
  'sortedset.store',
  'SELECT kv.store_sorted_sets($1, $2, $3, $4::text[], $5::double precision[], $6)',
);

const storer =
  (combination: 'inter' | 'union' | 'diff') =>
  async (context: OperationContext, input: StoreInput): Promise<StoreResult> => {
    checkCount(input.keys.length, 'keys');
    const target = storedKey(input.destination);
    const stored = storedKeys(input.keys);
    const space = keyspaceOf(context.database);
    const parameters = [
      combination,
      target.key,
      target.longKey,
      arrayLiteral(stored.map(({ key }) => key)),
      arrayLiteral((input.weights ?? []).map(scoreText)),
      input.aggregate ?? 'sum',
    ];
    const { rows } = await space.runApart(context, [target, ...stored], STORE, parameters);
    const count = Number(rows[0]?.[0]);
    if (count < 0) {
      throw new FacetError('WRONG_TYPE', 'One of the keys holds neither a sorted set nor a set');
    }
    space.written(context, () => space.sweep.within(0));
    return { count };
  };

/** Writes over whatever the destination held. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE of a source */
export const zinterstore = storer('inter');
/** @throws as `zinterstore` */
export const zunionstore = storer('union');
/** What the first has and no other, with its scores. @throws as `zinterstore` */
export const zdiffstore = (context: OperationContext, input: DiffInput): Promise<StoreResult> =>
  storer('diff')(context, input);
