/** Identities of nodes and relationships. PostgreSQL gives them out in blocks, so most queries need not ask for any. */
import type { Database } from '../../engine/index.ts';
import { RESERVE_IDS } from './statements.ts';

/** As the sequence is declared. Gaps are harmless: identities are opaque. */
const BLOCK = 1_000n;

interface Range {
  next: bigint;
  end: bigint;
}

const RANGES = new WeakMap<Database, Range[]>();

/** That many identities, in rising order from the end: the last one is the least. */
export async function idsFor(database: Database, count: number): Promise<bigint[]> {
  const ranges = RANGES.get(database) ?? [];
  RANGES.set(database, ranges);
  const missing = BigInt(count) - ranges.reduce((sum, { next, end }) => sum + end - next, 0n);
  if (missing > 0n) {
    const blocks = (missing + BLOCK - 1n) / BLOCK;
    const { rows } = await database.run(RESERVE_IDS, [String(blocks)]);
    for (const [start] of rows) ranges.push({ next: BigInt(start ?? ''), end: BigInt(start ?? '') + BLOCK });
  }
  const ids: bigint[] = [];
  while (ids.length < count) {
    const [range] = ranges;
    if (range === undefined) return idsFor(database, count);
    while (range.next < range.end && ids.length < count) ids.push(range.next++);
    if (range.next === range.end) ranges.shift();
  }
  return ids.reverse();
}
