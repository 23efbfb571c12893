/** The nodes of entities: found by their keys, made and changed so that no key gets two of them. */
import type { Properties } from '../../../../nql/index.ts';
import { byLabel, ENTITY_KEY, entityLabel } from '../../entity-key.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askCypher, askSql } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { jsonOf } from '../values.ts';

/** Groups of keys: those of one group are written one after the other, and a batch holds no more locks than this. */
const LOCKS = 256;
/** Told apart from the locks that others take by two numbers. */
const LOCK_CLASS = 1_312_903_241;

/**
 * Until the end of the transaction no other ENTITY statement makes nodes of these keys. Comes before the first look at
 * them; the order is the same for everybody, so that nobody waits in a circle.
 */
export async function holdKeys(call: StatementCall, keys: readonly string[]): Promise<void> {
  await askSql(
    call,
    `SELECT pg_catalog.pg_advisory_xact_lock(${LOCK_CLASS}, place) FROM (
       SELECT DISTINCT abs(pg_catalog.hashtextextended(key, 0) % ${LOCKS})::int AS place
       FROM unnest($1::text[]) AS given (key) ORDER BY place OFFSET 0
     ) AS places`,
    [keys],
  );
}

/**
 * Keys that one query looks up. PostgreSQL compares each that it finds with all that it was asked for: so many take some
 * 20 ms, four times as many 300.
 */
const KEYS_AT_ONCE = 250;

/** Keys with the label of their nodes, as many as are looked up together. */
export function* lookups(
  keys: Iterable<string>,
): Generator<{ readonly label: string; readonly some: readonly string[] }> {
  for (const [label, all] of byLabel(keys)) {
    for (let from = 0; from < all.length; from += KEYS_AT_ONCE) {
      yield { label, some: all.slice(from, from + KEYS_AT_ONCE) };
    }
  }
}

/** The node of each key that has one; the first when there are several. */
export async function nodesOf(
  call: StatementCall,
  keys: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const found = new Map<string, bigint>();
  for (const { label, some } of lookups(keys)) {
    const { rows } = await askCypher(
      call,
      `MATCH (n:${cypherName(label)}) WHERE n.${ENTITY_KEY} IN $keys
       RETURN n.${ENTITY_KEY}, id(n) AS id ORDER BY id DESC`,
      { keys: some },
    );
    for (const [key, id] of rows) found.set(key as string, id as bigint);
  }
  return found;
}

/** Makes the nodes that are not there; of the others all properties are replaced. */
export async function writeNodes(
  call: StatementCall,
  entities: ReadonlyMap<string, Properties>,
): Promise<void> {
  const there = await nodesOf(call, [...entities.keys()]);
  const changed = [...there].map(([key, id]) => ({ id, props: propertiesOf(key, entities.get(key)) }));
  if (changed.length > 0) {
    await askCypher(call, 'UNWIND $changed AS one MATCH (n) WHERE id(n) = one.id SET n = one.props', {
      changed,
    });
  }
  await createNodes(call, new Map([...entities].filter(([key]) => !there.has(key))));
}

/** Merges properties into nodes that are there, and makes the one that is not. */
export async function mergeNode(call: StatementCall, key: string, properties: Properties): Promise<void> {
  const id = (await nodesOf(call, [key])).get(key);
  if (id === undefined) return await createNodes(call, new Map([[key, properties]]));
  await askCypher(call, 'MATCH (n) WHERE id(n) = $id SET n += $props', {
    id,
    props: propertiesOf(key, properties),
  });
}

/** Of keys that have none. */
async function createNodes(call: StatementCall, entities: ReadonlyMap<string, Properties>): Promise<void> {
  for (const [label, keys] of byLabel(entities.keys())) {
    const made = keys.map((key) => propertiesOf(key, entities.get(key)));
    await askCypher(call, `UNWIND $made AS props CREATE (n:${cypherName(label)}) SET n = props`, { made });
  }
}

/** The nodes of all keys; those that are not there are made. */
export async function ensureNodes(
  call: StatementCall,
  keys: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const there = await nodesOf(call, keys);
  const missing = keys.filter((key) => !there.has(key));
  if (missing.length === 0) return there;
  await createNodes(call, new Map(missing.map((key) => [key, new Map()])));
  return await nodesOf(call, keys);
}

const propertiesOf = (key: string, properties: Properties = new Map()): Record<string, unknown> => ({
  ...Object.fromEntries([...properties].map(([name, value]) => [name, jsonOf(value)])),
  [ENTITY_KEY]: key,
});

/** A query with the parameter `key`: the node of that key; the first when there are several. */
export const oneNode = (key: string): string =>
  `MATCH (n:${cypherName(entityLabel(key))}) WHERE n.${ENTITY_KEY} = $key RETURN n ORDER BY id(n) LIMIT 1`;
