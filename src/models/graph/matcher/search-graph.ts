/** What a search for shortest paths reads: neighbours as bare identities, or relationships and nodes to be tested. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Node, Relationship, RelationshipStep } from '../../../cypher/index.ts';
import { arrayLiteral, type Database, type RunOptions } from '../../../engine/index.ts';
import type { EntityTable } from '../entity-table.ts';
import { LOAD_NODES } from '../statements.ts';
import { betweenStatement, neighboursStatement, relationshipsStatement } from './search-sql.ts';
import type { Side } from './two-sided-search.ts';

/** Identities of one statement: its text has some 200 KB then, and its answer a few megabytes. */
const IDS_PER_STATEMENT = 20_000;

/** Numbers that are remembered for the next search of the same query: some 16 MB. */
const REMEMBERED_MAX = 1_000_000;

/** Steps on paths that are remembered for the next search; their relationships are known to the query anyway. */
const STEPS_REMEMBERED_MAX = 100_000;

const PAIR_BYTES = 16;
const ID_BYTES = 8;
const UPPER_HALF = 2 ** 32;

export interface TakenStep {
  readonly from: number;
  readonly to: number;
  readonly relationship: Relationship;
}

export class SearchGraph {
  readonly #database: Database;
  readonly #options: RunOptions;
  readonly #entities: EntityTable;
  readonly #step: RelationshipStep;
  readonly #remembered = { start: new Map<number, number[]>(), end: new Map<number, number[]>() };
  /** Of steps on paths that were found. */
  readonly #between = new Map<string, readonly Relationship[]>();
  #rememberedNumbers = 0;
  #searches = 0;
  #lookedAt = 0;

  constructor(database: Database, options: RunOptions, entities: EntityTable, step: RelationshipStep) {
    this.#database = database;
    this.#options = options;
    this.#entities = entities;
    this.#step = step;
  }

  /** For the next pair of nodes. Each search has its own account of relationships. */
  begin(): void {
    this.#searches += 1;
    this.#lookedAt = 0;
    if (this.#between.size > STEPS_REMEMBERED_MAX) this.#between.clear();
  }

  /** @throws LIMIT_EXCEEDED */
  account(relationships: number): void {
    this.#lookedAt += relationships;
    if (this.#lookedAt <= LIMITS.graphSearchRelationshipsMax) return;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The search for a shortest path took more than ${LIMITS.graphSearchRelationshipsMax} relationships ` +
        '(graphSearchRelationshipsMax)',
      {
        hint:
          'Bound the length as in -[:T*..6]->. Of conditions on a path, all(… IN relationships(p) WHERE …) and ' +
          'all(… IN nodes(p) WHERE …) cost least.',
      },
    );
  }

  /**
   * Pairs of the nodes of `ids` and the nodes that are a step away. Where one search follows another, what was read is
   * remembered: they often begin at the same places.
   */
  async neighbours(side: Side, ids: readonly number[]): Promise<ArrayLike<number>> {
    if (this.#searches === 1) return await this.#readNeighbours(side, ids);
    const known = this.#remembered[side];
    const fresh = ids.filter((id) => !known.has(id));
    const pairs: number[] = [];
    for (const id of ids) for (const far of known.get(id) ?? []) pairs.push(id, far);
    if (fresh.length === 0) return pairs;
    const read = await this.#readNeighbours(side, fresh);
    const keeps = this.#rememberedNumbers + fresh.length + read.length / 2 <= REMEMBERED_MAX;
    if (keeps) {
      this.#rememberedNumbers += fresh.length + read.length / 2;
      for (const id of fresh) known.set(id, []);
    }
    for (let at = 0; at < read.length; at += 2) {
      const [from, to] = [read[at] ?? 0, read[at + 1] ?? 0];
      pairs.push(from, to);
      if (keeps) known.get(from)?.push(to);
    }
    return pairs;
  }

  async #readNeighbours(side: Side, ids: readonly number[]): Promise<ArrayLike<number>> {
    const text = neighboursStatement(this.#step, side);
    const packed: Buffer[] = [];
    for (const part of parts(ids)) {
      const { rows } = await this.#database.run(text, [arrayLiteral(part.map(String))], this.#options);
      // The text form of a bytea begins with `\x`.
      packed.push(Buffer.from((rows[0]?.[0] ?? '').slice(2), 'hex'));
    }
    const bytes = Buffer.concat(packed);
    const pairs = new Float64Array((bytes.length / PAIR_BYTES) * 2);
    for (let at = 0; at < pairs.length; at++) {
      // Identities are given out from zero: as doubles they stay exact.
      pairs[at] = bytes.readUInt32BE(at * ID_BYTES) * UPPER_HALF + bytes.readUInt32BE(at * ID_BYTES + 4);
    }
    return pairs;
  }

  /** The steps that the pattern allows from the nodes of `ids`, with the relationships that are taken. */
  async steps(side: Side, ids: readonly number[]): Promise<readonly TakenStep[]> {
    const text = relationshipsStatement(this.#step, side);
    const wanted = new Set(ids);
    const found = new Set<Relationship>();
    for (const part of parts(ids)) {
      const { rows } = await this.#database.run(text, [arrayLiteral(part.map(String))], this.#options);
      this.account(rows.length);
      for (const row of rows) found.add(this.#entities.relationship(row));
    }
    const { direction } = this.#step;
    const isOut = direction === 'both' || (direction === 'right') === (side === 'start');
    const isIn = direction === 'both' || !isOut;
    const steps: TakenStep[] = [];
    for (const relationship of found) {
      const [first, last] = [Number(relationship.startId), Number(relationship.endId)];
      if (isOut && wanted.has(first)) steps.push({ from: first, to: last, relationship });
      // A loop leads to the same place either way.
      if (isIn && wanted.has(last) && !(isOut && first === last))
        steps.push({ from: last, to: first, relationship });
    }
    return steps;
  }

  /** For each step between two nodes of one of the ways: the relationships that it can take, by `stepKey`. */
  async between(ways: readonly (readonly number[])[]): Promise<ReadonlyMap<string, readonly Relationship[]>> {
    const missing = new Map<string, readonly [string, string]>();
    for (const way of ways) {
      for (let at = 1; at < way.length; at++) {
        const [from, to] = [way[at - 1] ?? 0, way[at] ?? 0];
        const key = stepKey(from, to);
        if (!this.#between.has(key)) missing.set(key, [String(from), String(to)]);
      }
    }
    if (missing.size > 0) await this.#readBetween(missing);
    return this.#between;
  }

  async #readBetween(wanted: ReadonlyMap<string, readonly [string, string]>): Promise<void> {
    const pairs = [...wanted.values()];
    const arrays = [arrayLiteral(pairs.map(([from]) => from)), arrayLiteral(pairs.map(([, to]) => to))];
    const { rows } = await this.#database.run(betweenStatement(this.#step), arrays, this.#options);
    this.account(rows.length);
    const found = new Map<string, Set<Relationship>>([...wanted.keys()].map((key) => [key, new Set()]));
    for (const row of rows) {
      const relationship = this.#entities.relationship(row);
      const [first, last] = [Number(relationship.startId), Number(relationship.endId)];
      if (this.#step.direction !== 'left') found.get(stepKey(first, last))?.add(relationship);
      if (this.#step.direction !== 'right') found.get(stepKey(last, first))?.add(relationship);
    }
    for (const [key, relationships] of found) this.#between.set(key, [...relationships]);
  }

  async nodes(ids: Iterable<number>): Promise<ReadonlyMap<number, Node>> {
    const all = [...new Set(ids)];
    const missing = all.filter((id) => !this.#entities.nodes.has(BigInt(id)));
    for (const part of parts(missing)) {
      const { rows } = await this.#database.run(LOAD_NODES, [arrayLiteral(part.map(String))], this.#options);
      for (const [id, labels, properties] of rows)
        this.#entities.node(id ?? '', labels ?? '[]', properties ?? '{}');
    }
    const found = new Map<number, Node>();
    for (const id of all) {
      const node = this.#entities.nodes.get(BigInt(id));
      if (node !== undefined) found.set(id, node);
    }
    return found;
  }
}

export const stepKey = (from: number, to: number): string => `${from} ${to}`;

function* parts(ids: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < ids.length; from += IDS_PER_STATEMENT)
    yield ids.slice(from, from + IDS_PER_STATEMENT);
}
