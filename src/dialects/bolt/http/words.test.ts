/** Codes of failures that depend on what has failed. */
import { expect, it } from 'vitest';
import { FacetError } from '../../../base/index.ts';
import { failureFor, ofCommit } from './words.ts';

const lost = (): FacetError => new FacetError('UNAVAILABLE', 'The connection was lost');

it('a commit of which nobody knows what became of it is not for clients to try again', () => {
  expect(failureFor(lost(), 'r').code).toBe('Neo.TransientError.General.DatabaseUnavailable');
  expect(failureFor(ofCommit(lost()), 'r').code).toBe(
    'Neo.DatabaseError.Transaction.TransactionCommitFailed',
  );
  const conflict = ofCommit(new FacetError('SERIALIZATION_FAILURE', 'Another transaction was first'));
  expect(failureFor(conflict, 'r').code).toBe('Neo.TransientError.Transaction.Outdated');
});
