/** One query on the graph in PostgreSQL, within one transaction. */
import { assert } from '../../base/index.ts';
import {
  CypherError,
  type GraphSession,
  type MapValue,
  type Matched,
  type MatchPlan,
  Node,
  type QueryContext,
  Relationship,
  type Row,
} from '../../cypher/index.ts';
import { arrayLiteral, type Database, type RunOptions } from '../../engine/index.ts';
import { Changes } from './changes.ts';
import { EntityTable } from './entity-table.ts';
import { idsFor } from './identities.ts';
import { SqlMatcher } from './matcher/sql-matcher.ts';
import { PostgresCatalog } from './postgres-catalog.ts';
import { RELATIONSHIPS_OF, STILL_CONNECTED } from './statements.ts';

export class PostgresSession implements GraphSession {
  readonly catalog: PostgresCatalog;
  readonly #database: Database;
  readonly #options: RunOptions;
  readonly #entities = new EntityTable();
  readonly #matcher: SqlMatcher;
  readonly #changes = new Changes();
  readonly #deletedNodes: Node[] = [];
  #ids: bigint[] = [];

  /** @param streams see SqlMatcher */
  constructor(database: Database, options: RunOptions, streams = false) {
    this.#database = database;
    this.#options = options;
    this.catalog = new PostgresCatalog(database, options, this.#entities);
    this.#matcher = new SqlMatcher(database, options, this.#entities, streams);
  }

  match(plan: MatchPlan, rows: readonly Row[], context: QueryContext): AsyncIterable<readonly Matched[]> {
    return this.#matcher.match(plan, rows, context);
  }

  count(
    plan: MatchPlan,
    row: Row,
    distinctSlot: number | undefined,
    context: QueryContext,
  ): Promise<bigint | undefined> {
    return this.#matcher.count(plan, row, distinctSlot, context);
  }

  async reserve(entities: number): Promise<void> {
    const missing = entities - this.#ids.length;
    if (missing <= 0) return;
    // One by one: a query may need more of them than a call has room for arguments.
    for (const id of await idsFor(this.#database, missing)) this.#ids.push(id);
  }

  createNode(labels: readonly string[], properties: MapValue): Node {
    const node = new Node(this.#nextId(), labels, properties);
    this.#entities.nodes.set(node.id, node);
    this.#changes.created(node, true);
    return node;
  }

  createRelationship(type: string, start: Node, end: Node, properties: MapValue): Relationship {
    const relationship = new Relationship(this.#nextId(), type, start.id, end.id, properties);
    this.#entities.relationships.set(relationship.id, relationship);
    this.#changes.created(relationship, false);
    return relationship;
  }

  setProperties(entity: Node | Relationship, properties: MapValue): void {
    if (entity instanceof Node) this.#changes.nodeChanges(entity);
    else this.#changes.relationshipChanges(entity);
    entity.properties = properties;
  }

  setLabels(node: Node, labels: readonly string[]): void {
    this.#changes.nodeChanges(node);
    node.labels = labels;
  }

  deleteNode(node: Node): void {
    if (node.deleted) return;
    node.deleted = true;
    this.#deletedNodes.push(node);
    this.#changes.nodeDeleted(node);
  }

  deleteRelationship(relationship: Relationship): void {
    if (relationship.deleted) return;
    relationship.deleted = true;
    this.#changes.relationshipDeleted(relationship);
  }

  async relationshipsOf(nodes: readonly Node[]): Promise<readonly Relationship[]> {
    if (nodes.length === 0) return [];
    const ids = arrayLiteral(nodes.map(({ id }) => String(id)));
    const { rows } = await this.#database.run(RELATIONSHIPS_OF, [ids], this.#options);
    return rows.map((row) => this.#entities.relationship(row));
  }

  flush(): Promise<void> {
    return this.#changes.flush(this.#database, this.#options);
  }

  async finish(): Promise<void> {
    await this.flush();
    if (this.#deletedNodes.length === 0) return;
    const ids = arrayLiteral(this.#deletedNodes.map(({ id }) => String(id)));
    const { rows } = await this.#database.run(STILL_CONNECTED, [ids], this.#options);
    if (rows.length === 0) return;
    throw new CypherError(
      'ConstraintVerificationFailed',
      'runtime',
      'DeleteConnectedNode',
      `Node ${rows[0]?.[0]} still has relationships`,
      { hint: 'Delete them first, or use DETACH DELETE.' },
    );
  }

  node(id: bigint): Node | undefined {
    return this.#entities.nodes.get(id);
  }

  #nextId(): bigint {
    const id = this.#ids.pop();
    assert(id !== undefined, 'identities were reserved');
    return id;
  }
}
