/** The bytes of an artifact as messages of neumann.v1.BlobDownloadChunk, written without the general encoder. */

/** Field number and wire type, the same in both numberings. */
const DATA = 0x0a;
const IS_FINAL = 0x10;
/** Tag, and a length of up to 32 bits. */
const HEAD_BYTES_MAX = 6;
const END_BYTES = 2;

/** The same bytes in pieces of `size`, but for the last one. A piece may be part of one that came in. */
export async function* recut(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + size - held);
      parts.push(part);
      held += part.length;
      at += part.length;
      if (held < size) continue;
      yield joined(parts);
      parts = [];
      held = 0;
    }
  }
  if (held > 0) yield joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

export function downloadChunk(data: Uint8Array, isFinal: boolean): Uint8Array {
  const message = Buffer.allocUnsafe(HEAD_BYTES_MAX + data.length + END_BYTES);
  let at = 0;
  message[at++] = DATA;
  let rest = data.length;
  for (; rest > 0x7f; rest >>>= 7) message[at++] = (rest & 0x7f) | 0x80;
  message[at++] = rest;
  message.set(data, at);
  at += data.length;
  if (isFinal) {
    message[at++] = IS_FINAL;
    message[at++] = 1;
  }
  return message.subarray(0, at);
}
