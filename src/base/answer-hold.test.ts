/** The memory of all answers: what is refused in it, and when there is room again. */
import { expect, it } from 'vitest';
import { AnswerHold } from './answer-hold.ts';
import { heapBytesMax } from './heap.ts';
import { LIMITS } from './limits.ts';

const MOST = Math.floor(heapBytesMax * LIMITS.answersOfHeapMax) - 1;

it('refuses what does not fit beside others, and takes it when they are gone', () => {
  const [first, second] = [new AnswerHold(), new AnswerHold()];
  first.take(MOST);
  expect(() => second.take(2)).toThrow('answersOfHeapMax');
  second.take(1);
  expect(() => first.take(1)).toThrow('answersOfHeapMax');
  first.release();
  second.take(MOST);
  second.release();
});

it('takes what is alone, however large, and gives back once', () => {
  const [large, other] = [new AnswerHold(), new AnswerHold()];
  large.take(MOST);
  large.take(MOST);
  expect(() => other.take(1)).toThrow('answersOfHeapMax');
  large.release();
  large.release();
  other.take(MOST);
  expect(() => large.take(2)).toThrow('answersOfHeapMax');
  other.release();
});
