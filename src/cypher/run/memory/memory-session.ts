/** One query on a graph in memory: changes are made at once, and taken back together when the query fails. */
import { CypherError } from '../../cypher-error.ts';
import type { MapValue, Node, Relationship } from '../../values/value.ts';
import type { QueryContext } from '../context.ts';
import type { GraphSession, Matched } from '../graph-session.ts';
import type { MatchPlan } from '../plan/match-plan.ts';
import type { Row } from '../row.ts';
import { BATCH_ROWS } from '../run.ts';
import { MemoryCatalog } from './memory-catalog.ts';
import type { MemoryGraph } from './memory-graph.ts';
import { matchInMemory } from './memory-matcher.ts';

export class MemorySession implements GraphSession {
  readonly catalog: MemoryCatalog;
  readonly #graph: MemoryGraph;
  readonly #deletedNodes: Node[] = [];

  constructor(graph: MemoryGraph) {
    this.#graph = graph;
    this.catalog = new MemoryCatalog(graph);
  }

  async *match(
    plan: MatchPlan,
    rows: readonly Row[],
    context: QueryContext,
  ): AsyncIterable<readonly Matched[]> {
    let matches: Matched[] = [];
    for (const [from, row] of rows.entries()) {
      matchInMemory(this.#graph, plan, [...row], context, (found) => {
        matches.push({ from, row: [...found] });
      });
      if (matches.length >= BATCH_ROWS) {
        yield matches;
        matches = [];
      }
    }
    if (matches.length > 0) yield matches;
  }

  async reserve(): Promise<void> {}

  createNode(labels: readonly string[], properties: MapValue): Node {
    return this.#graph.createNode(labels, properties);
  }

  createRelationship(type: string, start: Node, end: Node, properties: MapValue): Relationship {
    return this.#graph.createRelationship(type, start, end, properties);
  }

  setProperties(entity: Node | Relationship, properties: MapValue): void {
    this.#graph.setProperties(entity, properties);
  }

  setLabels(node: Node, labels: readonly string[]): void {
    this.#graph.setLabels(node, labels);
  }

  deleteNode(node: Node): void {
    this.#deletedNodes.push(node);
    this.#graph.deleteNode(node);
  }

  deleteRelationship(relationship: Relationship): void {
    this.#graph.deleteRelationship(relationship);
  }

  async relationshipsOf(nodes: readonly Node[]): Promise<readonly Relationship[]> {
    return nodes.flatMap((node) => [...this.#graph.outOf(node), ...this.#graph.into(node)]);
  }

  async flush(): Promise<void> {}

  async finish(): Promise<void> {
    for (const node of this.#deletedNodes) {
      if (this.#graph.outOf(node).size + this.#graph.into(node).size === 0) continue;
      throw new CypherError(
        'ConstraintVerificationFailed',
        'runtime',
        'DeleteConnectedNode',
        `Node ${node.id} still has relationships`,
        { hint: 'Delete them first, or use DETACH DELETE.' },
      );
    }
  }

  node(id: bigint): Node | undefined {
    return this.#graph.nodes.get(id);
  }
}
