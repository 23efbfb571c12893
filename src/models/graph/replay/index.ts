/** Front door of replaying: entries of a journal -> the graph that they made. */
export { type Applied, type ApplyOptions, type ApplyProgress, applyEntries } from './apply.ts';
