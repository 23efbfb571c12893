/**
 * What an entity key is: one text by which a node, an embedding and a table's row belong together. The only place that
 * says so. Reads nothing.
 *
 * The node of a key has the label that the key begins with and the key as its property `entity_key`, so that an index
 * on that label and property finds it. Its embedding is the one of that key in the collection `default`. Its row is the
 * one whose table the key begins with and whose primary key it ends with.
 */
import { FacetError, LIMITS } from '../../base/index.ts';

/** The property of a graph node that holds its entity's key. A node without it belongs to no entity. */
export const ENTITY_KEY = 'entity_key';

/** The collection in which an entity's own embedding lies. Other collections may have the same keys. */
export const ENTITY_COLLECTION = 'default';

/** The label of a node whose key has nothing before a colon. */
const LABEL_DEFAULT = 'entity';

/** The label that the node of a key is made with: what stands before its first colon, else `entity`. */
export function entityLabel(key: string): string {
  const colon = key.indexOf(':');
  return colon > 0 ? key.slice(0, colon) : LABEL_DEFAULT;
}

/** Keys by the label of their nodes. */
export function byLabel(keys: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const key of keys) {
    const label = entityLabel(key);
    const group = found.get(label);
    if (group === undefined) found.set(label, [key]);
    else group.push(key);
  }
  return found;
}

/** The row that a key may belong to. */
export interface EntityRow {
  /** In the default schema, with exactly these letters. */
  readonly table: string;
  /** The text of its primary key, which has one column. */
  readonly id: string;
}

/** `ships:7` belongs to the row of `ships` whose primary key, as text, is 7; a key with no colon, or nothing on one side of the first, to none. */
export function entityRow(key: string): EntityRow | undefined {
  const colon = key.indexOf(':');
  if (colon <= 0 || colon === key.length - 1) return undefined;
  return { table: key.slice(0, colon), id: key.slice(colon + 1) };
}

/** The other way round: the entity key of a table's row. */
export const rowEntityKey = (row: EntityRow): string => `${row.table}:${row.id}`;

/** True when a node with these labels and this value of its property `entity_key` is the node of that key. */
export const isKeyOf = (key: unknown, labels: unknown): key is string =>
  typeof key === 'string' && Array.isArray(labels) && labels.includes(entityLabel(key));

/** @throws INVALID_PARAMETER for what no embedding could be stored under */
export function checkEntityKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > 0 && bytes <= LIMITS.embeddingKeyBytesMax && !/[\0\p{Surrogate}]/u.test(key)) return;
  throw new FacetError(
    'INVALID_PARAMETER',
    `The key of an entity has 1 to ${LIMITS.embeddingKeyBytesMax} bytes of UTF-8 (embeddingKeyBytesMax)`,
  );
}
