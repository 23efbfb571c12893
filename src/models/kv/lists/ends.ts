/** The two ends of a list: pushing and popping, single ones by batches, and moving from one list to another. */
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { answered, calledBatch, canonicalJson, textsOf } from '../collection.ts';
import { checkCount, type StoredKey, storedKey } from '../entry.ts';
import { type BatchKind, keyspaceOf } from '../keyspace.ts';
import type { ItemResult, ItemsResult, LengthResult, MoveInput, PopInput, PushInput } from './schemas.ts';

interface PushItem {
  readonly stored: StoredKey;
  readonly valueJson: string;
}

const lengthOf = (cell: string | null | undefined): LengthResult => ({
  exists: cell !== '0',
  length: Number(cell),
});

const pushBatch = (name: string, atHead: boolean, onlyThere: boolean): BatchKind<PushItem, LengthResult> =>
  calledBatch({
    name,
    call: `kv.push(k, long_k, ARRAY[value], ${atHead}, ${onlyThere})`,
    columns: [['value', 'text']],
    cells: ({ valueJson }) => [valueJson],
    wanted: 'list',
    result: ([length]) => lengthOf(length),
  });

const PUSH = statement('list.push', 'SELECT kv.push($1, $2, $3::text[], $4::bool, $5::bool)');

function pusher(name: string, atHead: boolean, onlyThere: boolean) {
  const batch = pushBatch(name, atHead, onlyThere);
  return async (context: OperationContext, input: PushInput): Promise<LengthResult> => {
    checkCount(input.valuesJson.length, 'values');
    const stored = storedKey(input.key);
    const values = input.valuesJson.map(canonicalJson);
    const space = keyspaceOf(context.database);
    const [only] = values;
    if (values.length === 1 && only !== undefined) {
      return space.submit(context, batch, { stored, valueJson: only });
    }
    const flags = [String(atHead), String(onlyThere)];
    const parameters = [stored.key, stored.longKey, arrayLiteral(values), ...flags];
    const { rows } = await space.runElements(context, stored, values.length, PUSH, parameters);
    return lengthOf(answered(rows, stored, 'list')[0]);
  };
}

/** Pushed one after the other, so the last one is the head then. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, VALUE_TOO_LARGE, WRONG_TYPE */
export const lpush = pusher('list.lpush', true, false);
/** @throws as `lpush` */
export const rpush = pusher('list.rpush', false, false);
/** Only when the list is there. @throws as `lpush` */
export const lpushx = pusher('list.lpushx', true, true);
/** Only when the list is there. @throws as `lpush` */
export const rpushx = pusher('list.rpushx', false, true);

interface PopItem {
  readonly stored: StoredKey;
  readonly count: number;
}

function popper(name: string, atHead: boolean) {
  const batch = calledBatch<PopItem, ItemsResult>({
    name,
    call: `kv.pop(k, ${atHead}, items)`,
    columns: [['items', 'bigint']],
    cells: ({ count }) => [String(count)],
    wanted: 'list',
    result: ([status, items]) => ({ exists: status === '1', valuesJson: [...textsOf(items)] }),
  });
  return async (context: OperationContext, { key, count = 1 }: PopInput): Promise<ItemsResult> => {
    if (count > 0) checkCount(count, 'items');
    return keyspaceOf(context.database).submit(context, batch, { stored: storedKey(key), count });
  };
}

/** The first items, in the order in which they go. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export const lpop = popper('list.lpop', true);
/** The last items, the tail first. @throws as `lpop` */
export const rpop = popper('list.rpop', false);

const RPOPLPUSH = statement('list.rpoplpush', 'SELECT * FROM kv.rpoplpush($1, $2, $3, $4)');

/** Takes the tail of one list and makes it the head of another. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function rpoplpush(context: OperationContext, input: MoveInput): Promise<ItemResult> {
  const source = storedKey(input.source);
  const target = storedKey(input.destination);
  const parameters = [source.key, source.longKey, target.key, target.longKey];
  const { rows } = await keyspaceOf(context.database).run(context, [source, target], RPOPLPUSH, parameters);
  const [status, valueJson = null] = answered(rows, source, 'list');
  return { exists: status === '1', valueJson };
}
