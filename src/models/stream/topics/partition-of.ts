/** Which partition an event of a topic goes to. */

/**
 * FNV-1a over the UTF-8 of the key, 32 bits, modulo the number of partitions: the same in every process and version,
 * because the order of a key's events hangs on it.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
