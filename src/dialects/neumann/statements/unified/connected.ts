/** What CONNECTED TO names: nodes, and what has an edge with them. */
import { FacetError, LIMITS } from '../../../../base/index.ts';
import type { NodeReference } from '../../../../nql/index.ts';
import { ENTITY_KEY, isKeyOf } from '../../entity-key.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { lookup, noNode } from '../graph/index.ts';

/** As the statement has it, for plans. */
export const referenceText = (reference: NodeReference): string =>
  reference.by === 'id' ? String(reference.id) : `'${reference.key}'`;

/** The identity of the node that is meant. @throws ENTITY_NOT_FOUND */
export async function nodeNamed(call: StatementCall, reference: NodeReference): Promise<bigint> {
  const { match, parameters } = lookup('n', reference);
  const { rows } = await askCypher(call, `${match} RETURN id(n)`, parameters);
  const id = rows[0]?.[0];
  if (typeof id !== 'bigint') throw noNode(reference);
  return id;
}

/** Identities of nodes with an edge to or from `id`; undefined when there are more than `most` edges. */
export async function neighboursOf(
  call: StatementCall,
  id: bigint,
  most: number,
): Promise<readonly bigint[] | undefined> {
  // Edges are counted and not their ends, so that a node with very many is known by the first of them.
  const { rows } = await askCypher(call, 'MATCH (c)--(n) WHERE id(c) = $id RETURN id(n) LIMIT $most', {
    id,
    most: most + 1,
  });
  return rows.length > most ? undefined : [...new Set(rows.map(([other]) => other as bigint))];
}

/**
 * Keys of the entities that have an edge with `id`.
 * @param label undefined: entities of all kinds
 * @throws LIMIT_EXCEEDED
 */
export async function neighbourKeys(
  call: StatementCall,
  id: bigint,
  label: string | undefined,
): Promise<readonly string[]> {
  const most = LIMITS.nqlFindCandidatesMax;
  const { rows } = await askCypher(
    call,
    `MATCH (c)--(n${label === undefined ? '' : `:${cypherName(label)}`})
     WHERE id(c) = $id AND n.${ENTITY_KEY} IS NOT NULL
     RETURN DISTINCT n.${ENTITY_KEY} AS key, labels(n) AS labels LIMIT $most`,
    { id, most: most + 1 },
  );
  if (rows.length > most) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The node has an edge with more than ${most} entities (nqlFindCandidatesMax)`,
    );
  }
  const keys = rows.flatMap(([key, labels]) => (isKeyOf(key, labels) ? [key] : []));
  return [...new Set(keys)];
}
