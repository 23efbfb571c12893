/** Adding to HyperLogLogs, counting and merging them. */
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { holdBytes, putBytes, readBytes } from '../bytes.ts';
import { answered } from '../collection.ts';
import { checkCount, checkValue, KIND, storedKey, storedKeys } from '../entry.ts';
import { keyspaceOf, type Run } from '../keyspace.ts';
import { estimate, merged, placeOf } from './registers.ts';
import type { AddInput, AddResult, CountInput, CountResult, MergeInput, MergeResult } from './schemas.ts';

const ADD = statement('hyperloglog.pfadd', `SELECT kv.pfadd($1, $2, $3::int[], $4::int[], $5::bigint)`);

/** With a time to live, the key has that one then. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function pfadd(context: OperationContext, input: AddInput): Promise<AddResult> {
  const stored = storedKey(input.key);
  if (input.elements.length > 0) checkCount(input.elements.length, 'elements');
  const ranks = new Map<number, number>();
  for (const element of input.elements) {
    if (typeof element === 'string') checkValue(element);
    const { register, rank } = placeOf(element);
    if (rank > (ranks.get(register) ?? 0)) ranks.set(register, rank);
  }
  const space = keyspaceOf(context.database);
  const { rows } = await space.runElements(context, stored, ranks.size, ADD, [
    stored.key,
    stored.longKey,
    arrayLiteral([...ranks.keys()].map(String)),
    arrayLiteral([...ranks.values()].map(String)),
    input.ttlMs === undefined ? null : String(input.ttlMs),
  ]);
  const added = answered(rows, stored, 'hyperloglog')[0] === '1';
  const { ttlMs } = input;
  if (ttlMs !== undefined) space.written(context, () => space.sweep.within(ttlMs));
  return { added };
}

/** @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function pfcount(context: OperationContext, { keys }: CountInput): Promise<CountResult> {
  checkCount(keys.length, 'keys');
  const stored = storedKeys(keys);
  const space = keyspaceOf(context.database);
  const run: Run = (text, parameters) => space.read(context, stored, text, parameters);
  const all = await readBytes(run, stored, 'hyperloglog');
  return { exists: all.some((one) => one !== undefined), count: estimate(merged(all)) };
}

/** What the destination has counts, too. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function pfmerge(context: OperationContext, input: MergeInput): Promise<MergeResult> {
  checkCount(input.sources.length, 'sources');
  const target = storedKey(input.destination);
  const sources = storedKeys(input.sources);
  const space = keyspaceOf(context.database);
  const count = await space.together(context, [target, ...sources], async (run) => {
    const held = await holdBytes(run, target, 'hyperloglog');
    const result = merged([held, ...(await readBytes(run, sources, 'hyperloglog'))]);
    await putBytes(run, target, KIND.hyperloglog, result, true);
    return estimate(result);
  });
  return { count };
}
