/** Writing hashes: one field by batches, many by one statement; numbers in fields. */
import { FacetError } from '../../../base/index.ts';
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { answered, calledBatch, checkText } from '../collection.ts';
import { checkCount, checkValue, type StoredKey, shown, storedKey } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type {
  AddFloatInput,
  AddFloatResult,
  AddInput,
  AddResult,
  CreatedResult,
  DeletedResult,
  ManyFields,
  MsetInput,
  MsetResult,
  SetInput,
} from './schemas.ts';

interface SetItem {
  readonly stored: StoredKey;
  readonly field: string;
  readonly valueJson: string;
}

const setBatch = (name: string, onlyNew: boolean) =>
  calledBatch<SetItem, CreatedResult>({
    name,
    call: `kv.hset(k, long_k, field, value, ${onlyNew})`,
    columns: [
      ['field', 'text'],
      ['value', 'text'],
    ],
    cells: ({ field, valueJson }) => [field, valueJson],
    wanted: 'hash',
    result: ([created]) => ({ created: created === '1' }),
  });

const SETS = setBatch('hash.set', false);
const NEW_SETS = setBatch('hash.setnx', true);

const MSET = statement('hash.mset', 'SELECT kv.hmset($1, $2, $3::text[], $4::text[])');
const DEL = statement('hash.del', 'SELECT kv.hdel($1, $2::text[])');
const ADD = statement('hash.incrby', 'SELECT * FROM kv.hincr($1, $2, $3, $4::numeric, $5::bool)');

const itemOf = ({ key, field, valueJson }: SetInput): SetItem => {
  checkValue(valueJson);
  return { stored: storedKey(key), field: checkText(field, 'A field'), valueJson };
};

/** @throws INVALID_PARAMETER, VALUE_TOO_LARGE, WRONG_TYPE */
export async function set(context: OperationContext, input: SetInput): Promise<CreatedResult> {
  return keyspaceOf(context.database).submit(context, SETS, itemOf(input));
}

/** Leaves a field that is there as it is. @throws as `set` */
export async function setnx(context: OperationContext, input: SetInput): Promise<CreatedResult> {
  return keyspaceOf(context.database).submit(context, NEW_SETS, itemOf(input));
}

/** All fields or none. @throws as `set`; LIMIT_EXCEEDED */
export async function mset(context: OperationContext, input: MsetInput): Promise<MsetResult> {
  checkCount(input.pairs.length, 'pairs');
  const stored = storedKey(input.key);
  const pairs = new Map<string, string>();
  for (const { field, valueJson } of input.pairs) {
    checkValue(valueJson);
    pairs.set(checkText(field, 'A field'), valueJson);
  }
  const fields = [...pairs.keys()];
  const parameters = [stored.key, stored.longKey, arrayLiteral(fields), arrayLiteral([...pairs.values()])];
  const { rows } = await keyspaceOf(context.database).runElements(
    context,
    stored,
    pairs.size,
    MSET,
    parameters,
  );
  return { created: Number(answered(rows, stored, 'hash')[0]) };
}

/** A hash without fields ceases to exist. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function del(context: OperationContext, input: ManyFields): Promise<DeletedResult> {
  checkCount(input.fields.length, 'fields');
  const stored = storedKey(input.key);
  for (const field of input.fields) checkText(field, 'A field');
  const { rows } = await keyspaceOf(context.database).runElements(context, stored, input.fields.length, DEL, [
    stored.key,
    arrayLiteral(input.fields),
  ]);
  return { deleted: Number(answered(rows, stored, 'hash')[0]) };
}

/**
 * Adds to an integer of 64 bits; a missing field begins with 0.
 * @throws INVALID_PARAMETER, WRONG_TYPE, NOT_AN_INTEGER for the amount or the value, INTEGER_OVERFLOW
 */
export async function incrby(context: OperationContext, input: AddInput): Promise<AddResult> {
  const amount = String(input.amount);
  const whole = typeof input.amount === 'number' ? Number.isSafeInteger(input.amount) : true;
  if (!whole || !/^[+-]?\d{1,19}$/.test(amount) || BigInt.asIntN(64, BigInt(amount)) !== BigInt(amount)) {
    throw new FacetError('NOT_AN_INTEGER', `The amount ${shown(amount)} is not an integer of 64 bits`, {
      hint: 'hash.incrbyfloat adds fractions.',
    });
  }
  return { value: BigInt(await add(context, input, amount, true)) };
}

/**
 * Adds decimal numbers without rounding, up to 40 digits.
 * @throws INVALID_PARAMETER when the value is no number or the sum is beyond 1e308; WRONG_TYPE
 */
export async function incrbyfloat(context: OperationContext, input: AddFloatInput): Promise<AddFloatResult> {
  const valueJson = await add(context, input, String(input.amount), false);
  return { value: Number(valueJson), valueJson };
}

async function add(
  context: OperationContext,
  input: { readonly key: string; readonly field: string },
  amount: string,
  whole: boolean,
): Promise<string> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, stored.longKey, checkText(input.field, 'A field'), amount, String(whole)];
  const { rows } = await keyspaceOf(context.database).run(context, [stored], ADD, parameters);
  const [status, total] = answered(rows, stored, 'hash');
  const name = `field '${shown(input.field)}' of key '${shown(input.key)}'`;
  if (status === '2') {
    throw whole
      ? new FacetError('NOT_AN_INTEGER', `The value of ${name} is not an integer of 64 bits`)
      : new FacetError('INVALID_PARAMETER', `The value of ${name} is not a number`);
  }
  if (status === '3') {
    throw whole
      ? new FacetError('INTEGER_OVERFLOW', `Adding ${amount} to ${name} exceeds 64 bits`)
      : new FacetError('INVALID_PARAMETER', `Adding ${amount} to ${name} exceeds 1e308`);
  }
  return total ?? '0';
}
