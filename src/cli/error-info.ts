/**
 * google.rpc.ErrorInfo in the details of an error of Connect: the code of Facet, hint and place. It is read by hand, because
 * the messages of gRPC take longer to load than a command takes. Pure.
 */
import type { Json } from '../base/index.ts';
import { objectOf, textOf } from './json-parts.ts';

export interface ErrorInfo {
  readonly reason: string;
  readonly metadata: ReadonlyMap<string, string>;
}

const REASON = 1;
const METADATA = 3;

/** Undefined for other details, and for what cannot be read. */
export function errorInfoOf(detail: Json): ErrorInfo | undefined {
  const { type, value } = objectOf(detail);
  if (type !== 'google.rpc.ErrorInfo') return undefined;
  try {
    const fields = fieldsOf(Buffer.from(textOf(value) ?? '', 'base64'));
    const reason = fields.find(([number]) => number === REASON)?.[1].toString() ?? '';
    const entries = fields.filter(([number]) => number === METADATA).map(([, bytes]) => fieldsOf(bytes));
    const pairs = entries.map((entry) => [textAt(entry, 1), textAt(entry, 2)] as const);
    return { reason, metadata: new Map(pairs) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Field = readonly [number: number, bytes: Buffer];

const textAt = (fields: readonly Field[], at: number): string =>
  fields.find(([number]) => number === at)?.[1].toString() ?? '';

const LENGTH_DELIMITED = 2;

/** All fields of this message are texts or messages. @throws RangeError */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) !== LENGTH_DELIMITED) throw new RangeError('a field of another kind');
    const length = varint();
    if (at + length > bytes.length) throw new RangeError('a field that is not whole');
    fields.push([tag >> 3, bytes.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}
