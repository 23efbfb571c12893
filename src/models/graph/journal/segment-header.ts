/** The bytes before a payload, see segment.ts. */

export const HEADER_BYTES = 48;

export interface SegmentHeader {
  readonly crc: number;
  readonly length: number;
  readonly sequence: number;
  readonly prevHash: Uint8Array;
}

/** Undefined when there are too few bytes. */
export function headerOf(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  return {
    crc: bytes.readUInt32LE(0),
    length: bytes.readUInt32LE(4),
    sequence: Number(bytes.readBigUInt64LE(8)),
    prevHash: bytes.subarray(16, HEADER_BYTES),
  };
}
