/** The catalog of the graph in PostgreSQL, as one query sees it. */
import type { Adjacency, Connection, GraphCatalog, Node, Projection } from '../../cypher/index.ts';
import { arrayLiteral, type Database, type RunOptions, type Statement } from '../../engine/index.ts';
import { readAdjacency } from './adjacency-reader.ts';
import { ALL_CONNECTIONS, ALL_KEYS, ALL_LABELS, ALL_TYPES } from './catalog-statements.ts';
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
  /** The part that was read last: a CALL behind several rows asks for the same one again and again. */
  #last: { readonly projection: string; readonly adjacency: Promise<Adjacency> } | undefined = undefined;

  constructor(database: Database, options: RunOptions, entities: EntityTable, checkpoint: () => void) {
    this.#database = database;
    this.#options = options;
    this.#entities = entities;
    this.#checkpoint = checkpoint;
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
    const key = JSON.stringify([projection.labels, projection.types, projection.weight]);
    if (this.#last?.projection === key) return this.#last.adjacency;
    const adjacency = readAdjacency(this.#database, this.#options, projection, this.#checkpoint);
    this.#last = { projection: key, adjacency };
    return adjacency;
  }

  /** After the query has changed something. */
  forget(): void {
    this.#last = undefined;
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
