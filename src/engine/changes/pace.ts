/** How long and how much the feed keeps. These are the limits of that name; tests have days pass in moments. */
import { LIMITS } from '../../base/index.ts';

export interface ChangePace {
  readonly changeIdleMs: number;
  readonly changeLookMs: number;
  readonly changeHistoryBytes: number;
  readonly changeTurnMsMax: number;
  readonly changeRowBytesMax: number;
  readonly changeTablesMax: number;
}

export const CHANGE_PACE: ChangePace = {
  changeIdleMs: LIMITS.changeIdleMs,
  changeLookMs: LIMITS.changeLookMs,
  changeHistoryBytes: LIMITS.changeHistoryBytes,
  changeTurnMsMax: LIMITS.changeTurnMsMax,
  changeRowBytesMax: LIMITS.changeRowBytesMax,
  changeTablesMax: LIMITS.changeTablesMax,
};
