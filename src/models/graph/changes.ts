/** What a query has changed since the last flush, and the statements that carry it to PostgreSQL. */

import { Node, type Relationship } from '../../cypher/index.ts';
import {
  arrayLiteral,
  type Database,
  type Parameter,
  type RunOptions,
  type Statement,
} from '../../engine/index.ts';
import { hold, needsHold, type Stored } from './held.ts';
import { encodeKey, encodeProperties } from './property-json.ts';
import {
  DEFER_ENDS,
  DELETE_NODES,
  DELETE_RELATIONSHIPS,
  INSERT_NODES,
  INSERT_RELATIONSHIPS,
  UPDATE_NODES,
  UPDATE_RELATIONSHIPS,
} from './statements.ts';
import { COUNT_WRITE } from './writer-statements.ts';

type Entity = Node | Relationship;

const idsOf = (entities: readonly Entity[]): Parameter => arrayLiteral(entities.map(({ id }) => String(id)));

export class Changes {
  #nodes: Node[] = [];
  #relationships: Relationship[] = [];
  /** As PostgreSQL has them. */
  #changedNodes = new Map<Node, Stored>();
  #changedRelationships = new Map<Relationship, Stored>();
  #deletedNodes: Node[] = [];
  #deletedRelationships: Relationship[] = [];
  /** What of this query counts as a write already. */
  readonly #counted = { nodes: false, relationships: false };

  /** There is something that PostgreSQL does not know yet. */
  get pending(): boolean {
    return (
      this.#nodes.length > 0 ||
      this.#relationships.length > 0 ||
      this.#deletedNodes.length > 0 ||
      this.#deletedRelationships.length > 0 ||
      this.#changedNodes.size > 0 ||
      this.#changedRelationships.size > 0
    );
  }

  created(entity: Entity, isNode: boolean): void {
    if (isNode) this.#nodes.push(entity as Node);
    else this.#relationships.push(entity as Relationship);
  }

  /** Before it is changed: what it has now is what PostgreSQL has, unless it was changed already. */
  nodeChanges(node: Node): void {
    if (this.#changedNodes.has(node)) return;
    this.#changedNodes.set(node, { labels: node.labels, properties: node.properties });
  }

  relationshipChanges(relationship: Relationship): void {
    if (this.#changedRelationships.has(relationship)) return;
    this.#changedRelationships.set(relationship, { labels: [], properties: relationship.properties });
  }

  nodeDeleted(node: Node): void {
    this.#deletedNodes.push(node);
  }

  relationshipDeleted(relationship: Relationship): void {
    this.#deletedRelationships.push(relationship);
  }

  /** All that is pending, in one round trip: the statements are sent without waiting for each other. */
  async flush(database: Database, options: RunOptions): Promise<void> {
    const sent: Promise<unknown>[] = [];
    const send = (text: Statement, parameters: Parameter[]): void =>
      void sent.push(database.run(text, parameters, { ...options, ahead: true }));
    const [nodes, relationships] = [this.#nodes, this.#relationships];
    const [deadRelationships, deadNodes] = [this.#deletedRelationships, this.#deletedNodes];
    const fresh = new Set<Entity>([...nodes, ...relationships]);
    if (needsHold(options)) {
      const written = storedOf(this.#changedNodes, deadNodes, fresh);
      if (written.size > 0) sent.push(hold(database, 'node', written, options));
      const crossed = storedOf(this.#changedRelationships, deadRelationships, fresh);
      if (crossed.size > 0) sent.push(hold(database, 'relationship', crossed, options));
    }
    if (nodes.length > 0) send(INSERT_NODES, nodeRows(nodes));
    if (relationships.length > 0) {
      send(INSERT_RELATIONSHIPS, relationshipRows(relationships));
    }
    const changedNodes = [...this.#changedNodes].filter(([node]) => !fresh.has(node) && !node.deleted);
    if (changedNodes.length > 0) {
      const labels = changedNodes.map(([node]) => arrayLiteral(node.labels));
      const [ids, ...rest] = differences(changedNodes);
      send(UPDATE_NODES, [ids ?? null, arrayLiteral(labels), ...rest]);
    }
    const changed = [...this.#changedRelationships].filter(([one]) => !fresh.has(one) && !one.deleted);
    if (changed.length > 0) send(UPDATE_RELATIONSHIPS, differences(changed));
    if (deadRelationships.length > 0) {
      send(DELETE_RELATIONSHIPS, [idsOf(deadRelationships)]);
    }
    if (deadNodes.length > 0) {
      send(DEFER_ENDS, []);
      send(DELETE_NODES, [idsOf(deadNodes)]);
    }
    const counts = this.#count(
      nodes.length + changedNodes.length + deadNodes.length > 0,
      relationships.length + changed.length + deadRelationships.length > 0,
    );
    if (counts !== undefined) send(COUNT_WRITE, counts);
    this.#clear();
    const outcomes = await Promise.allSettled(sent);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** What the manifest version is made of: a query counts once, for nodes and for relationships once each. */
  #count(nodes: boolean, relationships: boolean): Parameter[] | undefined {
    const counted = this.#counted;
    const isFirst = !counted.nodes && !counted.relationships;
    const [newNodes, newRelationships] = [nodes && !counted.nodes, relationships && !counted.relationships];
    if (!newNodes && !newRelationships) return undefined;
    counted.nodes ||= nodes;
    counted.relationships ||= relationships;
    return [isFirst, newNodes, newRelationships].map((counts) => (counts ? '1' : '0'));
  }

  #clear(): void {
    this.#nodes = [];
    this.#relationships = [];
    this.#changedNodes = new Map();
    this.#changedRelationships = new Map();
    this.#deletedNodes = [];
    this.#deletedRelationships = [];
  }
}

/** What is changed or deleted and was there before, as PostgreSQL should have it. */
function storedOf<Kind extends Node | Relationship>(
  changed: ReadonlyMap<Kind, Stored>,
  deleted: readonly Kind[],
  fresh: ReadonlySet<Entity>,
): ReadonlyMap<bigint, Stored> {
  const stored = new Map<bigint, Stored>();
  for (const entity of deleted) {
    const labels = entity instanceof Node ? entity.labels : [];
    if (!fresh.has(entity)) stored.set(entity.id, { labels, properties: entity.properties });
  }
  for (const [entity, before] of changed) if (!fresh.has(entity)) stored.set(entity.id, before);
  return stored;
}

const nodeRows = (nodes: readonly Node[]): Parameter[] => [
  idsOf(nodes),
  arrayLiteral(nodes.map(({ labels }) => arrayLiteral(labels))),
  arrayLiteral(nodes.map(({ properties }) => encodeProperties(properties))),
];

const relationshipRows = (relationships: readonly Relationship[]): Parameter[] => [
  idsOf(relationships),
  arrayLiteral(relationships.map(({ type }) => type)),
  arrayLiteral(relationships.map(({ startId }) => String(startId))),
  arrayLiteral(relationships.map(({ endId }) => String(endId))),
  arrayLiteral(relationships.map(({ properties }) => encodeProperties(properties))),
];

/** Identities, names of properties that are gone, and properties that are new or other than before. */
function differences(changed: readonly (readonly [Entity, Stored])[]): Parameter[] {
  const removed = changed.map(([{ properties }, before]) => {
    const gone = [...before.properties.keys()].filter((key) => !properties.has(key));
    return arrayLiteral(gone.map(encodeKey));
  });
  const other = changed.map(([{ properties }, before]) => {
    const entries = [...properties].filter(([key, value]) => before.properties.get(key) !== value);
    return encodeProperties(new Map(entries));
  });
  return [idsOf(changed.map(([entity]) => entity)), arrayLiteral(removed), arrayLiteral(other)];
}
