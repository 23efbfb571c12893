/** Codes that whole families of key-value commands can fail with. */
import { ENGINE_ERRORS } from '../../engine/index.ts';

export const WRITE_ERRORS = [
  ...ENGINE_ERRORS,
  'LOCK_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
] as const;
/** Of commands that name keys. */
export const KEY_ERRORS = [...WRITE_ERRORS, 'INVALID_PARAMETER', 'LIMIT_EXCEEDED'] as const;
