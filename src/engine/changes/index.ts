/** Front door of the change feed. What it offers is in ../change-contract.ts. */
export { NamespaceChanges } from './feed.ts';
export { lsnText, parseLsn } from './lsn.ts';
export { CHANGE_PACE, type ChangePace } from './pace.ts';
export { retireSlot, slotNameOf } from './slot.ts';
export { chooseSource } from './source-choice.ts';
export { STANDBY_FEED } from './standby-feed.ts';
export { retireTriggers } from './triggers/index.ts';
