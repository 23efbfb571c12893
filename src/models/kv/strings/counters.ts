/**
 * Counters: 64 bits, exact, as many callers as want. Several additions to one key in one batch are one update, and each
 * caller gets the value that was there after its own.
 */
import { FacetError } from '../../../base/index.ts';
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { kindName, type StoredKey, shown, storedKey, wrongType } from '../entry.ts';
import { type BatchKind, keyspaceOf, longKeys, type Run } from '../keyspace.ts';
import type { AddInput, AddResult } from './schemas.ts';

const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;
const fits = (value: bigint): boolean => value >= INTEGER_MIN && value <= INTEGER_MAX;

interface AddItem {
  readonly stored: StoredKey;
  readonly amount: bigint;
}

/** Parameters: keys, amounts, long keys. Returns what is there now; keys that are no counters are left out. */
const ADD = statement(
  'kv.incr',
  `INSERT INTO kv.entry AS e (key, value, long_key, kind, version)
   SELECT k, amount::bigint::text, long_k, 1, 1
   FROM unnest($1::text[], $2::text[], $3::text[]) AS given (k, amount, long_k)
   ON CONFLICT (key) DO UPDATE SET
     value = CASE WHEN kv.live(e.expires_at)
       THEN (kv.integer_of(e.value) + excluded.value::numeric)::text ELSE excluded.value END,
     expires_at = CASE WHEN kv.live(e.expires_at) THEN e.expires_at END,
     id = CASE WHEN e.kind = 1 THEN e.id ELSE excluded.id END, kind = 1, bytes = NULL,
     version = e.version + 1
   WHERE CASE
     WHEN NOT kv.live(e.expires_at) THEN true
     WHEN e.kind = 1 THEN kv.integer_of(e.value) + excluded.value::numeric BETWEEN ${INTEGER_MIN} AND ${INTEGER_MAX}
     ELSE false END
   RETURNING e.key, e.value`,
);

const LOOK = statement(
  'kv.incr_refused',
  `SELECT kind, kv.integer_of(value) BETWEEN ${INTEGER_MIN} AND ${INTEGER_MAX} FROM kv.entry
   WHERE key = $1 AND kv.live(expires_at)`,
);

const ADDS: BatchKind<AddItem, bigint> = {
  name: 'kv.incr',
  bytesOf: () => 0,
  // Of one sign no value in between lies outside of the first and the last, so one check is good for all.
  mergeable: (earlier, later) => earlier.amount < 0n === later.amount < 0n,
  run: addAll,
};

/** Additions to one key, in order. */
interface Group {
  readonly items: AddItem[];
  sum: bigint;
}

async function addAll(run: Run, items: readonly AddItem[]): Promise<readonly (bigint | FacetError)[]> {
  const groups = new Map<string, Group>();
  for (const item of items) {
    const group = groups.get(item.stored.key) ?? { items: [], sum: 0n };
    group.items.push(item);
    group.sum += item.amount;
    groups.set(item.stored.key, group);
  }
  const whole = [...groups.values()].filter(({ sum }) => fits(sum));
  const totals = await addGroups(run, whole);
  const results = new Map<AddItem, bigint | FacetError>();
  for (const [key, group] of groups) {
    const total = totals.get(key);
    if (total === undefined) {
      for (const item of group.items) results.set(item, await addOne(run, item));
      continue;
    }
    let value = total - group.sum;
    for (const item of group.items) {
      value += item.amount;
      results.set(item, value);
    }
  }
  return items.map((item) => results.get(item) ?? refusedAgain(item));
}

async function addGroups(run: Run, groups: readonly Group[]): Promise<ReadonlyMap<string, bigint>> {
  const firsts = groups.flatMap(({ items }) => items.slice(0, 1));
  if (firsts.length === 0) return new Map();
  const { rows } = await run(ADD, [
    arrayLiteral(firsts.map(({ stored }) => stored.key)),
    arrayLiteral(groups.map(({ sum }) => String(sum))),
    arrayLiteral(longKeys(firsts) ?? []),
  ]);
  return new Map(rows.map(([key, value]) => [key ?? '', BigInt(value ?? 0)]));
}

/** The key may have changed between the refusal and the look at it. */
const ATTEMPTS_MAX = 10;

/** One addition that was refused, or that stood in a group that was; says why it cannot be done. */
async function addOne(run: Run, item: AddItem): Promise<bigint | FacetError> {
  const { stored, amount } = item;
  const name = stored.longKey ?? stored.key;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const total = (await addGroups(run, [{ items: [item], sum: amount }])).get(stored.key);
    if (total !== undefined) return total;
    const { rows } = await run(LOOK, [stored.key]);
    const [kind, isInteger] = rows[0] ?? [];
    const found = kindName(kind);
    if (found === undefined) continue;
    if (found !== 'string') return wrongType(name, found, 'string');
    if (isInteger !== 't') {
      return new FacetError(
        'NOT_AN_INTEGER',
        `The value of key '${shown(name)}' is not an integer of 64 bits`,
      );
    }
    if (attempt > 0) {
      return new FacetError('INTEGER_OVERFLOW', `Adding ${amount} to key '${shown(name)}' exceeds 64 bits`);
    }
  }
  return refusedAgain(item);
}

const refusedAgain = ({ stored }: AddItem): FacetError =>
  new FacetError('SERIALIZATION_FAILURE', `Key '${shown(stored.key)}' kept changing; try again`);

/**
 * Adds to a counter, which begins with 0, and keeps its time to live. A string of digits counts as its number.
 * @throws INVALID_PARAMETER, NOT_AN_INTEGER for the amount or the value, INTEGER_OVERFLOW, WRONG_TYPE
 */
export async function incr(context: OperationContext, input: AddInput): Promise<AddResult> {
  return add(context, input.key, integerOf(input.amount));
}

/** The same downwards. @throws as `incr` */
export async function decr(context: OperationContext, input: AddInput): Promise<AddResult> {
  return add(context, input.key, -integerOf(input.amount));
}

async function add(context: OperationContext, key: string, amount: bigint): Promise<AddResult> {
  const stored = storedKey(key);
  const space = keyspaceOf(context.database);
  space.counts.sets++;
  // Minus the smallest integer is none; from 0 downwards there is a value for it all the same, so say it in our words.
  if (!fits(amount)) throw new FacetError('INTEGER_OVERFLOW', `${amount} does not fit into 64 bits`);
  return { value: await space.submit(context, ADDS, { stored, amount }) };
}

function integerOf(amount: AddInput['amount']): bigint {
  if (amount === undefined) return 1n;
  const value =
    typeof amount === 'bigint'
      ? amount
      : typeof amount === 'number'
        ? Number.isSafeInteger(amount)
          ? BigInt(amount)
          : undefined
        : /^[+-]?\d{1,19}$/.test(amount)
          ? BigInt(amount)
          : undefined;
  if (value === undefined || !fits(value)) {
    throw new FacetError(
      'NOT_AN_INTEGER',
      `The amount ${shown(String(amount))} is not an integer of 64 bits`,
      {
        hint: 'Counters are whole numbers; fractions are not offered.',
      },
    );
  }
  return value;
}
