/** PostgreSQL's binary form of a list of byte strings: no digit is written and none is read, unlike in the text form. */

/** PostgreSQL's number of the type `bytea`. */
const BYTEA = 17;
/** One dimension, no nulls, the type; then how many there are, and that they are counted from 1. */
const HEAD_BYTES = 20;

/** `values` as one parameter of type `bytea[]`. */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  const array = Buffer.allocUnsafe(values.reduce((bytes, value) => bytes + 4 + value.length, HEAD_BYTES));
  let at = array.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  at = array.writeInt32BE(0, at);
  at = array.writeInt32BE(BYTEA, at);
  if (values.length === 0) return array.subarray(0, at);
  at = array.writeInt32BE(values.length, at);
  at = array.writeInt32BE(1, at);
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    array.set(value, at);
    at += value.length;
  }
  return array;
}
