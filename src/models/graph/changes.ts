/** What a query has changed since the last flush, and the statements that carry it to PostgreSQL. */

import type { MapValue, Node, Relationship } from '../../cypher/index.ts';
import { arrayLiteral, type Database, type Parameter, type RunOptions } from '../../engine/index.ts';
import { encodeKey, encodeProperties } from './property-json.ts';
import {
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
  /** With their properties as PostgreSQL has them. */
  #changedNodes = new Map<Node, MapValue>();
  #changedRelationships = new Map<Relationship, MapValue>();
  #deletedNodes: Node[] = [];
  #deletedRelationships: Relationship[] = [];
  /** What of this query counts as a write already. */
  readonly #counted = { nodes: false, relationships: false };

  created(entity: Entity, isNode: boolean): void {
    if (isNode) this.#nodes.push(entity as Node);
    else this.#relationships.push(entity as Relationship);
  }

  /** Before it is changed: what it has now is what PostgreSQL has, unless it was changed already. */
  nodeChanges(node: Node): void {
    if (!this.#changedNodes.has(node)) this.#changedNodes.set(node, node.properties);
  }

  relationshipChanges(relationship: Relationship): void {
    if (!this.#changedRelationships.has(relationship)) {
      this.#changedRelationships.set(relationship, relationship.properties);
    }
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
    const send = (run: () => Promise<unknown>): void => void sent.push(run());
    const [nodes, relationships] = [this.#nodes, this.#relationships];
    if (nodes.length > 0) send(() => database.run(INSERT_NODES, nodeRows(nodes), options));
    if (relationships.length > 0) {
      send(() => database.run(INSERT_RELATIONSHIPS, relationshipRows(relationships), options));
    }
    const fresh = new Set<Entity>([...nodes, ...relationships]);
    const changedNodes = [...this.#changedNodes].filter(([node]) => !fresh.has(node) && !node.deleted);
    if (changedNodes.length > 0) {
      const labels = changedNodes.map(([node]) => arrayLiteral(node.labels));
      const [ids, ...rest] = differences(changedNodes);
      send(() => database.run(UPDATE_NODES, [ids ?? null, arrayLiteral(labels), ...rest], options));
    }
    const changed = [...this.#changedRelationships].filter(([one]) => !fresh.has(one) && !one.deleted);
    if (changed.length > 0) send(() => database.run(UPDATE_RELATIONSHIPS, differences(changed), options));
    const [deadRelationships, deadNodes] = [this.#deletedRelationships, this.#deletedNodes];
    if (deadRelationships.length > 0) {
      send(() => database.run(DELETE_RELATIONSHIPS, [idsOf(deadRelationships)], options));
    }
    if (deadNodes.length > 0) send(() => database.run(DELETE_NODES, [idsOf(deadNodes)], options));
    const counts = this.#count(
      nodes.length + changedNodes.length + deadNodes.length > 0,
      relationships.length + changed.length + deadRelationships.length > 0,
    );
    if (counts !== undefined) send(() => database.run(COUNT_WRITE, counts, options));
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
function differences(changed: readonly (readonly [Entity, MapValue])[]): Parameter[] {
  const removed = changed.map(([{ properties }, before]) => {
    const gone = [...before.keys()].filter((key) => !properties.has(key));
    return arrayLiteral(gone.map(encodeKey));
  });
  const other = changed.map(([{ properties }, before]) => {
    const entries = [...properties].filter(([key, value]) => before.get(key) !== value);
    return encodeProperties(new Map(entries));
  });
  return [idsOf(changed.map(([entity]) => entity)), arrayLiteral(removed), arrayLiteral(other)];
}
