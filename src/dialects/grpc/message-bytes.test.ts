/** Weights of messages in pieces, and the budget they share. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageBudget, MessageBytes } from './message-bytes.ts';

const framed = (bytes: number, compressed = false): Buffer => {
  const frame = Buffer.alloc(5 + bytes);
  frame[0] = compressed ? 1 : 0;
  frame.writeUInt32BE(bytes, 1);
  return frame;
};
const INFLATED_MAX = 150_000;
const weigh = (pieces: readonly Buffer[]): number => {
  const bytes = new MessageBytes(INFLATED_MAX);
  return pieces.reduce((sum, piece) => sum + bytes.weightOf(piece), 0);
};

describe('the weight of messages', () => {
  it('is their bytes, and of compressed ones what those may become', () => {
    expect(weigh([framed(100)])).toBe(105);
    expect(weigh([framed(100, true)])).toBe(5 + 100 * 1_032);
    expect(weigh([framed(1_000, true), framed(1, true)])).toBe(5 + INFLATED_MAX + 5 + 1_032);
    expect(weigh([framed(200_000, true)])).toBe(5 + 200_000);
    expect(weigh([framed(0), framed(0, true), framed(7)])).toBe(5 + 5 + 12);
  });

  it('does not depend on where the pieces are cut', () => {
    const frames = fc.array(fc.tuple(fc.nat(300), fc.boolean()), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 }), (sizes, cuts) => {
        const whole = Buffer.concat(sizes.map(([bytes, compressed]) => framed(bytes, compressed)));
        const pieces: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(whole.subarray(at, at + cut));
          at += cut;
        }
        pieces.push(whole.subarray(at));
        const expected = sizes.map(
          ([bytes, compressed]) => 5 + (compressed ? Math.min(INFLATED_MAX, bytes * 1_032) : bytes),
        );
        expect(weigh(pieces)).toBe(expected.reduce((sum, each) => sum + each, 0));
      }),
    );
  });

  it('of a message that announces 4 GB is what has come of it', () => {
    expect(weigh([Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), Buffer.alloc(10)])).toBe(15);
  });
});

it('a budget takes all or nothing', () => {
  const budget = new MessageBudget(100);
  expect([budget.take(60), budget.take(60), budget.take(40), budget.take(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  budget.give(60);
  expect(budget.take(60)).toBe(true);
});
