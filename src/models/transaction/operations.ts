/** What the transaction model can do: begin, commit and roll back interactive transactions that every model can join. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { beginInput, beginResult, commitInput, commitResult, endInput, rollbackResult } from './schemas.ts';
import { begin, commit, rollback } from './transaction.ts';

export const transactionBegin = operation({
  name: 'transaction.begin',
  summary: 'Opens a transaction and returns the id that later calls name it by.',
  input: beginInput,
  output: beginResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'TOO_MANY_TRANSACTIONS'],
  run: begin,
});

export const transactionCommit = operation({
  name: 'transaction.commit',
  summary: 'Makes all changes of a transaction durable and visible, or none.',
  input: commitInput,
  output: commitResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [
    ...ENGINE_ERRORS,
    'TRANSACTION_NOT_FOUND',
    'TRANSACTION_NOT_ACTIVE',
    'TRANSACTION_ABORTED',
    'SERIALIZATION_FAILURE',
    'TRANSACTION_CONFLICT',
    'UNIQUE_VIOLATION',
    'FOREIGN_KEY_VIOLATION',
  ],
  run: commit,
});

export const transactionRollback = operation({
  name: 'transaction.rollback',
  summary: 'Undoes all changes of a transaction.',
  input: endInput,
  output: rollbackResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'TRANSACTION_NOT_FOUND', 'TRANSACTION_NOT_ACTIVE'],
  run: rollback,
});

export const TRANSACTION_OPERATIONS = [transactionBegin, transactionCommit, transactionRollback] as const;
