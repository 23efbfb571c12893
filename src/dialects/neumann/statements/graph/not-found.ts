/** What statements say of nodes and edges that are not there. */
import { FacetError } from '../../../../base/index.ts';
import type { EdgeId, NodeReference } from '../../../../nql/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { lookup, referenceText } from './cypher.ts';

export const noNode = (reference: NodeReference): FacetError =>
  new FacetError('ENTITY_NOT_FOUND', `Node not found: ${referenceText(reference)}`);

export const noEdge = ({ id }: EdgeId): FacetError =>
  new FacetError('ENTITY_NOT_FOUND', `Edge not found: ${id}`);

/** The first of two nodes that is not there; after a statement has found less than both. */
export async function missingOf(
  call: StatementCall,
  references: readonly [NodeReference, NodeReference],
): Promise<FacetError> {
  const [first, last] = references;
  const { match, parameters } = lookup('n', first);
  const { rows } = await askCypher(call, `${match} RETURN id(n)`, parameters);
  return noNode(rows.length === 0 ? first : last);
}
