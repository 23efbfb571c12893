/** Front door of following keys. */
export type { KeyChange, KeyEvent } from './change.ts';
export { kvWatch, WATCH_OPERATIONS } from './operations.ts';
