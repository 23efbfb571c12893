/** What can be asked about plans. Enforcing them is not an operation: the gate does it with Usage. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { quota } from './quota.ts';
import { noInput, quotaResult } from './schemas.ts';

export const hubQuota = operation({
  name: 'hub.quota',
  summary: "Returns the caller's plan and what is used of it.",
  input: noInput,
  output: quotaResult,
  access: 'read',
  category: 'default',
  streams: false,
  unmetered: true,
  errors: [...ENGINE_ERRORS, 'OBJECT_NOT_FOUND', 'HUB_UNAVAILABLE'],
  run: quota,
});

export const QUOTA_OPERATIONS = [hubQuota] as const;
