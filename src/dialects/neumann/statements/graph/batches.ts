/**
 * BATCH: many nodes or edges at once, all or none. What has the same labels, or the same type, is one part of one query,
 * so that there are as many statements as there are kinds of items, whatever the number of items.
 */
import { asFacetError, FacetError } from '../../../../base/index.ts';
import type { NodeReference, StatementOf } from '../../../../nql/index.ts';
import { byLabel, ENTITY_KEY } from '../../entity-key.ts';
import type { PlainResult } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { askCypher, together } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { indexKeys } from '../entity-index.ts';
import { itemError, namingItem } from './batch-errors.ts';
import { entityKeyIn, keysIn, labelsCypher, type Parameters, propertiesOf, referenceText } from './cypher.ts';

/** Parts of one query. With more kinds of items than that, several queries run in one transaction. */
const PARTS_MAX = 100;

interface Part {
  /** Works on `row`, an item with its place `row.i`; returns `i` and `id`. */
  readonly clauses: string;
  readonly rows: Parameters[];
}

const result = (operation: string, affected: number, createdIds: bigint[] = []): PlainResult => ({
  case: 'batchOperation',
  value: { operation, affectedCount: BigInt(affected), createdIds },
});

/** Items that are made by the same clauses, together. */
function partsOf<Item>(
  items: readonly Item[],
  clausesOf: (item: Item) => string,
  rowOf: (item: Item) => Parameters,
): Part[] {
  const parts = new Map<string, Part>();
  for (const [i, item] of items.entries()) {
    const clauses = clausesOf(item);
    const part = parts.get(clauses) ?? { clauses, rows: [] };
    if (part.rows.push({ i, ...rowOf(item) }) === 1) parts.set(clauses, part);
  }
  return [...parts.values()];
}

/** Ids by the places of the items. */
async function make(call: StatementCall, parts: readonly Part[], count: number): Promise<bigint[]> {
  const ids: bigint[] = new Array(count).fill(0n);
  const run = async (inside: StatementCall, some: readonly Part[]): Promise<void> => {
    const texts = some.map(({ clauses }, at) => `UNWIND $p${at} AS row ${clauses}`);
    const params = Object.fromEntries(some.map(({ rows }, at) => [`p${at}`, rows]));
    for (const [i, id] of (await askCypher(inside, texts.join(' UNION ALL '), params)).rows) {
      if (typeof i === 'bigint' && typeof id === 'bigint') ids[Number(i)] = id;
    }
  };
  if (parts.length === 0) return ids;
  if (parts.length <= PARTS_MAX) await run(call, parts);
  else {
    await together(call, async (inside) => {
      for (let at = 0; at < parts.length; at += PARTS_MAX) await run(inside, parts.slice(at, at + PARTS_MAX));
    });
  }
  return ids;
}

type NewNodes = StatementOf<'batch-create-nodes'>['nodes'];
type NewEdges = StatementOf<'batch-create-edges'>['edges'];
type Updates = StatementOf<'batch-update-nodes'>['nodes'];

const makeNodes = (call: StatementCall, nodes: NewNodes): Promise<bigint[]> => {
  const parts = partsOf(
    nodes,
    ({ labels }) => `CREATE (n${labelsCypher(labels)}) SET n = row.p RETURN row.i AS i, id(n) AS id`,
    ({ properties }) => ({ p: propertiesOf(properties) }),
  );
  return make(call, parts, nodes.length);
};

/** Ids of nodes by the keys that stand for them; keys of no node are left out. */
async function idsByKey(
  call: StatementCall,
  references: readonly NodeReference[],
): Promise<ReadonlyMap<string, bigint>> {
  const found = new Map<string, bigint>();
  const groups = [...byLabel(new Set(keysIn(references)))];
  for (let at = 0; at < groups.length; at += PARTS_MAX) {
    const some = groups.slice(at, at + PARTS_MAX);
    const texts = some.map(
      ([label], place) =>
        `MATCH (n:${cypherName(label)}) WHERE n.${ENTITY_KEY} IN $k${place} ` +
        `RETURN n.${ENTITY_KEY} AS key, min(id(n)) AS id`,
    );
    const params = Object.fromEntries(some.map(([, keys], place) => [`k${place}`, keys]));
    const { rows } = await askCypher(call, texts.join(' UNION ALL '), params);
    for (const [key, id] of rows) found.set(key as string, id as bigint);
  }
  return found;
}

/** Runs `work` with the ids that the references mean, in one transaction where they must be asked for first. */
async function withIds<T>(
  call: StatementCall,
  references: readonly NodeReference[],
  work: (inside: StatementCall, idOf: (reference: NodeReference) => bigint | undefined) => Promise<T>,
): Promise<T> {
  if (references.every(({ by }) => by === 'id')) {
    return await work(call, (one) => (one.by === 'id' ? one.id : undefined));
  }
  return await together(call, async (inside) => {
    const ids = await idsByKey(inside, references);
    return await work(inside, (one) => (one.by === 'id' ? one.id : ids.get(one.key)));
  });
}

/** The place of the first item of which a node is not there, and which one. */
async function firstMissing(
  call: StatementCall,
  items: readonly (readonly NodeReference[])[],
): Promise<FacetError | undefined> {
  const references = items.flat();
  const byKey = await idsByKey(call, references);
  const ids = [...new Set(references.flatMap((one) => (one.by === 'id' ? [one.id] : [])))];
  const { rows } = await askCypher(call, 'MATCH (n) WHERE id(n) IN $ids RETURN id(n)', { ids });
  const known = new Set(rows.map(([id]) => id));
  for (const [place, wanted] of items.entries()) {
    const missing = wanted.find((one) => (one.by === 'id' ? !known.has(one.id) : !byKey.has(one.key)));
    if (missing !== undefined) {
      const what = `Node not found: ${referenceText(missing)}`;
      return itemError(place, new FacetError('ENTITY_NOT_FOUND', what));
    }
  }
  return undefined;
}

const endsOf = ({ from, to }: NewEdges[number]): readonly NodeReference[] => [from, to];

async function makeEdges(call: StatementCall, edges: NewEdges): Promise<bigint[]> {
  try {
    return await withIds(call, edges.flatMap(endsOf), async (inside, idOf) => {
      // An end that is not there is null, with which no edge is made: nothing is, then.
      const parts = partsOf(
        edges,
        ({ type }) =>
          'OPTIONAL MATCH (a) WHERE id(a) = row.a OPTIONAL MATCH (b) WHERE id(b) = row.b ' +
          `CREATE (a)-[e:${cypherName(type.text)}]->(b) SET e = row.p RETURN row.i AS i, id(e) AS id`,
        ({ from, to, properties }) => ({ a: idOf(from), b: idOf(to), p: propertiesOf(properties) }),
      );
      return await make(inside, parts, edges.length);
    });
  } catch (thrown) {
    if (asFacetError(thrown).code !== 'CYPHER_TYPE_ERROR') throw thrown;
    throw (await firstMissing(call, edges.map(endsOf))) ?? thrown;
  }
}

async function updateNodes(call: StatementCall, nodes: Updates): Promise<void> {
  const references = nodes.map(({ node }) => node);
  const changed = await withIds(call, references, async (inside, idOf) => {
    const items = nodes.map(({ node, properties }) => ({ id: idOf(node), p: propertiesOf(properties) }));
    // One that is not there leaves nothing to be changed.
    const query =
      'UNWIND $items AS item OPTIONAL MATCH (n) WHERE id(n) = item.id ' +
      'WITH collect({n: n, p: item.p}) AS found ' +
      'UNWIND CASE WHEN any(one IN found WHERE one.n IS NULL) THEN [] ELSE found END AS one ' +
      'WITH one.n AS n, one.p AS p SET n += p RETURN count(*)';
    const { rows } = await askCypher(inside, query, { items });
    return rows[0]?.[0] === BigInt(nodes.length);
  });
  if (changed || nodes.length === 0) return;
  throw (
    (await firstMissing(
      call,
      references.map((one) => [one]),
    )) ??
    new FacetError('TRANSACTION_CONFLICT', 'A node of the batch was made while the batch looked for it', {
      hint: 'Nothing was changed. Run it again.',
    })
  );
}

async function deleteNodes(call: StatementCall, nodes: readonly NodeReference[]): Promise<number> {
  return await withIds(call, nodes, async (inside, idOf) => {
    const ids = nodes.flatMap((one) => idOf(one) ?? []);
    const { counters } = await askCypher(inside, 'MATCH (n) WHERE id(n) IN $ids DETACH DELETE n', { ids });
    return counters.nodesDeleted;
  });
}

export const BATCH_RUNNERS: Runners<
  | 'batch-create-nodes'
  | 'batch-create-edges'
  | 'batch-update-nodes'
  | 'batch-delete-nodes'
  | 'batch-delete-edges'
> = {
  'batch-create-nodes': {
    answers: () => 'batchOperation',
    run: async ({ nodes }, call) => {
      const ids = await namingItem(call, nodes, makeNodes);
      await indexKeys(
        call,
        nodes.flatMap(({ properties }) => entityKeyIn(properties)),
      );
      return result('CREATE_NODES', ids.length, ids);
    },
  },

  'batch-create-edges': {
    answers: () => 'batchOperation',
    run: async ({ edges }, call) => {
      const ids = await namingItem(call, edges, makeEdges);
      await indexKeys(call, keysIn(edges.flatMap(endsOf)));
      return result('CREATE_EDGES', ids.length, ids);
    },
  },

  'batch-update-nodes': {
    answers: () => 'batchOperation',
    run: async ({ nodes }, call) => {
      await namingItem(call, nodes, updateNodes);
      await indexKeys(
        call,
        nodes.flatMap(({ properties }) => entityKeyIn(properties)),
      );
      return result('UPDATE_NODES', nodes.length);
    },
  },

  'batch-delete-nodes': {
    answers: () => 'batchOperation',
    run: async ({ nodes }, call) => result('DELETE_NODES', await deleteNodes(call, nodes)),
  },

  'batch-delete-edges': {
    answers: () => 'batchOperation',
    run: async ({ edges }, call) => {
      const ids = edges.map(({ id }) => id);
      const query = 'MATCH ()-[e]->() WHERE id(e) IN $ids DELETE e';
      const { counters } = await askCypher(call, query, { ids });
      return result('DELETE_EDGES', counters.relationshipsDeleted);
    },
  },
};
