/** Front door of the demo's parts: the data, the loads, the questions. */
export type { Tell } from './batches.ts';
export { type Cleaned, cleanAirlines, cleanAirports, cleanRoutes } from './clean.ts';
export {
  areEmbeddingsStored,
  FIND,
  type Found,
  findNearest,
  kilometres,
  storeArtifact,
  storeEmbeddings,
} from './entities.ts';
export { type Followed, followEvents, ROOM } from './events.ts';
export { isGraphLoaded, LabelsTakenError, loadGraph } from './graph.ts';
export { GRAPH_QUESTIONS, type GraphQuestion } from './graph-queries.ts';
export { type Airport, airportKey, airportsByCode, areKeysStored, PLACES, storeKeys } from './keys.ts';
export { type DemoData, eachBounded, loadedTables, loadTables, TableTakenError } from './load.ts';
export { barLine, count, Progress } from './progress.ts';
export { type DemoQuery, QUERIES } from './queries.ts';
export { TABLE_COMMENT, TABLES } from './tables.ts';
export { type Drained, drainWork, QUEUE, type Work, workOf } from './work.ts';
