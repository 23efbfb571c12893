/**
 * The numbers that names of labels and types have in answers. Most are known when an answer is written; where one is not,
 * writing stops, what the rows name is looked up, and it is written once more.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS, monotonicMs } from '../../base/index.ts';
import { Node, Path, Relationship, type Value } from '../../cypher/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { graphIdentify, graphQuery } from '../../models/index.ts';
import { type IdTable, shownLabel } from '../../strana/index.ts';

type Rows = readonly (readonly Value[])[];

/** Thrown by the table for what it does not know. */
class Unknown extends Error {}

/** Labels of nodes that are known by their ids alone. A relationship tells no more of its ends. */
const LABELS_OF_NODES = 'UNWIND $ids AS id MATCH (n) WHERE id(n) = id RETURN id, labels(n)';

/** Of one client. */
export class NameNumbers implements IdTable {
  readonly #dispatch: Dispatch;
  readonly #labels = new Map<string, number>([['', 0]]);
  readonly #types = new Map<string, number>();
  /** Of the rows that are written; a node may have other labels later. */
  #ends: Map<bigint, number> | undefined = undefined;

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  label(label: string): number {
    return known(this.#labels.get(label));
  }

  type(type: string): number {
    return known(this.#types.get(type));
  }

  end(id: bigint): number {
    return known(this.#ends?.get(id));
  }

  /**
   * Calls `write`, which writes the rows from `from` to `to` with this table, until it is done.
   * @throws what `write` throws, and what looking up the names does
   */
  async writing<T>(rows: Rows, from: number, to: number, session: Session, write: () => T): Promise<T> {
    this.#ends = undefined;
    try {
      return write();
    } catch (thrown) {
      if (!(thrown instanceof Unknown)) throw thrown;
    }
    await this.#learn(rows, from, to, session);
    return write();
  }

  async #learn(rows: Rows, from: number, to: number, session: Session): Promise<void> {
    const found = new Names();
    let turnMs = monotonicMs();
    for (let index = from; index < to; index++) {
      for (const value of rows[index] ?? []) found.see(value);
      if (monotonicMs() - turnMs <= LIMITS.cypherSliceMs) continue;
      await nextTurn();
      turnMs = monotonicMs();
    }
    const labelOf = await this.#labelsOf(found, session);
    for (const label of labelOf.values()) found.labels.add(label);
    const labels = [...found.labels].filter((label) => !this.#labels.has(label));
    const types = [...found.types].filter((type) => !this.#types.has(type));
    if (labels.length + types.length > 0) {
      const numbers = await this.#dispatch.call(graphIdentify, { labels, types }, aside(session));
      for (const [at, label] of labels.entries()) this.#labels.set(label, numbers.labels[at] ?? 0);
      for (const [at, type] of types.entries()) this.#types.set(type, numbers.types[at] ?? 0);
    }
    this.#ends = new Map();
    for (const id of found.ends) this.#ends.set(id, this.#labels.get(labelOf.get(id) ?? '') ?? 0);
  }

  /** Of the ends of relationships. A node that is gone has none. */
  async #labelsOf({ ends, nodes }: Names, session: Session): Promise<Map<bigint, string>> {
    const labels = new Map<bigint, string>();
    const asked: bigint[] = [];
    for (const id of ends) {
      const label = nodes.get(id);
      if (label === undefined) asked.push(id);
      else labels.set(id, label);
    }
    if (asked.length === 0) return labels;
    const input = { query: LABELS_OF_NODES, params: new Map([['ids', asked]]) };
    const { rows } = await this.#dispatch.call(graphQuery, input, aside(session));
    for (const [id, names] of rows) {
      if (typeof id !== 'bigint' || !Array.isArray(names)) continue;
      labels.set(id, names.map(String).sort()[0] ?? '');
    }
    return labels;
  }
}

/** A call that clients did not ask for. */
const aside = (session: Session): Session => ({ ...session, partial: true });

function known(number: number | undefined): number {
  if (number === undefined) throw new Unknown();
  return number;
}

/** What rows name. */
class Names {
  readonly labels = new Set<string>();
  readonly types = new Set<string>();
  readonly ends = new Set<bigint>();
  readonly nodes = new Map<bigint, string>();

  see(value: Value): void {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof Node) {
      const label = shownLabel(value);
      this.labels.add(label);
      this.nodes.set(value.id, label);
    } else if (value instanceof Relationship) {
      this.types.add(value.type);
      this.ends.add(value.startId).add(value.endId);
    } else if (value instanceof Path) {
      for (const node of value.nodes) this.see(node);
      for (const relationship of value.relationships) this.see(relationship);
    } else if (value instanceof Map) for (const item of value.values()) this.see(item);
    else if (Array.isArray(value)) for (const item of value) this.see(item);
  }
}
