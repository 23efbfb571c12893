/** For tests of what goes wrong: the FacetError that a promise rejects with. */
import { FacetError } from '../../src/base/index.ts';

/** Resolves with the error; a promise that resolves, or rejects with something else, fails the test. */
export async function failure(promise: Promise<unknown>): Promise<FacetError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof FacetError) return error;
    throw error;
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
}
