/** FIND EDGE and FIND PATH: edges that pass a condition, of a path with what is known of their ends. */
import { Node, Relationship } from '../../../../cypher/index.ts';
import type { Field, Name, StatementOf } from '../../../../nql/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { CypherParameters, conditionCypher, cypherName } from '../condition-cypher.ts';
import { propertyTexts } from '../graph/index.ts';
import { chosen, type Found } from './found.ts';

type Find = StatementOf<'find'>;

const part = (name: Name | undefined): string => (name === undefined ? '' : `:${cypherName(name.text)}`);

/** `id`, `type` and `edge_type` are not properties, unless they stand in backticks. */
const edgeField = ({ name, isQuoted }: Field): string | undefined => {
  if (isQuoted) return undefined;
  const word = name.toLowerCase();
  return word === 'id' ? 'id(r)' : word === 'type' || word === 'edge_type' ? 'type(r)' : undefined;
};

/** `MATCH … WHERE …` over the edges `r` that pass. */
export function edgePattern({ target, condition }: Find): { text: string; parameters: CypherParameters } {
  const parameters = new CypherParameters();
  const where =
    condition === undefined ? '' : ` WHERE ${conditionCypher(condition, parameters, 'r', edgeField)}`;
  const [from, type, to] =
    target.what === 'path'
      ? [target.from, target.type, target.to]
      : [undefined, target.what === 'edge' ? target.type : undefined, undefined];
  return { text: `MATCH (a${part(from)})-[r${part(type)}]->(b${part(to)})${where}`, parameters };
}

/** By id. */
export async function findEdges(find: Find, call: StatementCall): Promise<readonly Found[]> {
  const { text, parameters } = edgePattern(find);
  const { rows } = await askCypher(
    call,
    `${text} WITH id(r) AS id ORDER BY id SKIP ${parameters.add(find.offset)} LIMIT ${parameters.add(find.limit)}
     MATCH (from)-[edge]->(to) WHERE id(edge) = id RETURN from, edge, to ORDER BY id`,
    parameters.values,
  );
  return rows.flatMap(([from, edge, to]) =>
    from instanceof Node && edge instanceof Relationship && to instanceof Node
      ? [found(find, from, edge, to)]
      : [],
  );
}

function found({ target, fields }: Find, from: Node, edge: Relationship, to: Node): Found {
  const id = String(edge.id);
  const ends: Record<string, string> = {
    from: String(edge.startId),
    to: String(edge.endId),
    type: edge.type,
    ...(target.what === 'path' ? { from_label: from.labels.join(':'), to_label: to.labels.join(':') } : {}),
  };
  const shown: Record<string, string> = { ...propertyTexts(edge.properties), ...ends };
  return { entityType: 'graph', key: id, fields: chosen({ id, ...shown }, fields, shown) };
}
