/** The catalog of a graph in memory: names and arrays by looking at everything. */
import { compareStrings } from '../../values/code-points.ts';
import type { Node } from '../../values/value.ts';
import {
  type Adjacency,
  type Connection,
  type GraphCatalog,
  type Projection,
  unfitWeight,
} from '../graph-catalog.ts';
import type { MemoryGraph } from './memory-graph.ts';

export class MemoryCatalog implements GraphCatalog {
  readonly #graph: MemoryGraph;

  constructor(graph: MemoryGraph) {
    this.#graph = graph;
  }

  async labels(): Promise<readonly string[]> {
    return sorted([...this.#graph.nodes.values()].flatMap(({ labels }) => labels));
  }

  async relationshipTypes(): Promise<readonly string[]> {
    return sorted([...this.#graph.relationships.values()].map(({ type }) => type));
  }

  async propertyKeys(): Promise<readonly string[]> {
    const entities = [...this.#graph.nodes.values(), ...this.#graph.relationships.values()];
    return sorted(entities.flatMap(({ properties }) => [...properties.keys()]));
  }

  async connections(): Promise<readonly Connection[]> {
    const found = new Map<string, Connection>();
    for (const { type, startId, endId } of this.#graph.relationships.values()) {
      for (const from of this.#labelsOf(startId)) {
        for (const to of this.#labelsOf(endId)) {
          const key = JSON.stringify([from, type, to]);
          const relationships = (found.get(key)?.relationships ?? 0n) + 1n;
          found.set(key, { from, type, to, relationships });
        }
      }
    }
    return sorted(found.keys()).flatMap((key) => found.get(key) ?? []);
  }

  async adjacency({ labels, types, weight }: Projection): Promise<Adjacency> {
    const nodes = [...this.#graph.nodes.values()].filter(
      (node) => labels === undefined || labels.some((label) => node.labels.includes(label)),
    );
    const ids = BigInt64Array.from(nodes.map(({ id }) => id)).sort();
    const positions = new Map([...ids].map((id, position) => [id, position]));
    const kept = [...this.#graph.relationships.values()]
      .filter(
        ({ type, startId, endId }) =>
          (types === undefined || types.includes(type)) && positions.has(startId) && positions.has(endId),
      )
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    const weights =
      weight &&
      Float64Array.from(kept, ({ id, properties }) => {
        const value = properties.get(weight.key) ?? weight.absent;
        const number = typeof value === 'bigint' ? Number(value) : value;
        if (typeof number === 'number' && number >= 0 && Number.isFinite(number)) return number;
        throw unfitWeight(id, weight.key);
      });
    return {
      ids,
      sources: Int32Array.from(kept, ({ startId }) => positions.get(startId) ?? -1),
      targets: Int32Array.from(kept, ({ endId }) => positions.get(endId) ?? -1),
      weights,
    };
  }

  async nodes(ids: readonly bigint[]): Promise<readonly (Node | undefined)[]> {
    return ids.map((id) => this.#graph.nodes.get(id));
  }

  #labelsOf(id: bigint): readonly string[] {
    return this.#graph.nodes.get(id)?.labels ?? [];
  }
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort(compareStrings);
