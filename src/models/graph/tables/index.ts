/** Front door of declared tables: their commands, the numbers of names, and functions that become parameters. */
export { define } from './define.ts';
export {
  type DefineInput,
  defineInput,
  type IdentifyResult,
  identifyInput,
  identifyResult,
  type UploadedFile,
  type UploadedFiles,
} from './define-schemas.ts';
export { type ExplicitText, explicitFunctions } from './explicit-functions.ts';
export { identify } from './identify.ts';
export { isTableCommand } from './is-table-command.ts';
export { replayTableCommand } from './run-table-command.ts';
