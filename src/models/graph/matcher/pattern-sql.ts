/**
 * A pattern -> one SQL statement that finds identities. Labels, types, how things hang together and that no
 * relationship is used twice are exact; properties that are known beforehand are tested for equality as jsonb, which
 * lets through a little too much (NaN); whoever reads the rows tests again what SQL does not settle. Labels and types are
 * literals in the text, since a generic plan cannot prove a partial index from a parameter.
 */
import {
  type Computed,
  type MatchPlan,
  type NodeStep,
  type PathStep,
  type PropertyTests,
  type RelationshipStep,
  requiredLabels,
} from '../../../cypher/index.ts';
import { encodeKey } from '../property-json.ts';
import type { GraphSchema } from '../schema/index.ts';
import { countedOtherwise } from './count-sql.ts';
import { type Driving, isSentOnce, typeOf } from './driving.ts';
import { isExact, isExactFrom, isPlainKey } from './exact-pattern.ts';
import { type GivenKind, isConstant } from './given-values.ts';
import { labelSql, quoteLiteral, typeSql } from './label-sql.ts';
import {
  demandedLabels,
  type EntityAlias,
  type Predicate,
  type PredicateScope,
  predicateSql,
  propertyEquals,
} from './predicates.ts';
import { relationshipTable, trailSql } from './relationship-sql.ts';
import { type RemainingTests, remainingTests } from './remaining-tests.ts';
import { type FoundRelationship, keptApart, mayBeSame } from './unique-relationships.ts';

/** What decides, besides the plan, how it is written. */
export interface Circumstances {
  readonly schema: GraphSchema;
  readonly kinds: ReadonlyMap<Computed, GivenKind>;
  /**
   * For one driving row, whose values are then plain parameters: PostgreSQL plans and runs that faster than a join with
   * arrays of one item.
   */
  readonly single: boolean;
}

/**
 * What columns of the result are, for a slot: an entity with all that there is to it; some of it, its identity only if
 * it is asked for, then properties; or the identities of a list.
 */
export type Found =
  | { readonly kind: 'node' | 'relationship'; readonly slot: number }
  | {
      readonly kind: 'part-of-node' | 'part-of-relationship';
      readonly slot: number;
      readonly identified: boolean;
      readonly keys: readonly string[];
    }
  | { readonly kind: 'relationship-list'; readonly slot: number };

export interface PatternSql {
  readonly text: string;
  /**
   * `$1` is the first one: an array with a value for each driving row, unless there is but one or the value is sent once.
   * Behind them comes the number of driving rows, when no array tells it.
   */
  readonly driving: readonly Driving[];
  /** Unless there is but one driving row, the first column is the position of it, from 1. */
  readonly found: readonly Found[];
  /** For each conjunct of the plan what was made of it; undefined for what is left to whoever reads the rows. */
  readonly predicates: readonly (Predicate | undefined)[];
  /** Names of the indexes whose keys are tested. */
  readonly indexes: readonly string[];
}

/** One that finds rows. */
export interface SearchSql extends PatternSql {
  /** What is left to be tested on the rows. */
  readonly remaining: RemainingTests;
}

export function patternSql(plan: MatchPlan, circumstances: Circumstances): SearchSql {
  return new Builder(plan, circumstances).build();
}

/** Only the number of matches, or of different identities in a slot; for a single driving row. */
export function countSql(
  plan: MatchPlan,
  distinctSlot: number | undefined,
  circumstances: Circumstances,
): PatternSql | undefined {
  if (!isExact(plan)) return undefined;
  const quicker = countedOtherwise(plan, distinctSlot, circumstances);
  if (quicker !== undefined) return { ...quicker, found: [], predicates: [] };
  const sql = new Builder(plan, circumstances).buildCount(distinctSlot);
  return sql?.predicates.every((predicate) => predicate?.exact === true) === true ? sql : undefined;
}

/**
 * For each driving row that has a match its position and the number of matches; with `existence` its position only, and
 * no more than one match is looked for.
 */
export function countsSql(
  plan: MatchPlan,
  existence: boolean,
  circumstances: Circumstances,
): PatternSql | undefined {
  if (!isExactFrom(plan)) return undefined;
  const sql = new Builder(plan, circumstances).buildCounts(existence);
  return sql?.predicates.every((predicate) => predicate?.exact === true) === true ? sql : undefined;
}

class Builder {
  readonly #plan: MatchPlan;
  readonly #single: boolean;
  readonly #from: string[] = [];
  readonly #where: string[] = [];
  readonly #select: string[] = [];
  readonly #driving: Driving[] = [];
  readonly #found: Found[] = [];
  /** SQL for the identity in a slot, as soon as something in FROM has it. */
  readonly #ids = new Map<number, string>();
  readonly #relationships: FoundRelationship[] = [];
  readonly #tables = new Map<number, EntityAlias>();
  #indexes = new Set<string>();
  #predicates: readonly (Predicate | undefined)[] = [];
  #aliases = 0;
  /** Values of property tests that SQL lets nothing else through of. */
  readonly #settled = new Set<Computed>();
  readonly #scope: PredicateScope;
  /** A property test is not in the SQL, since its value could not be computed. */
  #leavesOpen = false;

  constructor(plan: MatchPlan, circumstances: Circumstances) {
    this.#plan = plan;
    this.#single = circumstances.single;
    this.#scope = {
      ...circumstances,
      table: (slot) => this.#tables.get(slot),
      id: (slot) => this.#entityId(slot),
      parameter: (given) => this.#parameter(given),
      isSame: (value) => this.#single || isConstant(value),
      attempt: (work) => this.#attempt(work),
      used: (index) => void this.#indexes.add(index),
    };
  }

  build(): SearchSql {
    const { from, where } = this.#parts();
    const columns = this.#single ? this.#select : ['d.ord', ...this.#select];
    if (columns.length === 0) columns.push('1');
    const order = this.#single ? '' : ' ORDER BY d.ord';
    const text = `SELECT ${columns.join(', ')}${from}${where}${order}`;
    const remaining = remainingTests(this.#plan, this.#settled, this.#predicates);
    return { ...this.#whole(text, this.#found), remaining };
  }

  buildCount(distinctSlot: number | undefined): PatternSql | undefined {
    const { from, where } = this.#parts();
    const id = distinctSlot === undefined ? undefined : this.#ids.get(distinctSlot);
    if (this.#leavesOpen || (distinctSlot !== undefined && id === undefined)) return undefined;
    const what = id === undefined ? 'count(*)' : `count(DISTINCT ${id})`;
    return this.#whole(`SELECT ${what}${from}${where}`, []);
  }

  /** For several driving rows. */
  buildCounts(existence: boolean): PatternSql | undefined {
    const { from, where, driven } = this.#parts();
    if (this.#leavesOpen) return undefined;
    if (!existence) return this.#whole(`SELECT d.ord, count(*)${from}${where} GROUP BY d.ord`, []);
    const found = this.#from.length === 0 ? '' : ` FROM ${this.#from.join(', ')}`;
    return this.#whole(`SELECT d.ord FROM ${driven} WHERE EXISTS (SELECT${found}${where})`, []);
  }

  #whole(text: string, found: readonly Found[]): PatternSql {
    const indexes = [...this.#indexes];
    return { text, driving: this.#driving, found, predicates: this.#predicates, indexes };
  }

  #parts(): { readonly from: string; readonly where: string; readonly driven: string } {
    for (const { nodes, relationships } of this.#plan.paths) {
      for (const node of nodes) if (node.bound) this.#bind(node.slot, 'node', 'bigint');
      for (const step of relationships) this.#bindRelationship(step);
    }
    for (const path of this.#plan.paths) this.#path(path);
    this.#where.push(...keptApart(this.#relationships));
    this.#conditions();
    const where = this.#where.length === 0 ? '' : ` WHERE ${this.#where.join(' AND ')}`;
    if (this.#single) {
      return { from: this.#from.length === 0 ? '' : ` FROM ${this.#from.join(', ')}`, where, driven: '' };
    }
    const numbered = this.#driving.map((one, at) => ({ one, at })).filter(({ one }) => !isSentOnce(one));
    const arrays = numbered.map(({ one, at }) => `$${at + 1}::${typeOf(one)}[]`);
    const names = numbered.map(({ at }) => `p${at}`);
    // Where no array tells how many driving rows there are, a last parameter does.
    const driven =
      arrays.length === 0
        ? `generate_series(1, $${this.#driving.length + 1}::bigint) AS d(ord)`
        : `unnest(${arrays.join(', ')}) WITH ORDINALITY AS d(${[...names, 'ord'].join(', ')})`;
    return { from: ` FROM ${[driven, ...this.#from].join(', ')}`, where, driven };
  }

  #conditions(): void {
    this.#predicates = this.#plan.conjuncts.map(({ condition }) => predicateSql(condition, this.#scope));
    for (const one of this.#predicates) if (one !== undefined) this.#where.push(`(${one.sql})`);
  }

  #attempt(work: () => Predicate | undefined): Predicate | undefined {
    const [parameters, indexes] = [this.#driving.length, [...this.#indexes]];
    const predicate = work();
    if (predicate !== undefined) return predicate;
    this.#driving.length = parameters;
    this.#indexes = new Set(indexes);
    return undefined;
  }

  /** Of one node or relationship, which a list of them is not. */
  #entityId(slot: number): { readonly kind: 'node' | 'relationship'; readonly sql: string } | undefined {
    const sql = this.#ids.get(slot);
    if (sql === undefined) return undefined;
    for (const { nodes, relationships } of this.#plan.paths) {
      if (nodes.some((node) => node.slot === slot)) return { kind: 'node', sql };
      if (relationships.some((step) => step.slot === slot && step.length === undefined)) {
        return { kind: 'relationship', sql };
      }
    }
    return undefined;
  }

  /** For the conditions on the entity of a slot. */
  #table(kind: 'node' | 'relationship', step: NodeStep | RelationshipStep, alias: string): EntityAlias {
    const pattern = 'types' in step ? step.types : step.labels;
    const demanded = this.#plan.conjuncts.flatMap(({ condition }) =>
      condition?.kind === 'labels' && condition.slot === step.slot ? demandedLabels(condition) : [],
    );
    const labels = [...(pattern === undefined ? [] : requiredLabels(pattern)), ...demanded];
    const table: EntityAlias = { kind, alias, labels };
    this.#tables.set(step.slot, table);
    return table;
  }

  #bind(slot: number, kind: 'node' | 'relationship' | 'relationship-list', type: string): void {
    if (this.#ids.has(slot)) return;
    const parameter = this.#parameter({ kind, slot });
    this.#ids.set(slot, type === 'bigint' ? parameter : `${parameter}::${type}`);
  }

  /** SQL for the value of a new parameter. */
  #parameter(driving: Driving): string {
    const at = this.#driving.push(driving);
    return this.#single || isSentOnce(driving) ? `$${at}::${typeOf(driving)}` : `d.p${at - 1}`;
  }

  #bindRelationship({ bound, slot, length }: RelationshipStep): void {
    if (!bound) return;
    if (length === undefined) this.#bind(slot, 'relationship', 'bigint');
    else this.#bind(slot, 'relationship-list', 'bigint[]');
  }

  #path(path: PathStep): void {
    const [first] = path.nodes;
    const isApart = first?.bound || !this.#ids.has(first?.slot ?? 0);
    for (const [at, node] of path.nodes.entries()) {
      const step = path.relationships[at - 1];
      const next = path.relationships[at];
      // The ends of a shortest path are found here, the way between them elsewhere.
      if (path.shortest !== undefined) this.#node(node);
      else if (step?.length !== undefined) this.#variable(path, at - 1, step, at === 1 && isApart);
      else if (step !== undefined) this.#fixed(path, at - 1, step);
      // Otherwise it is found with the relationship that leads away from it.
      else if (next === undefined || next.length !== undefined) this.#node(node);
    }
  }

  /** A node that nothing leads to yet: from its table, unless it is bound or was found before. */
  #node(step: NodeStep): string {
    const known = this.#ids.get(step.slot);
    if (known !== undefined) {
      if (step.bound) this.#where.push(`${known} IS NOT NULL`);
      return known;
    }
    return this.#nodeTable(step);
  }

  #nodeTable(step: NodeStep): string {
    const alias = this.#alias('n');
    this.#from.push(`graph.node ${alias}`);
    this.#ids.set(step.slot, `${alias}.id`);
    if (step.labels !== undefined) this.#where.push(labelSql(step.labels, alias));
    this.#properties(step, this.#table('node', step, alias));
    this.#selectEntity('node', step, alias, [`array_to_json(${alias}.labels)`]);
    return `${alias}.id`;
  }

  #fixed(path: PathStep, at: number, step: RelationshipStep): void {
    const [left, right] = [path.nodes[at], path.nodes[at + 1]];
    if (left === undefined || right === undefined) return;
    const alias = this.#alias('e');
    const typed = step.types === undefined ? '' : typeSql(step.types, 'type');
    this.#end(left, `${alias}.a`);
    this.#from.push(relationshipTable(step.direction, typed, alias));
    this.#end(right, `${alias}.b`);
    const given = this.#ids.get(step.slot);
    if (given !== undefined) this.#where.push(`${alias}.id = ${given}`);
    else this.#ids.set(step.slot, `${alias}.id`);
    this.#properties(step, this.#table('relationship', step, alias));
    this.#selectEntity('relationship', step, alias, [`${alias}.type`, `${alias}.src`, `${alias}.dst`]);
    this.#relationships.push({ sql: `${alias}.id`, list: false, step, others: [] });
  }

  /** Columns with as much of the entity as the query uses. */
  #selectEntity(
    kind: 'node' | 'relationship',
    { slot, bound, usage, properties }: NodeStep | RelationshipStep,
    alias: string,
    rest: readonly string[],
  ): void {
    if (usage.kind === 'whole') {
      this.#select.push(`${alias}.id`, ...rest, `${alias}.props`);
      this.#found.push({ kind, slot });
      return;
    }
    const isRead = usage.kind === 'properties';
    const identified = usage.kind === 'identity' || (isRead && (bound || usage.identified));
    const keys = isRead ? [...usage.keys, ...this.#unsettled(properties, usage.tested)] : [];
    if (!identified && keys.length === 0) return;
    if (identified) this.#select.push(`${alias}.id`);
    this.#select.push(...keys.map((key) => `${alias}.props -> ${quoteLiteral(encodeKey(key))}`));
    this.#found.push({ kind: `part-of-${kind}`, slot, identified, keys });
  }

  /** Of the properties that only the pattern asks for, those that must be tested again. */
  #unsettled(properties: PropertyTests | undefined, tested: readonly string[]): readonly string[] {
    const left = (properties?.entries ?? []).filter(({ value }) => !this.#settled.has(value));
    return tested.filter((key) => left.some((entry) => entry.key === key));
  }

  /** The node at an end of a relationship. Its table is joined when there is something to test or to read. */
  #end(step: NodeStep, id: string): void {
    const known = this.#ids.get(step.slot);
    const isAsked = step.labels !== undefined || step.properties !== undefined || step.where !== undefined;
    if (known === undefined && !isAsked && (step.usage.kind === 'none' || step.usage.kind === 'identity')) {
      // That the node is there is what the foreign key says.
      this.#ids.set(step.slot, id);
      if (step.usage.kind === 'none') return;
      this.#select.push(id);
      this.#found.push({ kind: 'part-of-node', slot: step.slot, identified: true, keys: [] });
      return;
    }
    const node = known ?? this.#nodeTable(step);
    this.#where.push(`${node} = ${id}`);
  }

  /** @param isApart nothing that the clause finds before leads to where it starts */
  #variable(path: PathStep, at: number, step: RelationshipStep, isApart: boolean): void {
    const [left, right] = [path.nodes[at], path.nodes[at + 1]];
    if (left === undefined || right === undefined) return;
    const start = this.#ids.get(left.slot);
    if (start === undefined) return;
    const alias = this.#alias('v');
    const given = this.#ids.get(step.slot);
    // Short trails from a start of their own are found once for all that was found before, and compared afterwards.
    const isAnyLength = step.length?.max === undefined;
    const others =
      isApart && !isAnyLength ? [] : this.#relationships.filter((one) => mayBeSame(step, one.step));
    this.#from.push(`LATERAL (${trailSql(step, start, given, this.#propertyTests(step), others)}) ${alias}`);
    this.#end(right, `${alias}.cur`);
    if (given !== undefined) this.#where.push(`${alias}.rels = ${given}`);
    else this.#ids.set(step.slot, `${alias}.rels`);
    this.#select.push(`array_to_json(${alias}.rels)`);
    this.#found.push({ kind: 'relationship-list', slot: step.slot });
    this.#relationships.push({ sql: `${alias}.rels`, list: true, step, others });
  }

  #properties(step: NodeStep | RelationshipStep, table: EntityAlias): void {
    this.#where.push(...this.#tests(step, table));
  }

  #propertyTests(step: RelationshipStep): string {
    // The relationships of a trail are found by where they begin, so no other index is asked.
    const table: EntityAlias = { kind: 'relationship', alias: 'e', labels: [] };
    const tests = this.#tests(step, table).map((test) => ` AND ${test}`);
    return tests.join('');
  }

  #tests({ properties }: NodeStep | RelationshipStep, table: EntityAlias): string[] {
    return (properties?.entries ?? []).flatMap(({ key, value }) => {
      if (!value.given || !isPlainKey(key)) return [];
      const predicate = propertyEquals(table, key, value, this.#scope);
      if (predicate === undefined) this.#leavesOpen = true;
      if (predicate === undefined) return [];
      if (predicate.exact) this.#settled.add(value);
      return [predicate.sql];
    });
  }

  #alias(letter: string): string {
    return `${letter}${this.#aliases++}`;
  }
}
