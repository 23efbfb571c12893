/** Statements about our own code that must hold. A failure is a bug, answered to clients as an internal error. */
import { AssertionError } from 'node:assert';

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError({ message });
}

/** For the default branch of a switch over a closed union: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError({ message: `unreachable: ${JSON.stringify(value)}` });
}
