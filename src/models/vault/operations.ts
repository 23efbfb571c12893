/** What the vault can do. Who may do it with which secret is decided by the secret's owner and grants. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { audit } from './audit.ts';
import { grant, remove, reseal, revoke, rotate, set } from './change.ts';
import { get, list } from './read.ts';
import * as shape from './schemas.ts';

const VAULT_ERRORS = [
  ...ENGINE_ERRORS,
  'VAULT_NOT_CONFIGURED',
  'INVALID_PARAMETER',
  'SECRET_TAMPERED',
] as const;
const SECRET_ERRORS = [
  ...VAULT_ERRORS,
  'VAULT_ACCESS_DENIED',
  'SECRET_NOT_FOUND',
  'VAULT_KEY_MISSING',
] as const;
const CHANGE_ERRORS = [
  ...SECRET_ERRORS,
  'LOCK_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
  'TRANSACTION_CONFLICT',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
] as const;

export const vaultSet = operation({
  name: 'vault.set',
  summary: 'Encrypts a value and stores it; a new secret belongs to the caller.',
  input: shape.setInput,
  output: shape.setResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...CHANGE_ERRORS, 'VALUE_TOO_LARGE'],
  run: set,
});

export const vaultGet = operation({
  name: 'vault.get',
  summary: 'Returns the value of a secret to its owner, an admin or whom it was granted to.',
  input: shape.nameInput,
  output: shape.getResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: SECRET_ERRORS,
  run: get,
});

export const vaultDelete = operation({
  name: 'vault.delete',
  summary: 'Deletes a secret and its grants.',
  input: shape.nameInput,
  output: shape.deleteResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: CHANGE_ERRORS,
  run: remove,
});

export const vaultRotate = operation({
  name: 'vault.rotate',
  summary: 'Gives a secret that is there a new value.',
  input: shape.setInput,
  output: shape.rotateResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...CHANGE_ERRORS, 'VALUE_TOO_LARGE'],
  run: rotate,
});

export const vaultList = operation({
  name: 'vault.list',
  summary: 'Lists the names of the secrets that the caller may read.',
  input: shape.listInput,
  output: shape.listResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: VAULT_ERRORS,
  run: list,
});

export const vaultGrant = operation({
  name: 'vault.grant',
  summary: 'Lets an identity read a secret.',
  input: shape.grantInput,
  output: shape.grantResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...CHANGE_ERRORS, 'LIMIT_EXCEEDED'],
  run: grant,
});

export const vaultRevoke = operation({
  name: 'vault.revoke',
  summary: 'Takes back what was granted.',
  input: shape.grantInput,
  output: shape.grantResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: CHANGE_ERRORS,
  run: revoke,
});

export const vaultAudit = operation({
  name: 'vault.audit',
  summary: 'Lists who did what with secrets, newest first.',
  input: shape.auditInput,
  output: shape.auditResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: VAULT_ERRORS,
  run: audit,
});

export const vaultReseal = operation({
  name: 'vault.reseal',
  summary: 'Encrypts some of the secrets anew that an earlier key has encrypted.',
  input: shape.resealInput,
  output: shape.resealResult,
  access: 'admin',
  category: 'admin',
  streams: false,
  errors: CHANGE_ERRORS,
  run: reseal,
});

export const VAULT_OPERATIONS = [
  vaultSet,
  vaultGet,
  vaultDelete,
  vaultRotate,
  vaultList,
  vaultGrant,
  vaultRevoke,
  vaultAudit,
  vaultReseal,
] as const;
