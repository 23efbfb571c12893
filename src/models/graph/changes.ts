/** What a query has changed since the last flush, and the statements that carry it to PostgreSQL. */

import { Node, type Relationship } from '../../cypher/index.ts';
import type { Database, Parameter, RunOptions, Statement } from '../../engine/index.ts';
import { effectStatement } from './effect-statements.ts';
import type { Effect } from './effects.ts';
import { hold, needsHold, type Stored } from './held.ts';
import { encodeKey, encodeProperties } from './property-json.ts';
import { DEFER_ENDS } from './statements.ts';
import { COUNT_WRITE } from './writer-statements.ts';

type Entity = Node | Relationship;

const idsOf = (entities: readonly Entity[]): bigint[] => entities.map(({ id }) => id);

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
  readonly #note: ((effect: Effect) => void) | undefined;

  /** @param note is told what is done, in the order in which it is */
  constructor(note?: ((effect: Effect) => void) | undefined) {
    this.#note = note;
  }

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
    const apply = (effect: Effect): void => {
      const { text, parameters } = effectStatement(effect);
      send(text, parameters);
      this.#note?.(effect);
    };
    if (nodes.length > 0) apply(inserted(nodes));
    if (relationships.length > 0) apply(connected(relationships));
    const changedNodes = [...this.#changedNodes].filter(([node]) => !fresh.has(node) && !node.deleted);
    if (changedNodes.length > 0) {
      const labels = changedNodes.map(([node]) => node.labels);
      apply({ what: 'update nodes', labels, ...differences(changedNodes) });
    }
    const changed = [...this.#changedRelationships].filter(([one]) => !fresh.has(one) && !one.deleted);
    if (changed.length > 0) apply({ what: 'update relationships', ...differences(changed) });
    if (deadRelationships.length > 0) apply({ what: 'delete relationships', ids: idsOf(deadRelationships) });
    if (deadNodes.length > 0) {
      send(DEFER_ENDS, []);
      apply({ what: 'delete nodes', ids: idsOf(deadNodes) });
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

const inserted = (nodes: readonly Node[]): Effect => ({
  what: 'insert nodes',
  ids: idsOf(nodes),
  labels: nodes.map(({ labels }) => labels),
  properties: nodes.map(({ properties }) => encodeProperties(properties)),
});

const connected = (relationships: readonly Relationship[]): Effect => ({
  what: 'insert relationships',
  ids: idsOf(relationships),
  types: relationships.map(({ type }) => type),
  starts: relationships.map(({ startId }) => startId),
  ends: relationships.map(({ endId }) => endId),
  properties: relationships.map(({ properties }) => encodeProperties(properties)),
});

/** Identities, names of properties that are gone, and properties that are new or other than before. */
function differences(changed: readonly (readonly [Entity, Stored])[]) {
  const removed = changed.map(([{ properties }, before]) =>
    [...before.properties.keys()].filter((key) => !properties.has(key)).map(encodeKey),
  );
  const other = changed.map(([{ properties }, before]) => {
    const entries = [...properties].filter(([key, value]) => before.properties.get(key) !== value);
    return encodeProperties(new Map(entries));
  });
  return { ids: idsOf(changed.map(([entity]) => entity)), removed, changed: other };
}
