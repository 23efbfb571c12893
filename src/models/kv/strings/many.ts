/** Setting many strings at once: all of them or none, in one statement; or each by itself, in batches. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { OperationContext } from '../../operation.ts';
import { assertBatch, assertTtl } from '../../plan-limits.ts';
import { checkCount, checkValue, type StoredKey, storedKey } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type { MsetnxResult, MsetResult, OutcomesResult, PairsInput } from './schemas.ts';
import { noteTtl, SET, SET_NEW, SETS, setParameters } from './set.ts';

interface Pair {
  readonly stored: StoredKey;
  readonly valueJson: string;
  readonly ttlMs: number | undefined;
}

/** Thrown to take back what was written. */
class Taken extends Error {}

/**
 * Sets many strings; of equal keys the last one counts.
 * @throws INVALID_PARAMETER, LIMIT_EXCEEDED, VALUE_TOO_LARGE
 */
export async function mset(context: OperationContext, input: PairsInput): Promise<MsetResult> {
  assertTtl(context, input.ttlMs);
  assertBatch(context, input.pairs.length);
  const pairs = pairsOf(input);
  const space = keyspaceOf(context.database);
  space.counts.sets += pairs.length;
  await space.runSized(
    context,
    pairs.map(({ stored }) => stored),
    SET,
    setParameters(pairs),
  );
  noteTtl(space, context, input.ttlMs);
  return { written: pairs.length };
}

/**
 * Sets many strings, each by itself: those of many callers share statements and commits. In a transaction it is `mset`.
 * @throws as `mset`; then none was written
 */
export async function setEach(context: OperationContext, input: PairsInput): Promise<OutcomesResult> {
  assertTtl(context, input.ttlMs);
  if (context.transaction !== undefined) {
    await mset(context, input);
    return { outcomes: input.pairs.map(() => null) };
  }
  assertBatch(context, input.pairs.length);
  checkCount(input.pairs.length, 'pairs');
  const { ttlMs } = input;
  const items = input.pairs.map(({ key, valueJson }) => {
    checkValue(valueJson);
    return { stored: storedKey(key), valueJson, ttlMs };
  });
  const space = keyspaceOf(context.database);
  space.counts.sets += items.length;
  const results = await space.submitAll(context, SETS, items);
  noteTtl(space, context, ttlMs);
  return { outcomes: results.map((result) => (result === true ? null : result)) };
}

/** Sets many strings when none of the keys is there. @throws as `mset` */
export async function msetnx(context: OperationContext, input: PairsInput): Promise<MsetnxResult> {
  assertTtl(context, input.ttlMs);
  assertBatch(context, input.pairs.length);
  const pairs = pairsOf(input);
  const keys = pairs.map(({ stored }) => stored);
  const space = keyspaceOf(context.database);
  const written = await space
    .together(context, keys, async (run) => {
      const { rows } = await run(SET_NEW, setParameters(pairs));
      if (rows.length < pairs.length) throw new Taken();
      return true;
    })
    .catch((thrown: unknown) => {
      if (thrown instanceof Taken) return false;
      throw thrown;
    });
  if (!written) return { written };
  space.counts.sets += pairs.length;
  noteTtl(space, context, input.ttlMs);
  return { written };
}

/** Each key once, in the order in which everybody takes locks. */
function pairsOf({ pairs, ttlMs }: PairsInput): readonly Pair[] {
  checkCount(pairs.length, 'pairs');
  const last = new Map<string, Pair>();
  let bytes = 0;
  for (const { key, valueJson } of pairs) {
    checkValue(valueJson);
    const stored = storedKey(key);
    bytes += key.length + valueJson.length;
    last.set(stored.key, { stored, valueJson, ttlMs });
  }
  if (bytes > LIMITS.kvCommandBytesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The keys and values are more than ${LIMITS.kvCommandBytesMax} bytes (kvCommandBytesMax)`,
    );
  }
  return [...last.values()].sort((a, b) => (a.stored.key < b.stored.key ? -1 : 1));
}
