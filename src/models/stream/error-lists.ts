/** Codes that whole families of operations on rooms and topics can fail with. */
import { ENGINE_ERRORS } from '../../engine/index.ts';

/** Of what names something and may write. */
export const NAME_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_PARAMETER',
  'LOCK_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
] as const;
/** Of what reads events of a room. */
export const READ_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_PARAMETER',
  'ROOM_NOT_FOUND',
  'OFFSET_OUT_OF_RANGE',
] as const;
