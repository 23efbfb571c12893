/** ENTITY: node, embedding and row of one key, read and written together. */
import { FacetError } from '../../../../base/index.ts';
import { Node } from '../../../../cypher/index.ts';
import { embeddingDelete, embeddingGet, embeddingStore } from '../../../../models/index.ts';
import type { EntityContent, Properties, StatementOf, Value } from '../../../../nql/index.ts';
import { checkEntityKey, ENTITY_COLLECTION, ENTITY_KEY, entityRow } from '../../entity-key.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { ask, askCypher, askSql, inSnapshot, together } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { indexKeys } from '../entity-index.ts';
import { propertyText } from '../graph/index.ts';
import { jsonOf, vectorText } from '../values.ts';
import { ensureNodes, holdKeys, mergeNode, nodesOf, oneNode, writeNodes } from './entity-nodes.ts';
import { entityTable, keyAmong, sqlParameter } from './tables.ts';

export const ENTITY_RUNNERS: Runners<
  'entity-create' | 'entity-get' | 'entity-update' | 'entity-delete' | 'entity-connect' | 'entity-batch'
> = {
  'entity-create': { answers: () => 'value', run: create },
  'entity-get': { answers: () => 'unified', run: get },
  'entity-update': { answers: () => 'value', run: update },
  'entity-delete': { answers: () => 'value', run: remove },
  'entity-connect': { answers: () => 'value', run: connect },
  'entity-batch': { answers: () => 'batchOperation', run: createAll },
};

/** The field of an answer that has the embedding. */
const EMBEDDING_FIELD = '_embedding';

const done = (what: string): Result => ({ case: 'value', value: { value: what } });

async function create(statement: StatementOf<'entity-create'>, call: StatementCall): Promise<Result> {
  await writeAll([statement], call);
  return done(`Entity '${statement.key.text}' created`);
}

async function createAll({ entities }: StatementOf<'entity-batch'>, call: StatementCall): Promise<Result> {
  await writeAll(entities, call);
  const value = { operation: 'ENTITY CREATE', affectedCount: BigInt(entities.length), createdIds: [] };
  return { case: 'batchOperation', value };
}

/** Of entities with the same key the last one counts. */
async function writeAll(entities: readonly EntityContent[], call: StatementCall): Promise<void> {
  if (entities.length === 0) return;
  const nodes = new Map<string, Properties>();
  for (const { key, properties } of entities) {
    checkProperties(key.text, properties);
    nodes.set(key.text, properties);
  }
  const keys = [...nodes.keys()];
  await indexKeys(call, keys);
  await together(call, async (inside) => {
    await holdKeys(inside, keys);
    await writeNodes(inside, nodes);
    await storeEmbeddings(entities, inside);
  });
}

/** @throws INVALID_PARAMETER */
function checkProperties(key: string, properties: Properties): void {
  checkEntityKey(key);
  if (!properties.has(ENTITY_KEY)) return;
  throw new FacetError('INVALID_PARAMETER', `'${ENTITY_KEY}' is the key of an entity and no other property`);
}

async function storeEmbeddings(entities: readonly EntityContent[], call: StatementCall): Promise<void> {
  const points = entities.flatMap(({ key, embedding }) =>
    embedding === undefined ? [] : [{ key: key.text, vector: [...embedding.components] }],
  );
  if (points.length > 0) await ask(call, embeddingStore, { collection: ENTITY_COLLECTION, points });
}

/** @throws ENTITY_NOT_FOUND */
async function update(statement: StatementOf<'entity-update'>, call: StatementCall): Promise<Result> {
  const { properties } = statement;
  const key = statement.key.text;
  checkProperties(key, properties);
  await indexKeys(call, [key]);
  await together(call, async (inside) => {
    await holdKeys(inside, [key]);
    if ((await read(inside, key)) === undefined) throw noEntity(key);
    if (properties.size > 0) await mergeNode(inside, key, properties);
    await storeEmbeddings([statement], inside);
  });
  return done(`Entity '${key}' updated`);
}

/** @throws ENTITY_NOT_FOUND */
async function get({ key: { text: key } }: StatementOf<'entity-get'>, call: StatementCall): Promise<Result> {
  checkEntityKey(key);
  const fields = await inSnapshot(call, async (inside) => await read(inside, key));
  if (fields === undefined) throw noEntity(key);
  const items = [{ entityType: 'unified', key, fields }];
  return { case: 'unified', value: { description: `Entity: ${key}`, items } };
}

const noEntity = (key: string): FacetError => new FacetError('ENTITY_NOT_FOUND', `Entity not found: ${key}`);

/** The fields of an entity: columns, over them properties, and the embedding. Undefined when there is none of the three. */
async function read(call: StatementCall, key: string): Promise<Record<string, string> | undefined> {
  const { rows } = await askCypher(call, oneNode(key), { key });
  const node = rows[0]?.[0];
  const asked = { collection: ENTITY_COLLECTION, keys: [key], withVector: true };
  const { embeddings } = await ask(call, embeddingGet, asked);
  const columns = await columnsOf(call, key);
  if (!(node instanceof Node) && embeddings.length === 0 && columns === undefined) return undefined;
  const fields: Record<string, string> = { ...columns };
  if (node instanceof Node) {
    for (const [name, value] of node.properties) if (name !== ENTITY_KEY) fields[name] = propertyText(value);
  }
  const [embedding] = embeddings;
  if (embedding !== undefined) fields[EMBEDDING_FIELD] = vectorText(embedding.vector ?? []);
  return fields;
}

/** Columns of the key's row that are not null, as PostgreSQL writes them; undefined without a row. */
async function columnsOf(call: StatementCall, key: string): Promise<Record<string, string> | undefined> {
  const row = entityRow(key);
  const table = row === undefined ? undefined : await entityTable(call, row.table);
  if (row === undefined || table?.primaryKey === undefined) return undefined;
  const parameters: Value[] = [];
  const test = keyAmong(table.primaryKey, [row.id], parameters);
  const { columns, rows } = await askSql(
    call,
    `SELECT * FROM ${table.sql} WHERE ${test}`,
    parameters.map(sqlParameter),
  );
  const [cells] = rows;
  if (cells === undefined) return undefined;
  return Object.fromEntries(
    columns.flatMap(({ name }, at) => {
      const cell = cells[at];
      return typeof cell === 'string' ? [[name, cell]] : [];
    }),
  );
}

/** @throws ENTITY_NOT_FOUND */
async function remove(
  { key: { text: key } }: StatementOf<'entity-delete'>,
  call: StatementCall,
): Promise<Result> {
  checkEntityKey(key);
  await together(call, async (inside) => {
    await holdKeys(inside, [key]);
    const id = (await nodesOf(inside, [key])).get(key);
    if (id !== undefined) await askCypher(inside, 'MATCH (n) WHERE id(n) = $id DETACH DELETE n', { id });
    const asked = { collection: ENTITY_COLLECTION, keys: [key] };
    const { deleted } = await ask(inside, embeddingDelete, asked);
    if (id === undefined && deleted === 0) throw noEntity(key);
  });
  return done(`Entity '${key}' deleted`);
}

async function connect(
  { from, to, type, properties }: StatementOf<'entity-connect'>,
  call: StatementCall,
): Promise<Result> {
  const keys = [...new Set([from.text, to.text])];
  for (const key of keys) checkEntityKey(key);
  await indexKeys(call, keys);
  const edge = await together(call, async (inside) => {
    await holdKeys(inside, keys);
    const ids = await ensureNodes(inside, keys);
    const { rows } = await askCypher(
      inside,
      `MATCH (a), (b) WHERE id(a) = $from AND id(b) = $to
       CREATE (a)-[r:${cypherName(type.text)}]->(b) SET r = $props RETURN id(r)`,
      {
        from: ids.get(from.text),
        to: ids.get(to.text),
        props: Object.fromEntries([...properties].map(([name, value]) => [name, jsonOf(value)])),
      },
    );
    return rows[0]?.[0];
  });
  return done(`Connected '${from.text}' -> '${to.text}' with edge 'edge:${type.text}:${String(edge)}'`);
}
