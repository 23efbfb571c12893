/** The store of the tests of the change feed: followed by logical decoding, or by triggers once a file has asked for it. */
import type { StoreOptions } from '../../src/engine/index.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import { openTriggerStore } from './trigger-store.ts';

let kind: 'logical' | 'triggers' = 'logical';

/** For all tests of the file: they are the same for both. */
export function followByTriggers(): void {
  kind = 'triggers';
}

export const openChangeStore = (options: Pick<StoreOptions, 'changePace'> = {}): Promise<TestStore> =>
  kind === 'logical' ? openTestStore(options) : openTriggerStore(options);
