/** Who gets which partitions, and which partition a key has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assigned, assign } from './assignment.ts';
import { partitionOf } from './partition-of.ts';
import { STRATEGIES } from './schemas.ts';

const members = (count: number): Assigned[] =>
  Array.from({ length: count }, (_, n) => ({ id: `m${n}`, partitions: [] }));
const of = (assigned: readonly Assigned[]) => assigned.map(({ partitions }) => partitions);

describe('assignment', () => {
  it('gives every partition to one member, evenly, through joins and departures', () => {
    const steps = fc.array(fc.record({ join: fc.boolean(), which: fc.nat(10) }), { maxLength: 15 });
    fc.assert(
      fc.property(
        fc.constantFrom(...STRATEGIES),
        fc.integer({ min: 1, max: 20 }),
        steps,
        (strategy, count, all) => {
          let now: Assigned[] = [];
          for (const [n, { join, which }] of all.entries()) {
            const before = now;
            if (join || now.length === 0) now = [...now, { id: `m${n}`, partitions: [] }];
            else now = now.filter((_, place) => place !== which % before.length);
            now = assign(strategy, count, now);
            if (now.length === 0) continue;
            const given = now.flatMap(({ partitions }) => partitions);
            expect([...given].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, p) => p));
            const sizes = now.map(({ partitions }) => partitions.length);
            expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
            for (const { partitions } of now)
              expect(partitions).toEqual([...partitions].sort((a, b) => a - b));
            if (strategy !== 'sticky') continue;
            // Nobody gets anything new when somebody joins, but the one who joined.
            for (const { id, partitions } of join ? now : []) {
              const had = before.find((member) => member.id === id)?.partitions;
              if (had !== undefined) expect(partitions.filter((p) => !had.includes(p))).toEqual([]);
            }
          }
        },
      ),
    );
  });

  it('goes by the strategy', () => {
    expect(of(assign('round_robin', 5, members(2)))).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
    expect(of(assign('range', 5, members(2)))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(of(assign('sticky', 5, members(2)))).toEqual([
      [0, 1, 4],
      [2, 3],
    ]);
    expect(of(assign('range', 1, members(3)))).toEqual([[0], [], []]);
    const kept = assign('sticky', 4, [
      { id: 'a', partitions: [1, 3] },
      { id: 'c', partitions: [] },
    ]);
    expect(of(kept)).toEqual([
      [1, 3],
      [0, 2],
    ]);
  });
});

describe('a key', () => {
  it('has the partition that it always had', () => {
    expect(['', 'a', 'order-7', 'ü'].map((key) => partitionOf(key, 8))).toEqual([5, 4, 3, 2]);
    const hit = new Set(Array.from({ length: 200 }, (_, n) => partitionOf(`key${n}`, 16)));
    expect(hit.size).toBe(16);
  });
});
