/**
 * A property graph in maps: nodes, relationships, and for each node the relationships at it. The reference that the
 * graph on PostgreSQL is compared with. One query at a time; `begin` and what it returns make a query all or nothing.
 */
import { type MapValue, Node, Relationship } from '../../values/value.ts';

export interface Undo {
  /** Takes back everything since `begin`. */
  rollback(): void;
  /** Keeps it. */
  commit(): void;
}

const NO_RELATIONSHIPS: ReadonlySet<Relationship> = new Set();

export class MemoryGraph {
  readonly nodes = new Map<bigint, Node>();
  readonly relationships = new Map<bigint, Relationship>();
  readonly #out = new Map<bigint, Set<Relationship>>();
  readonly #in = new Map<bigint, Set<Relationship>>();
  readonly #byLabel = new Map<string, Set<Node>>();
  /** Counted apart, from 1, as PostgreSQL has them. */
  #nodeIds = 1n;
  #relationshipIds = 1n;
  #undo: (() => void)[] | undefined = undefined;

  outOf(node: Node): ReadonlySet<Relationship> {
    return this.#out.get(node.id) ?? NO_RELATIONSHIPS;
  }

  into(node: Node): ReadonlySet<Relationship> {
    return this.#in.get(node.id) ?? NO_RELATIONSHIPS;
  }

  withLabel(label: string): Iterable<Node> {
    return this.#byLabel.get(label) ?? [];
  }

  begin(): Undo {
    const steps: (() => void)[] = [];
    this.#undo = steps;
    return {
      commit: () => {
        this.#undo = undefined;
      },
      rollback: () => {
        this.#undo = undefined;
        for (const step of steps.reverse()) step();
      },
    };
  }

  createNode(labels: readonly string[], properties: MapValue): Node {
    const node = new Node(this.#nodeIds++, labels, properties);
    this.#insertNode(node);
    this.#undo?.push(() => this.#removeNode(node));
    return node;
  }

  createRelationship(type: string, start: Node, end: Node, properties: MapValue): Relationship {
    const relationship = new Relationship(this.#relationshipIds++, type, start.id, end.id, properties);
    this.#insertRelationship(relationship);
    this.#undo?.push(() => this.#removeRelationship(relationship));
    return relationship;
  }

  setProperties(entity: Node | Relationship, properties: MapValue): void {
    const before = entity.properties;
    entity.properties = properties;
    this.#undo?.push(() => {
      entity.properties = before;
    });
  }

  setLabels(node: Node, labels: readonly string[]): void {
    const before = node.labels;
    this.#relabel(node, labels);
    this.#undo?.push(() => this.#relabel(node, before));
  }

  deleteNode(node: Node): void {
    if (node.deleted) return;
    node.deleted = true;
    this.#removeNode(node);
    this.#undo?.push(() => {
      node.deleted = false;
      this.#insertNode(node);
    });
  }

  deleteRelationship(relationship: Relationship): void {
    if (relationship.deleted) return;
    relationship.deleted = true;
    this.#removeRelationship(relationship);
    this.#undo?.push(() => {
      relationship.deleted = false;
      this.#insertRelationship(relationship);
    });
  }

  #insertNode(node: Node): void {
    this.nodes.set(node.id, node);
    for (const label of node.labels) addTo(this.#byLabel, label, node);
  }

  #removeNode(node: Node): void {
    this.nodes.delete(node.id);
    for (const label of node.labels) this.#byLabel.get(label)?.delete(node);
  }

  #relabel(node: Node, labels: readonly string[]): void {
    for (const label of node.labels) this.#byLabel.get(label)?.delete(node);
    node.labels = labels;
    if (!node.deleted) for (const label of labels) addTo(this.#byLabel, label, node);
  }

  #insertRelationship(relationship: Relationship): void {
    this.relationships.set(relationship.id, relationship);
    addTo(this.#out, relationship.startId, relationship);
    addTo(this.#in, relationship.endId, relationship);
  }

  #removeRelationship(relationship: Relationship): void {
    this.relationships.delete(relationship.id);
    this.#out.get(relationship.startId)?.delete(relationship);
    this.#in.get(relationship.endId)?.delete(relationship);
  }
}

function addTo<Key, Item>(map: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([item]));
  else known.add(item);
}
