/** Front door of the demo's parts: the data, the loads, the questions. */
export { type Cleaned, cleanAirlines, cleanAirports, cleanRoutes } from './clean.ts';
export { isGraphLoaded, LabelsTakenError, loadGraph } from './graph.ts';
export { GRAPH_QUESTIONS, type GraphQuestion } from './graph-queries.ts';
export { type DemoData, eachBounded, loadedTables, loadTables, TableTakenError } from './load.ts';
export { barLine, count, Progress } from './progress.ts';
export { type DemoQuery, QUERIES } from './queries.ts';
export { TABLE_COMMENT, TABLES } from './tables.ts';
