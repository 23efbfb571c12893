/**
 * The nodes and relationships that a query has come across, each once: whoever holds one sees what the query does to
 * it. What the query changed stays as it is when the same row is read again.
 */

import { assert } from '../../base/index.ts';
import { type MapValue, Node, Relationship } from '../../cypher/index.ts';
import { decodeProperties } from './property-json.ts';

type Cell = string | null | undefined;

export class EntityTable {
  readonly nodes = new Map<bigint, Node>();
  readonly relationships = new Map<bigint, Relationship>();

  /** For those who stream what is found, and look at no row again. */
  forget(): void {
    this.nodes.clear();
    this.relationships.clear();
  }

  /** @param labels a JSON array */
  node(idText: string, labels: string, properties: string): Node {
    const id = BigInt(idText);
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const node = new Node(id, JSON.parse(labels) as string[], decode(properties));
    this.nodes.set(id, node);
    return node;
  }

  /** @param row id, type, start, end, properties */
  relationship(row: readonly Cell[], from = 0): Relationship {
    const id = BigInt(row[from] ?? '');
    const known = this.relationships.get(id);
    if (known !== undefined) return known;
    const type = row[from + 1] ?? '';
    assert(type !== '' || row[from + 1] === '', 'a relationship has a type');
    const relationship = new Relationship(
      id,
      type,
      BigInt(row[from + 2] ?? ''),
      BigInt(row[from + 3] ?? ''),
      decode(row[from + 4] ?? '{}'),
    );
    this.relationships.set(id, relationship);
    return relationship;
  }
}

const NONE: MapValue = new Map();

const decode = (text: string): MapValue => (text === '{}' ? NONE : decodeProperties(text));
