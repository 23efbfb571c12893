/** Front door of the algorithms: pure functions of arrays, which know neither Cypher nor PostgreSQL. */
export { betweenness } from './betweenness.ts';
export { closeness } from './closeness.ts';
export { strongComponents, weakComponents } from './components.ts';
export { eigenvector } from './eigenvector.ts';
export { labelPropagation, propagateLabels } from './label-propagation.ts';
export { leastPaths } from './least-paths.ts';
export { findCommunities, louvain } from './louvain.ts';
export { type Direction, type Links, type Network, networkOf } from './network.ts';
export { type Pace, paceOf } from './pace.ts';
export { pageRank, type Ranked, rankPages } from './page-rank.ts';
export { triangles } from './triangles.ts';
export { weightedPaths } from './weighted-paths.ts';
