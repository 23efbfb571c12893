/**
 * Finds a pattern by one SQL statement for a batch of rows. What PostgreSQL answers may be too much, never too little:
 * what its SQL leaves open is tested on every row by the rules of Cypher.
 */
import { assert } from '../../../base/index.ts';
import {
  allPass,
  BATCH_ROWS,
  inSlices,
  type Matched,
  type MatchPlan,
  Node,
  type PathStep,
  type QueryContext,
  Relationship,
  type Row,
  requireTwoEnds,
  type Value,
} from '../../../cypher/index.ts';
import {
  arrayLiteral,
  type Cell,
  type Database,
  type OwnRunOptions,
  statement,
} from '../../../engine/index.ts';
import type { Deadline } from '../deadline.ts';
import type { EntityTable } from '../entity-table.ts';
import { decodeValue } from '../property-json.ts';
import { graphSchema } from '../schema/index.ts';
import { LOAD_NODES, LOAD_RELATIONSHIPS } from '../statements.ts';
import { compiledCount, compiledCounts, compiledPattern } from './compiled-patterns.ts';
import { drivingArrays, drivingValue } from './driving-values.ts';
import { type Fetching, fetchedParts } from './fetching.ts';
import { givenValues } from './given-values.ts';
import { pathValue, walkOver } from './path-values.ts';
import type { Found, SearchSql } from './pattern-sql.ts';
import { nodeFits, relationshipFits, rowFits } from './row-tests.ts';
import { SearchGraph } from './search-graph.ts';
import { searchFor } from './search-tests.ts';
import { shortestPaths } from './shortest-paths.ts';

/** One batch of driving rows, and what is looked for from them. */
interface Search {
  readonly plan: MatchPlan;
  readonly sql: SearchSql;
  readonly rows: readonly Row[];
  readonly context: QueryContext;
  /** What has been read of the graph for shortest paths. */
  readonly reached: Map<PathStep, SearchGraph>;
}

const isCompleted = ({ shortest, pathSlot }: PathStep): boolean =>
  shortest !== undefined || pathSlot !== undefined;

type FoundEntity = Exclude<Found, { readonly kind: 'relationship-list' }>;

export class SqlMatcher {
  readonly #database: Database;
  readonly #options: OwnRunOptions;
  readonly #entities: EntityTable;
  readonly #fetching: Fetching & { readonly deadline: Deadline };

  constructor(
    database: Database,
    options: OwnRunOptions,
    entities: EntityTable,
    fetching: Fetching & { readonly deadline: Deadline },
  ) {
    this.#fetching = fetching;
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
    const kept = graphSchema(this.#database);
    const schema = kept instanceof Promise ? await kept : kept;
    const sql = compiledPattern(plan, single, schema, given);
    const { text, driving } = sql;
    const parameters = single
      ? driving.map((one) => drivingValue(one, rows[0] ?? [], given, 0))
      : drivingArrays(driving, rows, given);
    const search: Search = { plan, sql, rows, context, reached: new Map() };
    if (this.#fetching.way !== 'all') {
      for await (const part of fetchedParts(
        this.#database,
        text,
        parameters,
        this.#options,
        this.#fetching,
      )) {
        // What the last part has brought is not needed any more, and all parts together may be any number.
        if (!this.#fetching.keepsEntities) this.#entities.forget();
        const matched = await this.#matched(part, search);
        if (matched.length > 0) yield matched;
      }
      return;
    }
    const found = await this.#database.run(statement('graph.match', text), parameters, this.#options);
    for (let from = 0; from < found.rows.length; from += BATCH_ROWS) {
      const matched = await this.#matched(found.rows.slice(from, from + BATCH_ROWS), search);
      if (matched.length > 0) yield matched;
    }
  }

  /** See GraphSession.matchOnce. */
  async matchOnce(plan: MatchPlan, row: Row, context: QueryContext): Promise<readonly Row[]> {
    const rows = [row];
    const given = givenValues(plan, rows, context);
    const kept = graphSchema(this.#database);
    const schema = kept instanceof Promise ? await kept : kept;
    const sql = compiledPattern(plan, true, schema, given);
    const parameters = sql.driving.map((one) => drivingValue(one, row, given, 0));
    const found = await this.#database.run(statement('graph.match', sql.text), parameters, this.#options);
    const search: Search = { plan, sql, rows, context, reached: new Map() };
    const all: Row[] = [];
    for (let from = 0; from < found.rows.length; from += BATCH_ROWS) {
      const part =
        from === 0 && found.rows.length <= BATCH_ROWS
          ? found.rows
          : found.rows.slice(from, from + BATCH_ROWS);
      const matched = isSettled(search) ? this.#read(part, search) : await this.#matched(part, search);
      for (const match of matched) all.push(match.row);
    }
    return all;
  }

  /** What of the rows that PostgreSQL found is a match. */
  async #matched(found: readonly (readonly Cell[])[], search: Search): Promise<readonly Matched[]> {
    const { plan, sql, context } = search;
    let matched: readonly Matched[] = this.#read(found, search);
    if (sql.found.some(({ kind }) => kind === 'relationship-list'))
      matched = await this.#withLists(found, search, matched);
    if (plan.paths.some(isCompleted)) matched = await this.#completed(matched, search);
    const { nodes, relationships, where } = sql.remaining;
    if (nodes.length === 0 && relationships.length === 0 && where === undefined) return matched;
    const fitting: Matched[] = [];
    await inSlices(matched.length, context.meter, (index) => {
      const match = matched[index] as Matched;
      if (rowFits(sql.remaining, match.row, context)) fitting.push(match);
    });
    return fitting;
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
    const parameters = driving.map((one) => drivingValue(one, row, given, 0));
    // NaN equals itself in PostgreSQL and nothing in Cypher.
    if (parameters.some((parameter) => parameter?.includes('NaN'))) return undefined;
    // It has no transaction, and nobody knows how long it takes: on the lane it would hold up everybody.
    const { rows } =
      this.#fetching.way === 'alone'
        ? await this.#database.runUser(text, parameters, { ...this.#options, readOnly: true })
        : await this.#database.run(statement('graph.count', text), parameters, this.#options);
    return BigInt(rows[0]?.[0] ?? '0');
  }

  /** See GraphSession.counts. */
  async counts(
    plan: MatchPlan,
    rows: readonly Row[],
    existence: boolean,
    context: QueryContext,
  ): Promise<readonly bigint[] | undefined> {
    const given = givenValues(plan, rows, context);
    const compiled = compiledCounts(plan, existence, await graphSchema(this.#database), given);
    if (compiled === undefined) return undefined;
    const { text, driving } = compiled;
    const parameters = drivingArrays(driving, rows, given);
    if (parameters.some((parameter) => parameter?.includes('NaN'))) return undefined;
    const found = await this.#database.run(statement('graph.counts', text), parameters, this.#options);
    const counts = rows.map(() => 0n);
    for (const [position, count] of found.rows) counts[Number(position) - 1] = BigInt(count ?? '1');
    return counts;
  }

  /** Fills the slots of a copy of the driving row; those of lists later. */
  #read(found: readonly (readonly Cell[])[], { sql, rows }: Search): Matched[] {
    const single = rows.length === 1;
    return found.map((cells) => {
      const from = single ? 0 : Number(cells[0]) - 1;
      const row = [...(rows[from] ?? [])];
      let at = single ? 0 : 1;
      for (const column of sql.found) {
        if (column.kind !== 'relationship-list') row[column.slot] = this.#entity(column, cells, at);
        at += widthOf(column);
      }
      return { from, row };
    });
  }

  /** With relationships of variable length, and the nodes that they lead through. */
  async #withLists(
    found: readonly (readonly Cell[])[],
    { sql, rows }: Search,
    matched: readonly Matched[],
  ): Promise<readonly Matched[]> {
    const lists: { readonly match: Matched; readonly slot: number; readonly ids: readonly string[] }[] = [];
    let at = rows.length === 1 ? 0 : 1;
    for (const column of sql.found) {
      if (column.kind === 'relationship-list') {
        for (const [index, match] of matched.entries()) {
          const ids = JSON.parse(stringified(found[index]?.[at] ?? '[]')) as string[];
          lists.push({ match, slot: column.slot, ids });
        }
      }
      at += widthOf(column);
    }
    await this.#loadRelationships(lists.flatMap(({ ids }) => ids));
    const vanished = new Set<Matched>();
    for (const { match, slot, ids } of lists) {
      const list = ids.flatMap((id) => this.#entities.relationships.get(BigInt(id)) ?? []);
      match.row[slot] = list;
      if (list.length < ids.length) vanished.add(match);
    }
    await this.#loadEnds();
    if (vanished.size === 0) return matched;
    this.#assertMayVanish();
    return matched.filter((match) => !vanished.has(match));
  }

  /**
   * What a statement finds may be gone when the next one of the query asks for the rest of it: only where each statement
   * sees what others have committed meanwhile. Then what was found is no match any more.
   */
  #assertMayVanish(): void {
    const { transaction } = this.#options;
    assert(transaction?.isolationLevel === 'read_committed', 'what was found is loaded');
  }

  /** One that is fetched in part is not kept: whoever wants all of it must not find a part. */
  #entity(column: FoundEntity, cells: readonly Cell[], at: number): Node | Relationship {
    switch (column.kind) {
      case 'relationship':
        return this.#entities.relationship(cells, at);
      case 'node':
        return this.#entities.node(cells[at] ?? '', cells[at + 1] ?? '[]', cells[at + 2] ?? '{}');
    }
    const { kind, identified, keys } = column;
    const id = identified ? BigInt(cells[at] ?? '') : NOBODY;
    const first = identified ? at + 1 : at;
    const properties = new Map<string, Value>();
    for (let index = 0; index < keys.length; index++) {
      const text = cells[first + index] ?? null;
      if (text !== null) properties.set(keys[index] as string, decodeValue(text));
    }
    return kind === 'part-of-node'
      ? new Node(id, [], properties)
      : new Relationship(id, '', id, id, properties);
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
  async #completed(matched: readonly Matched[], { plan, context, reached }: Search): Promise<Matched[]> {
    const all: Matched[] = [];
    for (const { from, row } of matched) {
      let rows: readonly Row[] = [row];
      for (const path of plan.paths) {
        if (path.shortest !== undefined) rows = await this.#shortest(path, rows, context, reached);
        else if (path.pathSlot !== undefined) rows = this.#withPathValues(path, path.pathSlot, rows);
      }
      for (const one of rows) all.push({ from, row: one });
    }
    return all;
  }

  /** @param searches what has been read for the same path of other rows */
  async #shortest(
    path: PathStep,
    rows: readonly Row[],
    context: QueryContext,
    searches: Map<PathStep, SearchGraph>,
  ): Promise<readonly Row[]> {
    const [first, last, step] = [path.nodes[0], path.nodes.at(-1), path.relationships[0]];
    if (first === undefined || last === undefined || step === undefined) return [];
    const graph = searches.get(path) ?? new SearchGraph(this.#database, this.#options, this.#entities, step);
    searches.set(path, graph);
    const out: Row[] = [];
    for (const row of rows) {
      if (!(nodeFits(first, row, context) && nodeFits(last, row, context))) continue;
      const [start, end] = [row[first.slot], row[last.slot]];
      if (!(start instanceof Node && end instanceof Node)) continue;
      if (!allPass(path.tests?.ends ?? [], row, context)) continue;
      requireTwoEnds(path, start, end);
      const longer = (relationships: readonly Relationship[]): Row => {
        const copy = [...row];
        copy[step.slot] = step.length === undefined ? (relationships[0] ?? null) : relationships;
        if (path.pathSlot !== undefined) {
          const walked = walkOver(start, relationships, this.#entities);
          assert(walked !== undefined, 'the nodes of a shortest path are loaded');
          copy[path.pathSlot] = walked;
        }
        return copy;
      };
      const fits = (one: Relationship): boolean => relationshipFits(step, one, row, context);
      const search = searchFor(path, step, row, context, fits, longer);
      for (const way of await shortestPaths(graph, start, end, search)) out.push(longer(way));
    }
    return out;
  }

  /** Rows whose path is there, with it. */
  #withPathValues(path: PathStep, slot: number, rows: readonly Row[]): readonly Row[] {
    const whole = rows.filter((row) => {
      const walked = pathValue(path, row, this.#entities);
      row[slot] = walked ?? null;
      return walked !== undefined;
    });
    if (whole.length < rows.length) this.#assertMayVanish();
    return whole;
  }
}

/** What PostgreSQL finds is what matches: nothing is to be tested again, or to be fetched with it. */
const isSettled = ({ sql: { found, remaining }, plan }: Search): boolean =>
  remaining.nodes.length === 0 &&
  remaining.relationships.length === 0 &&
  remaining.where === undefined &&
  !plan.paths.some(isCompleted) &&
  found.every(({ kind }) => kind !== 'relationship-list');

/** Columns in the result. */
function widthOf(column: Found): number {
  switch (column.kind) {
    case 'node':
      return 3;
    case 'relationship':
      return 5;
    case 'relationship-list':
      return 1;
    default:
      return column.keys.length + (column.identified ? 1 : 0);
  }
}

/** Stands for the identity of an entity whose identity nobody asks for. */
const NOBODY = -1n;

/** JSON numbers may be larger than JavaScript's: the identities are read as text. */
const stringified = (array: string): string => array.replaceAll(/\d+/g, '"$&"');
