/** The catalog of the graph in PostgreSQL, as one query sees it. */
import type { Adjacency, Connection, GraphCatalog, Node, Projection } from '../../cypher/index.ts';
import { arrayLiteral, type Database, type RunOptions, type Statement } from '../../engine/index.ts';
import { readAdjacency } from './adjacency-reader.ts';
import { ALL_CONNECTIONS, ALL_KEYS, ALL_LABELS, ALL_TYPES } from './catalog-statements.ts';
import { deadlineOf } from './deadline.ts';
import type { EntityTable } from './entity-table.ts';
import { decodeKey } from './property-json.ts';
import { LOAD_NODES } from './statements.ts';

/** Nodes loaded by one statement: some MB unless their properties are large, and few enough then, too. */
const NODES_PER_LOAD = 5_000;

export class PostgresCatalog implements GraphCatalog {
  readonly #database: Database;
  readonly #options: RunOptions;
  readonly #entities: EntityTable;
  readonly #checkpoint: () => void;

  constructor(database: Database, options: RunOptions, entities: EntityTable) {
    this.#database = database;
    this.#options = options;
    this.#entities = entities;
    this.#checkpoint = deadlineOf(options);
  }

  labels(): Promise<readonly string[]> {
    return this.#names(ALL_LABELS);
  }

  relationshipTypes(): Promise<readonly string[]> {
    return this.#names(ALL_TYPES);
  }

  /** Sorted here: as stored, some begin with a mark. */
  async propertyKeys(): Promise<readonly string[]> {
    const keys = (await this.#names(ALL_KEYS)).map(decodeKey);
    return keys
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
      .map(({ key }) => key);
  }

  async connections(): Promise<readonly Connection[]> {
    const { rows } = await this.#database.run(ALL_CONNECTIONS, [], this.#options);
    return rows.map(([from, type, to, relationships]) => ({
      from: from ?? '',
      type: type ?? '',
      to: to ?? '',
      relationships: BigInt(relationships ?? '0'),
    }));
  }

  adjacency(projection: Projection): Promise<Adjacency> {
    return readAdjacency(this.#database, this.#options, projection, this.#checkpoint);
  }

  async nodes(ids: readonly bigint[]): Promise<readonly (Node | undefined)[]> {
    const missing = [...new Set(ids)].filter((id) => !this.#entities.nodes.has(id));
    for (let from = 0; from < missing.length; from += NODES_PER_LOAD) {
      this.#checkpoint();
      const part = arrayLiteral(missing.slice(from, from + NODES_PER_LOAD).map(String));
      const { rows } = await this.#database.run(LOAD_NODES, [part], this.#options);
      for (const [id, labels, properties] of rows)
        this.#entities.node(id ?? '', labels ?? '[]', properties ?? '{}');
    }
    return ids.map((id) => this.#entities.nodes.get(id));
  }

  async #names(text: Statement): Promise<readonly string[]> {
    const { rows } = await this.#database.run(text, [], this.#options);
    return rows.map(([name]) => name ?? '');
  }
}
