/** What can be done with restore points of a namespace. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { create, list, remove, rollBack } from './checkpoint.ts';
import * as shape from './schemas.ts';

const POINT_ERRORS = [
  ...ENGINE_ERRORS,
  'RESTORE_POINT_UNSUPPORTED',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
] as const;

export const checkpointCreate = operation({
  name: 'checkpoint.create',
  summary: 'Makes a restore point of the whole namespace, which is paused while it is copied.',
  input: shape.createInput,
  output: shape.createResult,
  access: 'write',
  category: 'admin',
  streams: false,
  errors: [
    ...POINT_ERRORS,
    'RESTORE_POINT_BUSY',
    'RESTORE_POINT_EXISTS',
    'LIMIT_EXCEEDED',
    'INVALID_PARAMETER',
    'INVALID_TRANSACTION_STATE',
  ],
  run: create,
});

export const checkpointList = operation({
  name: 'checkpoint.list',
  summary: 'Lists the restore points of the namespace and what they take.',
  input: shape.listInput,
  output: shape.listResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: POINT_ERRORS,
  run: list,
});

export const checkpointDelete = operation({
  name: 'checkpoint.delete',
  summary: 'Deletes a restore point.',
  input: shape.nameInput,
  output: shape.deleteResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: [...POINT_ERRORS, 'RESTORE_POINT_NOT_FOUND'],
  run: remove,
});

export const checkpointRollback = operation({
  name: 'checkpoint.rollback',
  summary: 'Gives the whole namespace the content of a restore point again.',
  input: shape.nameInput,
  output: shape.rollbackResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: [...POINT_ERRORS, 'RESTORE_POINT_BUSY', 'RESTORE_POINT_NOT_FOUND', 'INVALID_TRANSACTION_STATE'],
  run: rollBack,
});

export const CHECKPOINT_OPERATIONS = [
  checkpointCreate,
  checkpointList,
  checkpointDelete,
  checkpointRollback,
] as const;
