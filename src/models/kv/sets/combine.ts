/** Intersections, unions and differences of sets, returned or stored. A key that is not there is an empty set. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { checkBounds } from '../collection.ts';
import { checkCount, storedKey, storedKeys } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type { CombinedResult, ManyKeys, StoreInput, StoreResult } from './schemas.ts';

type Combination = 'inter' | 'union' | 'diff';

/** The first row tells whether a key is of another kind; members only within the bounds. */
const COMBINE = statement(
  'set.combine',
  `WITH part AS MATERIALIZED (
     SELECT c.member FROM kv.combine_sets($1, $2::text[]) AS c (member) LIMIT ${LIMITS.kvElementsMax + 1}),
   total AS (SELECT count(*) AS elements, coalesce(sum(octet_length(member)), 0) AS bytes FROM part)
   SELECT kv.any_other_kind($2::text[], ARRAY[4]), total.elements, total.bytes, part.member
   FROM total LEFT JOIN part
     ON total.elements <= ${LIMITS.kvElementsMax} AND total.bytes <= ${LIMITS.kvCommandBytesMax}`,
);
const STORE = statement('set.store', 'SELECT kv.store_sets($1, $2, $3, $4::text[])');

const combiner =
  (combination: Combination) =>
  async (context: OperationContext, { keys }: ManyKeys): Promise<CombinedResult> => {
    checkCount(keys.length, 'keys');
    const stored = storedKeys(keys);
    const names = arrayLiteral(stored.map(({ key }) => key));
    const { rows } = await keyspaceOf(context.database).read(context, stored, COMBINE, [combination, names]);
    const [first] = rows;
    if (first?.[0] === 't') throw new FacetError('WRONG_TYPE', 'One of the keys does not hold a set');
    checkBounds(first?.[1], first?.[2], keys[0] ?? '');
    return { membersJson: first?.[1] === '0' ? [] : rows.map(([, , , member]) => member ?? '') };
  };

/** Members of all of the sets. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE, RESULT_TOO_LARGE */
export const inter = combiner('inter');
/** Members of any of the sets. @throws as `inter` */
export const union = combiner('union');
/** Members of the first set that none of the others has. @throws as `inter` */
export const diff = combiner('diff');

const storer =
  (combination: Combination) =>
  async (context: OperationContext, input: StoreInput): Promise<StoreResult> => {
    checkCount(input.keys.length, 'keys');
    const target = storedKey(input.destination);
    const stored = storedKeys(input.keys);
    const space = keyspaceOf(context.database);
    const names = arrayLiteral(stored.map(({ key }) => key));
    const parameters = [combination, target.key, target.longKey, names];
    const { rows } = await space.runApart(context, [target, ...stored], STORE, parameters);
    const count = Number(rows[0]?.[0]);
    if (count < 0) throw new FacetError('WRONG_TYPE', 'One of the keys does not hold a set');
    space.written(context, () => space.sweep.within(0));
    return { count };
  };

/** Writes over whatever the destination held. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE of a source */
export const interstore = storer('inter');
/** @throws as `interstore` */
export const unionstore = storer('union');
/** @throws as `interstore` */
export const diffstore = storer('diff');
