/** Statements about the graph: each becomes Cypher, which the graph model runs. */
import { AGGREGATE_RUNNERS } from './aggregates.ts';
import { ALGORITHM_RUNNERS } from './algorithms.ts';
import { BATCH_RUNNERS } from './batches.ts';
import { CONSTRAINT_RUNNERS } from './constraints.ts';
import { EDGE_RUNNERS } from './edges.ts';
import { GRAPH_INDEX_RUNNERS } from './indexes.ts';
import { NEIGHBOR_RUNNERS } from './neighbors.ts';
import { NODE_RUNNERS } from './nodes.ts';
import { PATH_RUNNERS } from './paths.ts';

export { lookup } from './cypher.ts';
export { noNode } from './not-found.ts';
export { propertyText, propertyTexts } from './property-text.ts';

export const GRAPH_RUNNERS = {
  ...NODE_RUNNERS,
  ...EDGE_RUNNERS,
  ...NEIGHBOR_RUNNERS,
  ...PATH_RUNNERS,
  ...ALGORITHM_RUNNERS,
  ...CONSTRAINT_RUNNERS,
  ...GRAPH_INDEX_RUNNERS,
  ...AGGREGATE_RUNNERS,
  ...BATCH_RUNNERS,
};
