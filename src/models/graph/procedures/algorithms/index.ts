/** Front door of the algorithms: pure functions of arrays, which know neither Cypher nor PostgreSQL. */
export { betweenness } from './betweenness.ts';
export { strongComponents, weakComponents } from './components.ts';
export { labelPropagation } from './label-propagation.ts';
export { louvain } from './louvain.ts';
export { type Direction, type Links, type Network, networkOf } from './network.ts';
export { type Pace, paceOf } from './pace.ts';
export { pageRank } from './page-rank.ts';
export { triangles } from './triangles.ts';
export { weightedPaths } from './weighted-paths.ts';
