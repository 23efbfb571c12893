/** Operations on whole bitmaps, and on integers of any width within one. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { OperationContext } from '../../operation.ts';
import { holdBytes, putBytes, readBytes } from '../bytes.ts';
import { checkCount, KIND, storedKey, storedKeys } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type { FieldInput, FieldResult, LengthResult, OpInput } from './schemas.ts';

/** Shorter bitmaps count as filled up with zeros; missing ones are empty. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function bitop(context: OperationContext, input: OpInput): Promise<LengthResult> {
  checkCount(input.keys.length, 'keys');
  const target = storedKey(input.destination);
  const sources = storedKeys(input.keys);
  const space = keyspaceOf(context.database);
  const bytes = await space.together(context, [target, ...sources], async (run) => {
    const result = combined(input.operation, await readBytes(run, sources, 'bitmap'));
    await putBytes(run, target, KIND.bitmap, result);
    return result;
  });
  space.written(context, () => space.sweep.within(0));
  return { bits: bytes.length * 8 };
}

function combined(operation: OpInput['operation'], sources: readonly (Buffer | undefined)[]): Buffer {
  const length = Math.max(0, ...sources.map((source) => source?.length ?? 0));
  const result = Buffer.alloc(length);
  sources[0]?.copy(result);
  if (operation === 'not') return result.map((byte) => ~byte) as Buffer;
  for (const source of sources.slice(1)) {
    for (let n = 0; n < length; n++) {
      const byte = source?.[n] ?? 0;
      const before = result[n] ?? 0;
      result[n] = operation === 'and' ? before & byte : operation === 'or' ? before | byte : before ^ byte;
    }
  }
  return result;
}

type FieldOperation = FieldInput['operations'][number];

/**
 * Integers of up to 63 bits, or 64 with a sign, the highest bit first. All or none of the operations are stored.
 * @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE
 */
export async function bitfield(context: OperationContext, input: FieldInput): Promise<FieldResult> {
  checkCount(input.operations.length, 'operations');
  for (const one of input.operations) checkField(one);
  const stored = storedKey(input.key);
  const space = keyspaceOf(context.database);
  const writes = input.operations.filter(({ type }) => type !== 'get');
  const bytesNeeded = Math.max(0, ...writes.map(({ offset, width }) => Math.ceil((offset + width) / 8)));
  const results = await space.together(context, [stored], async (run) => {
    const held =
      writes.length > 0
        ? await holdBytes(run, stored, 'bitmap')
        : (await readBytes(run, [stored], 'bitmap'))[0];
    const bytes = Buffer.alloc(Math.max(bytesNeeded, held?.length ?? 0));
    held?.copy(bytes);
    const values = input.operations.map((one) => applied(bytes, one));
    if (writes.length > 0) await putBytes(run, stored, KIND.bitmap, bytes, true);
    return values;
  });
  return { results };
}

function checkField({ offset, width, signed }: FieldOperation): void {
  if (width === 64 && signed !== true) {
    throw new FacetError(
      'INVALID_PARAMETER',
      'An unsigned integer has up to 63 bits, one with a sign up to 64',
    );
  }
  if (offset + width > LIMITS.kvBitmapBitsMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `Bits ${offset} to ${offset + width - 1} are beyond ${LIMITS.kvBitmapBitsMax} (kvBitmapBitsMax)`,
    );
  }
}

function applied(bytes: Buffer, one: FieldOperation): bigint | null {
  const { offset, width } = one;
  const signed = one.signed === true;
  const before = readField(bytes, offset, width, signed);
  if (one.type === 'get') return before;
  // A negative value for an unsigned integer is one far beyond it, as in Redis.
  const given = one.type === 'set' ? BigInt(one.value) : before + BigInt(one.increment);
  const wanted = one.type === 'set' && !signed && given < 0n ? BigInt.asUintN(64, given) : given;
  const value = fitted(wanted, width, signed, one.overflow ?? 'wrap');
  if (value === undefined) return null;
  writeField(bytes, offset, width, value);
  return one.type === 'set' ? before : value;
}

function fitted(
  value: bigint,
  width: number,
  signed: boolean,
  overflow: 'wrap' | 'sat' | 'fail',
): bigint | undefined {
  const low = signed ? -(1n << BigInt(width - 1)) : 0n;
  const high = signed ? (1n << BigInt(width - 1)) - 1n : (1n << BigInt(width)) - 1n;
  if (value >= low && value <= high) return value;
  if (overflow === 'fail') return undefined;
  if (overflow === 'sat') return value < low ? low : high;
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

function readField(bytes: Buffer, offset: number, width: number, signed: boolean): bigint {
  let value = 0n;
  for (let bit = offset; bit < offset + width; bit++) {
    value = (value << 1n) | BigInt(((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
  }
  return signed ? BigInt.asIntN(width, value) : value;
}

function writeField(bytes: Buffer, offset: number, width: number, value: bigint): void {
  let rest = BigInt.asUintN(width, value);
  for (let bit = offset + width - 1; bit >= offset; bit--) {
    const mask = 1 << (7 - (bit & 7));
    const byte = bytes[bit >> 3] ?? 0;
    bytes[bit >> 3] = (rest & 1n) === 1n ? byte | mask : byte & ~mask;
    rest >>= 1n;
  }
}
