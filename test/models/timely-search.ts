/**
 * A vector search on a loaded machine. When the change feed does not come in time, a search measures every row and says
 * so; tests that ask which way a search went ask again as long as that can be why.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { vectorSearch } from '../../src/models/index.ts';
import type { Model } from './call-operation.ts';

const TURNS_MAX = 20;
const PAUSE_MS = 100;

export async function timelySearch(model: Model, asked: object) {
  let found = await model.call(vectorSearch, asked);
  // With a filter the same words may mean that it lets too few through, and that does not pass.
  const isLate = () => !('filter' in asked) && found.plan.reason?.startsWith('the index is behind') === true;
  for (let turn = 0; turn < TURNS_MAX && isLate(); turn++) {
    await sleep(PAUSE_MS);
    found = await model.call(vectorSearch, asked);
  }
  return found;
}
