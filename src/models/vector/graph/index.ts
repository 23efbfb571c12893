/** Front door of the graphs: approximate search in a thread of its own. */
export { digestOf, digestOfFile, finishFile } from './durable-file.ts';
export type { GraphMetric, GraphScalar, GraphShape } from './messages.ts';
export { GraphThread } from './thread.ts';
