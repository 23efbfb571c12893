/** One listener on the signal, however many listen. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { offAbort, onAbort } from './abort.ts';

describe('listening to an abort', () => {
  it('tells all of those who listen, once, with one listener on the signal', () => {
    const controller = new AbortController();
    const told: number[] = [];
    for (let n = 0; n < 100; n++) onAbort(controller.signal, () => told.push(n));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    controller.abort();
    expect(told).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('forgets who has left, also when another one takes it back during the abort', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const left = (): void => void told.push('left');
    const second = (): void => void told.push('second');
    const first = (): void => {
      told.push('first');
      offAbort(controller.signal, second);
    };
    onAbort(controller.signal, left);
    onAbort(controller.signal, first);
    onAbort(controller.signal, second);
    offAbort(controller.signal, left);
    controller.abort();
    expect(told).toEqual(['first']);
  });

  it('leaves nothing on the signal when nobody listens, and can be listened to again', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const listener = (): void => void told.push('told');
    onAbort(controller.signal, listener);
    offAbort(controller.signal, listener);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    onAbort(controller.signal, listener);
    controller.abort();
    expect(told).toEqual(['told']);
  });

  it('says nothing of an abort that was before, and takes no signal for one that never comes', () => {
    const controller = new AbortController();
    controller.abort();
    const told: string[] = [];
    onAbort(controller.signal, () => told.push('told'));
    onAbort(undefined, () => told.push('told'));
    offAbort(undefined, () => {});
    expect(told).toEqual([]);
  });
});
