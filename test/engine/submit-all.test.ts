/** Several items submitted in one call. */
import { describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { Batcher } from '../../src/engine/index.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: FacetError) => error.code,
  );

describe('a batch', () => {
  it('has the items of one call among those of others, each with an outcome of its own', async () => {
    const batches: string[][] = [];
    const gates: (() => void)[] = [];
    const open = (): void => gates.shift()?.();
    const refused = new FacetError('KEY_EXISTS', 'refused');
    const batcher = new Batcher<{ key: string }, string>({
      name: 'test',
      itemsMax: 100,
      bytesMax: 1_000,
      waitingMax: 5,
      keyOf: ({ key }) => key,
      bytesOf: () => 10,
      mergeable: () => true,
      run: async (items) => {
        batches.push(items.map(({ key }) => key));
        await new Promise<void>((resolve) => gates.push(resolve));
        return items.map(({ key }) => (key === 'bad' ? refused : key));
      },
    });
    const first = batcher.submit({ key: 'first' });
    await turn();
    const all = batcher.submitAll([{ key: 'c' }, { key: 'bad' }, { key: 'a' }, { key: 'c' }]);
    const other = batcher.submit({ key: 'b' });
    expect(await codeOf(batcher.submitAll([{ key: 'd' }, { key: 'e' }]))).toBe('LIMIT_EXCEEDED');
    open();
    await turn();
    open();
    expect(await all).toEqual(['c', refused, 'a', 'c']);
    expect(await Promise.all([first, other])).toEqual(['first', 'b']);
    expect(batches).toEqual([['first'], ['a', 'b', 'bad', 'c', 'c']]);
    expect(await batcher.submitAll([])).toEqual([]);
    await batcher.stop();
    expect(await codeOf(batcher.submitAll([{ key: 'f' }]))).toBe('UNAVAILABLE');
  });
});
