/** Parts of the Cypher texts that graph statements become: labels, maps of properties, and how one node is found. */
import type { Name, NodeReference, Properties } from '../../../../nql/index.ts';
import { ENTITY_KEY, entityLabel } from '../../entity-key.ts';
import { cypherName } from '../condition-cypher.ts';
import { jsonOf } from '../values.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** `:a:b`; nothing for none. */
export const labelsCypher = (labels: readonly (Name | undefined)[]): string =>
  labels.map((label) => (label === undefined ? '' : `:${cypherName(label.text)}`)).join('');

/** As the value of one parameter. */
export const propertiesOf = (properties: Properties): Parameters =>
  Object.fromEntries([...properties].map(([key, value]) => [key, jsonOf(value)]));

/** The entity key that properties hold, if they do. */
export function entityKeyIn(properties: Properties): readonly string[] {
  const key = properties.get(ENTITY_KEY);
  return typeof key === 'string' ? [key] : [];
}

/** Keys of the references that are such. */
export const keysIn = (references: readonly NodeReference[]): readonly string[] =>
  references.flatMap((one) => (one.by === 'key' ? [one.key] : []));

export interface NodeLookup {
  /** Clauses behind which the variable is the node that a reference means; no row when there is none. */
  readonly match: string;
  readonly parameters: Parameters;
}

/**
 * @param variable also the parameter's name
 * @param before other variables that stay in scope
 */
export function lookup(
  variable: string,
  reference: NodeReference,
  before: readonly string[] = [],
): NodeLookup {
  if (reference.by === 'id') {
    return {
      match: `MATCH (${variable}) WHERE id(${variable}) = $${variable}`,
      parameters: { [variable]: reference.id },
    };
  }
  // Properties are anybody's to set: should two nodes have the same key, it is that of the older one.
  const oldest = `WITH ${[...before, variable].join(', ')} ORDER BY id(${variable}) LIMIT 1`;
  return {
    match: `MATCH (${variable}:${cypherName(entityLabel(reference.key))} {${ENTITY_KEY}: $${variable}}) ${oldest}`,
    parameters: { [variable]: reference.key },
  };
}

/** As it is shown in messages. */
export const referenceText = (reference: NodeReference): string =>
  reference.by === 'id' ? String(reference.id) : reference.key;
