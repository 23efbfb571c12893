/** Vectors in PostgreSQL's binary form of real[]: eight bytes a number, which it takes in without reading digits. Pure. */

const HEADER_BYTES = 20;
const ELEMENT_BYTES = 8;
/** pg_type.oid of float4. */
const FLOAT4 = 700;

/** One list of all numbers of the vectors, one behind the other, `dimension` of each. */
export function realArray(vectors: readonly Float32Array[], dimension: number): Uint8Array {
  const count = vectors.length * dimension;
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + count * ELEMENT_BYTES);
  // One dimension, no NULLs, the type of the elements, their number, and the subscript of the first.
  for (const [at, word] of [1, 0, FLOAT4, count, 1].entries()) bytes.writeInt32BE(word, at * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = HEADER_BYTES;
  for (const vector of vectors) {
    for (let of = 0; of < dimension; of++) {
      view.setInt32(at, 4);
      view.setFloat32(at + 4, vector[of] as number);
      at += ELEMENT_BYTES;
    }
  }
  return bytes;
}
