/**
 * HyperLogLog of precision 14: 16,384 registers, a standard error of 0.81 %. The estimate is the one of Otmar Ertl, "New
 * cardinality estimation algorithms for HyperLogLog sketches" (2017), which needs no tables and has no bias for few
 * elements.
 */
import { createHash } from 'node:crypto';

const PRECISION = 14;
export const REGISTERS = 2 ** PRECISION;
/** Bits of the hash that are left for the rank. */
const RANK_BITS = 64 - PRECISION;

/** The register of an element, and the place of the first 1 in the rest of its hash, from 1 to 51. */
export function placeOf(element: string | Uint8Array): { readonly register: number; readonly rank: number } {
  const hash = createHash('sha1').update(element).digest();
  const register = hash.readUInt16BE(0) >> (16 - PRECISION);
  const rest = hash.readBigUInt64BE(2) >> BigInt(64 - RANK_BITS);
  const rank = rest === 0n ? RANK_BITS + 1 : RANK_BITS - rest.toString(2).length + 1;
  return { register, rank };
}

/** Estimate of the different elements. */
export function estimate(registers: Uint8Array): number {
  const histogram = new Array<number>(RANK_BITS + 2).fill(0);
  for (const rank of registers) histogram[rank] = (histogram[rank] ?? 0) + 1;
  let z = REGISTERS * tau(1 - (histogram[RANK_BITS + 1] ?? 0) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = (z + (histogram[rank] ?? 0)) / 2;
  z += REGISTERS * sigma((histogram[0] ?? 0) / REGISTERS);
  return Math.round((REGISTERS * REGISTERS) / (2 * Math.LN2) / z);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = x;
  let before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z !== before);
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  let before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  } while (z !== before);
  return z / 3;
}

/** The greatest of each register. */
export function merged(all: readonly (Uint8Array | undefined)[]): Buffer {
  const result = Buffer.alloc(REGISTERS);
  for (const registers of all) {
    if (registers === undefined) continue;
    for (let n = 0; n < REGISTERS; n++) {
      if ((registers[n] ?? 0) > (result[n] ?? 0)) result[n] = registers[n] ?? 0;
    }
  }
  return result;
}
