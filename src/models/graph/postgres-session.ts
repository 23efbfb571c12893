/** One query on the graph in PostgreSQL, within one transaction. */
import { assert } from '../../base/index.ts';
import {
  argumentError,
  CypherError,
  type GraphSession,
  type MapValue,
  type Matched,
  type MatchPlan,
  Meter,
  Node,
  type QueryContext,
  Relationship,
  type Row,
} from '../../cypher/index.ts';
import { arrayLiteral, type Database, type OwnRunOptions } from '../../engine/index.ts';
import { Changes } from './changes.ts';
import { Deadline } from './deadline.ts';
import type { WriteRules } from './declared/index.ts';
import type { Effect } from './effects.ts';
import { EntityTable } from './entity-table.ts';
import { nodeIdsFor, relationshipIdsFor } from './identities.ts';
import { type Fetching, GATHERED } from './matcher/fetching.ts';
import { SqlMatcher } from './matcher/sql-matcher.ts';
import { PostgresCatalog } from './postgres-catalog.ts';
import { isStorableText } from './property-json.ts';
import { connectedByOther } from './schema/index.ts';
import { CHECK_ENDS, RELATIONSHIPS_OF, STILL_CONNECTED } from './statements.ts';

/** There was nothing to do. */
const DONE: Promise<void> = Promise.resolve();

export class PostgresSession implements GraphSession {
  /** Of the query, counted from here. */
  readonly deadline: Deadline;
  /** Ends the query when its time is over. */
  readonly checkpoint: () => void;
  readonly meter: Meter;
  #catalog: PostgresCatalog | undefined = undefined;
  readonly #database: Database;
  readonly #options: OwnRunOptions;
  readonly #entities = new EntityTable();
  readonly #matcher: SqlMatcher;
  readonly #changes: Changes;
  readonly #rules: WriteRules | undefined;
  readonly #deletedNodes: Node[] = [];
  /** Nodes whose relationships this query has gathered to delete them. */
  readonly #detached = new Set<bigint>();
  readonly #nodeIds: bigint[] = [];
  readonly #relationshipIds: bigint[] = [];

  /**
   * @param fetching how what is found is fetched: all of it, when nothing is said
   * @param note is told what is done to the graph
   * @param rules of declared tables, for what is written
   */
  constructor(
    database: Database,
    options: OwnRunOptions,
    fetching: Fetching = GATHERED,
    note?: (effect: Effect) => void,
    rules?: WriteRules | undefined,
  ) {
    this.#database = database;
    this.#rules = rules;
    this.#changes = new Changes(note);
    this.#options = options;
    this.deadline = new Deadline(options);
    this.checkpoint = this.deadline.check;
    this.meter = new Meter(this.checkpoint);
    this.#matcher = new SqlMatcher(database, options, this.#entities, {
      ...fetching,
      deadline: this.deadline,
    });
  }

  /** Most queries never ask for it. */
  get catalog(): PostgresCatalog {
    this.#catalog ??= new PostgresCatalog(this.#database, this.#options, this.#entities, this.checkpoint);
    return this.#catalog;
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

  matchOnce(plan: MatchPlan, row: Row, context: QueryContext): Promise<readonly Row[]> {
    return this.#matcher.matchOnce(plan, row, context);
  }

  counts(
    plan: MatchPlan,
    rows: readonly Row[],
    existence: boolean,
    context: QueryContext,
  ): Promise<readonly bigint[] | undefined> {
    return this.#matcher.counts(plan, rows, existence, context);
  }

  async reserve(nodes: number, relationships: number): Promise<void> {
    const [nodesMissing, relationshipsMissing] = [
      nodes - this.#nodeIds.length,
      relationships - this.#relationshipIds.length,
    ];
    // One by one: a query may need more of them than a call has room for arguments.
    if (nodesMissing > 0) {
      for (const id of await nodeIdsFor(this.#database, nodesMissing)) this.#nodeIds.push(id);
    }
    if (relationshipsMissing > 0) {
      const ids = await relationshipIdsFor(this.#database, relationshipsMissing);
      for (const id of ids) this.#relationshipIds.push(id);
    }
  }

  createNode(labels: readonly string[], properties: MapValue): Node {
    for (const label of labels) checkName(label, 'label');
    const kept = this.#rules?.newNode(labels, properties) ?? properties;
    const node = new Node(reserved(this.#nodeIds), labels, kept);
    this.#entities.nodes.set(node.id, node);
    this.#changes.created(node, true);
    return node;
  }

  createRelationship(type: string, start: Node, end: Node, properties: MapValue): Relationship {
    checkName(type, 'type');
    const relationship = new Relationship(
      reserved(this.#relationshipIds),
      type,
      start.id,
      end.id,
      this.#rules?.newRelationship(type, properties) ?? properties,
    );
    this.#entities.relationships.set(relationship.id, relationship);
    this.#changes.created(relationship, false);
    return relationship;
  }

  setProperties(entity: Node | Relationship, properties: MapValue): void {
    if (entity instanceof Node) {
      this.#changes.nodeChanges(entity);
      entity.properties = this.#rules?.node(entity.labels, properties) ?? properties;
      return;
    }
    this.#changes.relationshipChanges(entity);
    entity.properties = this.#rules?.relationship(entity.type, properties) ?? properties;
  }

  setLabels(node: Node, labels: readonly string[]): void {
    for (const label of labels) if (!node.labels.includes(label)) checkName(label, 'label');
    this.#changes.nodeChanges(node);
    node.labels = labels;
    if (this.#rules !== undefined) node.properties = this.#rules.node(labels, node.properties);
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
    for (const { id } of nodes) this.#detached.add(id);
    const ids = arrayLiteral(nodes.map(({ id }) => String(id)));
    const { rows } = await this.#database.run(RELATIONSHIPS_OF, [ids], this.#options);
    return rows.map((row) => this.#entities.relationship(row));
  }

  flush(): Promise<void> {
    if (!this.#changes.pending) return DONE;
    this.#catalog?.forget();
    this.checkpoint();
    return this.#changes.flush(this.#database, { ...this.#options, timeoutMs: this.deadline.leftMs });
  }

  finish(): Promise<void> {
    return this.#deletedNodes.length === 0 ? this.flush() : this.#finishDeleting();
  }

  async #finishDeleting(): Promise<void> {
    await this.flush();
    const ids = arrayLiteral(this.#deletedNodes.map(({ id }) => String(id)));
    // Together: the second one is an order to PostgreSQL to look at the same, also at what others have done meanwhile.
    const asked = this.#database.run(STILL_CONNECTED, [ids], { ...this.#options, ahead: true });
    const checked = this.#database.run(CHECK_ENDS, [], this.#options);
    const [connected, check] = await Promise.allSettled([asked, checked]);
    if (connected.status === 'rejected') throw connected.reason;
    const { rows } = connected.value;
    if (rows.length === 0) {
      if (check.status === 'rejected') throw check.reason;
      return;
    }
    const id = rows[0]?.[0] ?? '';
    if (this.#detached.has(BigInt(id))) throw connectedByOther(id);
    throw new CypherError(
      'ConstraintVerificationFailed',
      'runtime',
      'DeleteConnectedNode',
      `Node ${id} still has relationships`,
      { hint: 'Delete them first, or use DETACH DELETE.' },
    );
  }

  node(id: bigint): Node | undefined {
    return this.#entities.nodes.get(id);
  }
}

function reserved(ids: bigint[]): bigint {
  const id = ids.pop();
  assert(id !== undefined, 'identities were reserved');
  return id;
}

/** Keys and values of properties have a form for any text; names of labels and types are plain text in PostgreSQL. */
function checkName(name: string, what: 'label' | 'type'): void {
  if (isStorableText(name)) return;
  throw argumentError(
    'InvalidArgumentValue',
    `The ${what} ${JSON.stringify(name)} cannot be stored: it has a NUL character or half of a surrogate pair`,
  );
}
