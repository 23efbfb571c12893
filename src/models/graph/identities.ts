/**
 * Identities of nodes and of relationships, each from a sequence of its own. PostgreSQL gives them out in blocks, so most
 * queries need not ask for any.
 */
import type { Database, Statement } from '../../engine/index.ts';
import { RESERVE_NODE_IDS, RESERVE_RELATIONSHIP_IDS } from './statements.ts';

/** As the sequences are declared. Gaps are harmless: identities are opaque. */
const BLOCK = 1_000n;

/** Nothing has the identity 0, which messages of some protocols leave out as if it were nothing. */
const FIRST = 1n;

interface Range {
  next: bigint;
  end: bigint;
}

type Ranges = WeakMap<Database, Range[]>;

/** That many identities, in rising order from the end: the last one is the least. */
const giver = (reserve: Statement, known: Ranges) =>
  async function give(database: Database, count: number): Promise<bigint[]> {
    const ranges = known.get(database) ?? [];
    known.set(database, ranges);
    const missing = BigInt(count) - ranges.reduce((sum, { next, end }) => sum + end - next, 0n);
    if (missing > 0n) {
      const blocks = (missing + BLOCK - 1n) / BLOCK;
      const { rows } = await database.run(reserve, [String(blocks)]);
      for (const [cell] of rows) {
        const start = BigInt(cell ?? '');
        ranges.push({ next: start === 0n ? FIRST : start, end: start + BLOCK });
      }
    }
    const ids: bigint[] = [];
    while (ids.length < count) {
      const [range] = ranges;
      if (range === undefined) {
        // The first block has one less, or another query has taken some meanwhile.
        return [...(await give(database, count - ids.length)), ...ids.reverse()];
      }
      while (range.next < range.end && ids.length < count) ids.push(range.next++);
      if (range.next === range.end) ranges.shift();
    }
    return ids.reverse();
  };

export const nodeIdsFor = giver(RESERVE_NODE_IDS, new WeakMap());
export const relationshipIdsFor = giver(RESERVE_RELATIONSHIP_IDS, new WeakMap());
