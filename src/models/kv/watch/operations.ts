/** What the key-value model can do for followers of keys. */
import { ENGINE_ERRORS } from '../../../engine/index.ts';
import { operation } from '../../operation.ts';
import * as schemas from './schemas.ts';
import { watch } from './watch.ts';

export const kvWatch = operation({
  name: 'kv.watch',
  summary: 'Follows keys by name or by what they begin with: tells every change of them.',
  input: schemas.watchInput,
  output: schemas.watchResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_PARAMETER', 'LIMIT_EXCEEDED', 'SUBSCRIBER_TOO_SLOW'],
  run: watch,
});

export const WATCH_OPERATIONS = [kvWatch] as const;
