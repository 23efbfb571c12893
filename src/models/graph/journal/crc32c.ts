/** CRC-32C (Castagnoli), as iSCSI has it (RFC 3720): polynomial 0x1EDC6F41, reflected, all ones before and after. */

const POLYNOMIAL = 0x82f63b78;

/** Eight tables: eight bytes a step, some 1 GB/s. */
const TABLES: readonly Uint32Array[] = makeTables();

function makeTables(): Uint32Array[] {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc >>> 0;
  }
  const tables = [first];
  for (let at = 1; at < 8; at++) {
    const before = tables[at - 1] ?? first;
    tables.push(before.map((crc) => ((first[crc & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0));
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
  ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
];

/** @param crc of what came before */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let state = ~crc >>> 0;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = (view.getUint32(at, true) ^ state) >>> 0;
    const high = view.getUint32(at + 4, true);
    state =
      (T7[low & 0xff] ?? 0) ^
      (T6[(low >>> 8) & 0xff] ?? 0) ^
      (T5[(low >>> 16) & 0xff] ?? 0) ^
      (T4[low >>> 24] ?? 0) ^
      (T3[high & 0xff] ?? 0) ^
      (T2[(high >>> 8) & 0xff] ?? 0) ^
      (T1[(high >>> 16) & 0xff] ?? 0) ^
      (T0[high >>> 24] ?? 0);
  }
  for (; at < bytes.length; at++) state = (T0[(state ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (state >>> 8);
  return ~state >>> 0;
}

/**
 * The byte that was changed, if exactly one was: its place and what it was before. `wrong` is the checksum of `length`
 * bytes as they are, `right` as they were. A change of one byte shows in the checksum as that byte's entry of the table,
 * moved by one step for each byte behind it; so the difference is moved back until it is an entry.
 */
export function changedByte(
  wrong: number,
  right: number,
  length: number,
): { readonly at: number; readonly difference: number } | undefined {
  let difference = (wrong ^ right) >>> 0;
  if (difference === 0) return undefined;
  for (let at = length - 1; at >= 0; at--) {
    const byte = BY_ENTRY.get(difference);
    if (byte !== undefined) return { at, difference: byte };
    // A step shifts zeros into the upper eight bits, so what is there comes from the table.
    const byTop = BY_TOP[difference >>> 24] ?? 0;
    difference = (((difference ^ (T0[byTop] ?? 0)) << 8) | byTop) >>> 0;
  }
  return undefined;
}

const BY_ENTRY: ReadonlyMap<number, number> = new Map(
  [...T0].map((entry, byte) => [entry, byte] as const).slice(1),
);
/** Entries of the table differ in their upper eight bits. */
const BY_TOP = new Uint8Array(256);
for (const [byte, entry] of T0.entries()) BY_TOP[entry >>> 24] = byte;
