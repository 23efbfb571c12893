/** Front door of the change feed by triggers, for servers without logical decoding. */
export { Outbox } from './outbox.ts';
export { retireTriggers } from './retire.ts';
export { TriggerSource } from './trigger-source.ts';
export { TriggerWatcher } from './trigger-watcher.ts';
