/** Front door of restore points. */
export { withinPause, workClosed } from './pause.ts';
export { StoreRestorePoints } from './points.ts';
