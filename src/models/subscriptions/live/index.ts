/** Front door of following tables live. */
export { tooSlow } from './follower.ts';
export { LivePumps, type Place } from './live-pumps.ts';
