/**
 * Results and items -> the bytes of QueryResponse and QueryResponseChunk in the numbers of a listener's wire. Rows are
 * written already; everything else goes through the general encoder.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { WireWriter } from '../grpc/index.ts';
import type { Item, Result } from './result.ts';
import { numberOf, type Wire } from './wire/index.ts';

/** A neumann.v1.QueryResponse. */
export function encodeResponse(wire: Wire, result: Result): Uint8Array {
  if (!('encoded' in result)) return toBinary(wire.response, create(wire.response, { result }));
  return around(tagsOf(wire).rows, result.encoded);
}

/** A neumann.v1.QueryResponseChunk that is not the last one. */
export function encodeChunk(wire: Wire, item: Item): Uint8Array {
  if (!('encodedRow' in item)) return toBinary(wire.chunk, create(wire.chunk, { chunk: item }));
  return around(tagsOf(wire).row, item.encodedRow);
}

/** The last chunk of a stream, which has nothing else. */
export const encodeFinalChunk = (wire: Wire): Uint8Array =>
  toBinary(wire.chunk, create(wire.chunk, { isFinal: true }));

/** Small messages share memory, so that most of them take none of their own. */
let shared = new WireWriter();
/** A message beyond it had memory of its own, which is not kept for the next. */
const SHARED_BYTES_MAX = 64 * 1024;

/** A message whose only field is `content`. */
function around(tag: number, content: Uint8Array): Uint8Array {
  shared.discard();
  shared.bytes(tag, content);
  const message = shared.message();
  if (message.length > SHARED_BYTES_MAX) shared = new WireWriter();
  return message;
}

interface Tags {
  readonly rows: number;
  readonly row: number;
}

const TAGS = new WeakMap<Wire, Tags>();
/** Wire type of fields with a length. */
const WITH_LENGTH = 2;

function tagsOf(wire: Wire): Tags {
  const known = TAGS.get(wire);
  if (known !== undefined) return known;
  const tags = {
    rows: (numberOf(wire.response, 'rows') << 3) | WITH_LENGTH,
    row: (numberOf(wire.chunk, 'row') << 3) | WITH_LENGTH,
  };
  TAGS.set(wire, tags);
  return tags;
}
