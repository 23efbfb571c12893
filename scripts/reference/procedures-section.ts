/** The part of docs/reference/cypher.md on procedures: what `dbms.procedures` lists, and what all of `algo` share. */
import { GRAPH_PROCEDURES, signatureOf } from '../../src/models/graph/procedures/index.ts';
import { table } from './markdown.ts';

const ALGORITHMS = `Procedures of \`algo\` compute on a part of the graph, which their argument describes; without one, on all of it.
A relationship belongs to the part if both of its ends do. The part is read as it is for the query, with what the query
has changed so far. Results have one row for each node, in the order of identities (\`shortestPath\`: for each that is
reached, nearest first; \`leastPaths\`: for each path), and are the same each time.

${table(
  ['Key', 'Default', 'What it does'],
  [
    ['`labels`', 'all nodes', 'Nodes with one of these labels: a string or a list'],
    ['`edge_types`', 'all relationships', 'Relationships of one of these types: a string or a list'],
    ['`direction`', 'see below', '`natural` (from start to end), `reverse` or `undirected`'],
    ['`weight`', 'each counts 1', 'The property of relationships that is their weight: zero or more'],
    [
      '`default_weight`',
      '`1`',
      'The weight of relationships that do not have the property; only beside `weight`',
    ],
  ],
)}

Components, triangles and Louvain look at relationships from both sides whatever the direction; strong components are the
same in both. Weights are for \`pageRank\`, \`labelPropagation\`, \`louvain\` and \`shortestPath\`. A key that a procedure does
not know is refused. \`node_id\` is \`elementId(node)\`.

\`\`\`cypher
CALL algo.pageRank({labels: ['Airport'], edge_types: ['ROUTE']}) YIELD node, score
RETURN node.name, score ORDER BY score DESC LIMIT 10
\`\`\``;

export function proceduresSection(): string {
  const listed = [...GRAPH_PROCEDURES.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const rows = listed.map((one) => {
    const [call = '', outputs = ''] = signatureOf(one).split(' :: (');
    return [`\`${call}\``, `\`${outputs.slice(0, -1)}\``, one.description];
  });
  return `${ALGORITHMS}\n\n${table(['Procedure', 'Rows', 'What it gives'], rows)}`;
}
