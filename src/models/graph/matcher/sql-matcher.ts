/**
 * Finds a pattern by one SQL statement for a batch of rows, and tests every row that comes back by the rules of Cypher.
 * What PostgreSQL answers may be too much, never too little.
 */
import { assert } from '../../../base/index.ts';
import {
  BATCH_ROWS,
  equals,
  labelsMatch,
  type Matched,
  type MatchPlan,
  Node,
  type NodeStep,
  Path,
  type PathStep,
  type PropertyTests,
  passes,
  type QueryContext,
  Relationship,
  type RelationshipStep,
  type Row,
  type Usage,
  type Value,
} from '../../../cypher/index.ts';
import {
  arrayLiteral,
  type Cell,
  type Database,
  type Parameter,
  type RunOptions,
  statement,
} from '../../../engine/index.ts';
import type { EntityTable } from '../entity-table.ts';
import { decodeValue, encodeStorable } from '../property-json.ts';
import { graphSchema } from '../schema/index.ts';
import { LOAD_NODES, LOAD_RELATIONSHIPS } from '../statements.ts';
import { compiledCount, compiledPattern } from './compiled-patterns.ts';
import type { Driving } from './driving.ts';
import { type GivenValues, givenText, givenValues } from './given-values.ts';
import type { Found } from './pattern-sql.ts';
import { ShortestPaths } from './shortest-paths.ts';

export class SqlMatcher {
  readonly #database: Database;
  readonly #options: RunOptions;
  readonly #entities: EntityTable;
  readonly #streams: boolean;

  /** @param streams true when the query asks once: a stream holds its session, and nothing else could be asked on it */
  constructor(database: Database, options: RunOptions, entities: EntityTable, streams: boolean) {
    this.#streams = streams;
    this.#database = database;
    this.#options = options;
    this.#entities = entities;
  }

  async *match(
    plan: MatchPlan,
    rows: readonly Row[],
    context: QueryContext,
  ): AsyncIterable<readonly Matched[]> {
    const single = rows.length === 1;
    const given = givenValues(plan, rows, context);
    const schema = await graphSchema(this.#database);
    const { text, driving, found } = compiledPattern(plan, single, schema, given);
    const parameters = single
      ? driving.map((one) => drivingValue(one, plan, rows[0] ?? [], context, given, 0))
      : driving.length === 0
        ? [String(rows.length)]
        : driving.map((one) => drivingArray(one, plan, rows, context, given));
    for await (const part of this.#rows(text, parameters)) {
      const matched = await this.#read(part, found, plan, rows);
      const kept: Matched[] = [];
      for (const one of matched) {
        for (const row of await this.#complete(plan, one.row, context)) {
          if (this.#fits(plan, row, context)) kept.push({ from: one.from, row });
        }
      }
      if (kept.length > 0) yield kept;
    }
  }

  /** In parts, and when the query may stream no faster than they are taken. */
  async *#rows(text: string, parameters: readonly Parameter[]): AsyncIterable<readonly (readonly Cell[])[]> {
    if (this.#streams) {
      yield* this.#database.streamUser(text, parameters, { ...this.#options, readOnly: true });
      return;
    }
    const { rows } = await this.#database.run(statement('graph.match', text), parameters, this.#options);
    for (let from = 0; from < rows.length; from += BATCH_ROWS) yield rows.slice(from, from + BATCH_ROWS);
  }

  /** See GraphSession.count. */
  async count(
    plan: MatchPlan,
    row: Row,
    distinctSlot: number | undefined,
    context: QueryContext,
  ): Promise<bigint | undefined> {
    const given = givenValues(plan, [row], context);
    const compiled = compiledCount(plan, distinctSlot, await graphSchema(this.#database), given);
    if (compiled === undefined) return undefined;
    const { text, driving } = compiled;
    const parameters = driving.map((one) => drivingValue(one, plan, row, context, given, 0));
    // NaN equals itself in PostgreSQL and nothing in Cypher.
    if (parameters.some((parameter) => parameter?.includes('NaN'))) return undefined;
    // A stream has no transaction, and nobody knows how long it takes: on the lane it would hold up everybody.
    const { rows } = this.#streams
      ? await this.#database.runUser(text, parameters, { ...this.#options, readOnly: true })
      : await this.#database.run(statement('graph.count', text), parameters, this.#options);
    return BigInt(rows[0]?.[0] ?? '0');
  }

  /** Fills the slots of a copy of the driving row. */
  async #read(
    found: readonly (readonly Cell[])[],
    columns: readonly Found[],
    plan: MatchPlan,
    rows: readonly Row[],
  ): Promise<Matched[]> {
    const lists: string[][] = [];
    const matched = found.map((cells) => {
      const from = Number(cells[0]) - 1;
      const row = [...(rows[from] ?? [])];
      let at = 1;
      for (const column of columns) {
        if (column.kind !== 'relationship-list') {
          row[column.slot] = this.#entity(column.kind, column.usage, cells, at);
          at += widthOf(column.kind, column.usage);
        } else {
          lists.push(JSON.parse(stringified(cells[at] ?? '[]')) as string[]);
          at += 1;
        }
      }
      return { from, row };
    });
    const listSlots = columns.filter(({ kind }) => kind === 'relationship-list').map(({ slot }) => slot);
    if (listSlots.length > 0) {
      await this.#loadRelationships(lists.flat());
      let at = 0;
      for (const { row } of matched) {
        for (const slot of listSlots) row[slot] = (lists[at++] ?? []).map((id) => this.#relationship(id));
      }
    }
    if (listSlots.length > 0) await this.#loadEnds();
    assert(plan.paths.length > 0, 'a pattern has a path');
    return matched;
  }

  /** One that is fetched in part is not kept: whoever wants all of it must not find a part. */
  #entity(
    kind: 'node' | 'relationship',
    usage: Usage,
    cells: readonly Cell[],
    at: number,
  ): Node | Relationship {
    if (usage.kind === 'whole') {
      if (kind === 'relationship') return this.#entities.relationship(cells, at);
      return this.#entities.node(cells[at] ?? '', cells[at + 1] ?? '[]', cells[at + 2] ?? '{}');
    }
    const id = BigInt(cells[at] ?? '');
    const properties = new Map<string, Value>();
    for (const [offset, key] of usage.kind === 'properties' ? usage.keys.entries() : []) {
      const text = cells[at + 1 + offset] ?? null;
      if (text !== null) properties.set(key, decodeValue(text));
    }
    return kind === 'node' ? new Node(id, [], properties) : new Relationship(id, '', id, id, properties);
  }

  #relationship(id: string): Relationship {
    const found = this.#entities.relationships.get(BigInt(id));
    assert(found !== undefined, 'a relationship that was found is loaded');
    return found;
  }

  async #loadRelationships(ids: readonly string[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.#entities.relationships.has(BigInt(id)));
    if (missing.length === 0) return;
    const { rows } = await this.#database.run(LOAD_RELATIONSHIPS, [arrayLiteral(missing)], this.#options);
    for (const row of rows) this.#entities.relationship(row);
  }

  /** The nodes between the relationships of a path are not columns. */
  async #loadEnds(): Promise<void> {
    const missing = new Set<string>();
    for (const { startId, endId } of this.#entities.relationships.values()) {
      if (!this.#entities.nodes.has(startId)) missing.add(String(startId));
      if (!this.#entities.nodes.has(endId)) missing.add(String(endId));
    }
    if (missing.size === 0) return;
    const { rows } = await this.#database.run(LOAD_NODES, [arrayLiteral([...missing])], this.#options);
    for (const [id, labels, properties] of rows)
      this.#entities.node(id ?? '', labels ?? '[]', properties ?? '{}');
  }

  /** Path values, and the ways that shortest paths take: one row becomes one for each of them. */
  async #complete(plan: MatchPlan, row: Row, context: QueryContext): Promise<readonly Row[]> {
    let rows: readonly Row[] = [row];
    for (const path of plan.paths) {
      if (path.shortest !== undefined) rows = await this.#shortest(path, rows, context);
      else if (path.pathSlot !== undefined)
        for (const one of rows) one[path.pathSlot] = this.#pathValue(path, one);
    }
    return rows;
  }

  async #shortest(path: PathStep, rows: readonly Row[], context: QueryContext): Promise<readonly Row[]> {
    const search = new ShortestPaths(this.#database, this.#options, this.#entities);
    const [first, last, step] = [path.nodes[0], path.nodes.at(-1), path.relationships[0]];
    const out: Row[] = [];
    for (const row of rows) {
      const [start, end] = [row[first?.slot ?? 0], row[last?.slot ?? 0]];
      if (step === undefined || !(start instanceof Node) || !(end instanceof Node)) continue;
      const usable = (relationship: Relationship): boolean =>
        this.#relationshipFits(step, relationship, row, context);
      for (const relationships of await search.between(
        start,
        end,
        step,
        path.shortest === 'allShortestPaths',
        usable,
      )) {
        const longer = [...row];
        longer[step.slot] = step.length === undefined ? (relationships[0] ?? null) : relationships;
        if (path.pathSlot !== undefined) longer[path.pathSlot] = this.#walk(start, relationships);
        out.push(longer);
      }
    }
    return out;
  }

  #pathValue(path: PathStep, row: Row): Value {
    const start = row[path.nodes[0]?.slot ?? 0];
    if (!(start instanceof Node)) return null;
    const relationships = path.relationships.flatMap(({ slot }) => {
      const value = row[slot] ?? null;
      return (Array.isArray(value) ? value : [value]).filter((one) => one instanceof Relationship);
    });
    return this.#walk(start, relationships);
  }

  #walk(start: Node, relationships: readonly Relationship[]): Path {
    const nodes = [start];
    let last = start;
    for (const { startId, endId } of relationships) {
      const next = this.#entities.nodes.get(startId === last.id ? endId : startId);
      assert(next !== undefined, 'the nodes of a path are loaded');
      nodes.push(next);
      last = next;
    }
    return new Path(nodes, relationships);
  }

  #fits(plan: MatchPlan, row: Row, context: QueryContext): boolean {
    for (const { nodes, relationships, shortest } of plan.paths) {
      for (const node of nodes) if (!this.#nodeFits(node, row, context)) return false;
      for (const step of shortest === undefined ? relationships : []) {
        if (step.usage.kind === 'none') continue;
        const value = row[step.slot] ?? null;
        for (const one of Array.isArray(value) ? value : [value]) {
          if (!(one instanceof Relationship && this.#relationshipFits(step, one, row, context))) return false;
        }
      }
    }
    return plan.where === undefined || passes(plan.where.evaluate(row, context));
  }

  #nodeFits(step: NodeStep, row: Row, context: QueryContext): boolean {
    if (step.usage.kind === 'none' && !step.bound) return true;
    const node = row[step.slot];
    if (!(node instanceof Node) || node.deleted) return false;
    const isKnown = step.bound || step.usage.kind === 'whole';
    if (isKnown && step.labels !== undefined && !labelsMatch(step.labels, node.labels)) return false;
    if (step.properties !== undefined && !propertiesFit(step.properties, node, row, context)) return false;
    return step.where === undefined || passes(step.where.evaluate(row, context));
  }

  #relationshipFits(step: RelationshipStep, one: Relationship, row: Row, context: QueryContext): boolean {
    // Of one that is fetched in part the type is not known, and PostgreSQL has tested it.
    if (step.usage.kind === 'whole' && step.types !== undefined && !labelsMatch(step.types, [one.type]))
      return false;
    if (step.properties === undefined && step.where === undefined) return true;
    const before = row[step.slot] ?? null;
    row[step.slot] = one;
    const fits =
      (step.properties === undefined || propertiesFit(step.properties, one, row, context)) &&
      (step.where === undefined || passes(step.where.evaluate(row, context)));
    row[step.slot] = before;
    return fits;
  }
}

/** Columns of an entity in the result. */
function widthOf(kind: 'node' | 'relationship', usage: Usage): number {
  if (usage.kind === 'properties') return 1 + usage.keys.length;
  if (usage.kind !== 'whole') return 1;
  return kind === 'node' ? 3 : 5;
}

/** JSON numbers may be larger than JavaScript's: the identities are read as text. */
const stringified = (array: string): string => array.replaceAll(/\d+/g, '"$&"');

const drivingArray = (
  driving: Driving,
  plan: MatchPlan,
  rows: readonly Row[],
  context: QueryContext,
  given: GivenValues,
): Parameter => arrayLiteral(rows.map((row, at) => drivingValue(driving, plan, row, context, given, at)));

/** @param at position of the row among those that `given` was computed for */
function drivingValue(
  driving: Driving,
  plan: MatchPlan,
  row: Row,
  context: QueryContext,
  given: GivenValues,
  at: number,
): string | null {
  if (driving.kind === 'given') return givenText(driving, given.of(driving.value)[at] ?? null);
  if (driving.kind !== 'property') return idText(row[driving.slot] ?? null);
  const { path, part, index, entry } = driving.test;
  const test = plan.paths[path]?.[part][index]?.properties?.entries[entry];
  return encodeStorable(test?.value.evaluate(row, context) ?? null);
}

/** Null for what cannot be matched: null itself, what is deleted, what is no entity. */
function idText(value: Value): string | null {
  if (value instanceof Node || value instanceof Relationship) return value.deleted ? null : String(value.id);
  if (!Array.isArray(value)) return null;
  const ids = value.map((one) => (one instanceof Relationship ? String(one.id) : ''));
  return ids.includes('') ? null : arrayLiteral(ids);
}

function propertiesFit(
  tests: PropertyTests,
  entity: Node | Relationship,
  row: Row,
  context: QueryContext,
): boolean {
  for (const { key, value } of tests.entries) {
    if (equals(entity.properties.get(key) ?? null, value.evaluate(row, context)) !== true) return false;
  }
  const whole = tests.whole?.evaluate(row, context) ?? null;
  if (!(whole instanceof Map)) return true;
  for (const [key, wanted] of whole) {
    if (equals(entity.properties.get(key) ?? null, wanted) !== true) return false;
  }
  return true;
}
