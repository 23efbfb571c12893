/**
 * A pattern -> one SQL statement that finds identities. Labels, types, how things hang together and that no
 * relationship is used twice are exact; properties that are known beforehand are tested for equality as jsonb, which
 * lets through a little too much (NaN), and everything is tested again by whoever reads the rows. Labels and types are
 * literals in the text, since a generic plan cannot prove a partial index from a parameter.
 */
import {
  type Computed,
  type MatchPlan,
  type NodeStep,
  type PathStep,
  type RelationshipStep,
  requiredLabels,
  type Usage,
} from '../../../cypher/index.ts';
import { encodeKey } from '../property-json.ts';
import type { GraphSchema } from '../schema/index.ts';
import { type Driving, type PropertyPlace, typeOf } from './driving.ts';
import { isExact, isPlainKey } from './exact-pattern.ts';
import type { GivenKind } from './given-values.ts';
import { labelSql, quoteLiteral, typeSql } from './label-sql.ts';
import {
  demandedLabels,
  type EntityAlias,
  equalityKey,
  type Predicate,
  type PredicateScope,
  predicateSql,
  propertySql,
} from './predicates.ts';
import { relationshipTable, trailSql } from './relationship-sql.ts';

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

/** What a column of the result is: the identity, and what is known of the entity, for a slot. */
export type Found =
  | { readonly kind: 'node' | 'relationship'; readonly slot: number; readonly usage: Usage }
  | { readonly kind: 'relationship-list'; readonly slot: number };

export interface PatternSql {
  readonly text: string;
  /** `$1` is the first one: an array with a value for each driving row. */
  readonly driving: readonly Driving[];
  /** The first column is the position of the driving row, from 1. */
  readonly found: readonly Found[];
  /** For each conjunct of the plan what was made of it; undefined for what is left to whoever reads the rows. */
  readonly predicates: readonly (Predicate | undefined)[];
  /** Names of the indexes whose keys are tested. */
  readonly indexes: readonly string[];
}

export function patternSql(plan: MatchPlan, circumstances: Circumstances): PatternSql {
  return new Builder(plan, circumstances).build();
}

/** Only the number of matches, or of different identities in a slot; for a single driving row. */
export function countSql(
  plan: MatchPlan,
  distinctSlot: number | undefined,
  circumstances: Circumstances,
): PatternSql | undefined {
  if (!isExact(plan)) return undefined;
  const sql = new Builder(plan, circumstances).buildCount(distinctSlot);
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
  readonly #relationships: { readonly sql: string; readonly list: boolean }[] = [];
  readonly #tables = new Map<number, EntityAlias>();
  #indexes = new Set<string>();
  readonly #circumstances: Circumstances;
  #predicates: readonly (Predicate | undefined)[] = [];
  #aliases = 0;

  constructor(plan: MatchPlan, circumstances: Circumstances) {
    this.#plan = plan;
    this.#circumstances = circumstances;
    this.#single = circumstances.single;
  }

  build(): PatternSql {
    const { from, where } = this.#parts();
    const columns = [this.#single ? '1' : 'd.ord', ...this.#select];
    const order = this.#single ? '' : ' ORDER BY d.ord';
    const text = `SELECT ${columns.join(', ')}${from}${where}${order}`;
    return this.#whole(text, this.#found);
  }

  buildCount(distinctSlot: number | undefined): PatternSql | undefined {
    const { from, where } = this.#parts();
    const id = distinctSlot === undefined ? undefined : this.#ids.get(distinctSlot);
    if (distinctSlot !== undefined && id === undefined) return undefined;
    const what = id === undefined ? 'count(*)' : `count(DISTINCT ${id})`;
    return this.#whole(`SELECT ${what}${from}${where}`, []);
  }

  #whole(text: string, found: readonly Found[]): PatternSql {
    const indexes = [...this.#indexes];
    return { text, driving: this.#driving, found, predicates: this.#predicates, indexes };
  }

  #parts(): { readonly from: string; readonly where: string } {
    for (const { nodes, relationships } of this.#plan.paths) {
      for (const node of nodes) if (node.bound) this.#bind(node.slot, 'node', 'bigint');
      for (const step of relationships) this.#bindRelationship(step);
    }
    for (const [index, path] of this.#plan.paths.entries()) this.#path(path, index);
    this.#unique();
    this.#conditions();
    const where = this.#where.length === 0 ? '' : ` WHERE ${this.#where.join(' AND ')}`;
    if (this.#single) return { from: this.#from.length === 0 ? '' : ` FROM ${this.#from.join(', ')}`, where };
    const arrays = this.#driving.map((one, at) => `$${at + 1}::${typeOf(one)}[]`);
    const names = this.#driving.map((_, at) => `p${at}`);
    const driven =
      arrays.length === 0
        ? 'generate_series(1, $1::bigint) AS d(ord)'
        : `unnest(${arrays.join(', ')}) WITH ORDINALITY AS d(${[...names, 'ord'].join(', ')})`;
    return { from: ` FROM ${[driven, ...this.#from].join(', ')}`, where };
  }

  #conditions(): void {
    const scope: PredicateScope = {
      ...this.#circumstances,
      table: (slot) => this.#tables.get(slot),
      id: (slot) => this.#entityId(slot),
      parameter: (given) => this.#parameter(given),
      attempt: (work) => {
        const [parameters, indexes] = [this.#driving.length, [...this.#indexes]];
        const predicate = work();
        if (predicate !== undefined) return predicate;
        this.#driving.length = parameters;
        this.#indexes = new Set(indexes);
        return undefined;
      },
      used: (index) => void this.#indexes.add(index),
    };
    this.#predicates = this.#plan.conjuncts.map(({ condition }) => predicateSql(condition, scope));
    for (const one of this.#predicates) if (one !== undefined) this.#where.push(`(${one.sql})`);
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
    return this.#single ? `$${at}::${typeOf(driving)}` : `d.p${at - 1}`;
  }

  #bindRelationship({ bound, slot, length }: RelationshipStep): void {
    if (!bound) return;
    if (length === undefined) this.#bind(slot, 'relationship', 'bigint');
    else this.#bind(slot, 'relationship-list', 'bigint[]');
  }

  #path(path: PathStep, index: number): void {
    for (const [at, node] of path.nodes.entries()) {
      const step = path.relationships[at - 1];
      // The ends of a shortest path are found here, the way between them elsewhere.
      if (path.shortest !== undefined || step === undefined)
        this.#node(node, { path: index, part: 'nodes', index: at });
      else if (step.length !== undefined) this.#variable(path, index, at - 1, step);
      else this.#fixed(path, index, at - 1, step);
    }
  }

  /** A node that nothing leads to yet: from its table, unless it is bound or was found before. */
  #node(step: NodeStep, place: Omit<PropertyPlace, 'entry'>): string {
    const known = this.#ids.get(step.slot);
    if (known !== undefined) {
      if (step.bound) this.#where.push(`${known} IS NOT NULL`);
      return known;
    }
    return this.#nodeTable(step, place);
  }

  #nodeTable(step: NodeStep, place: Omit<PropertyPlace, 'entry'>): string {
    const alias = this.#alias('n');
    this.#from.push(`graph.node ${alias}`);
    this.#ids.set(step.slot, `${alias}.id`);
    if (step.labels !== undefined) this.#where.push(labelSql(step.labels, alias));
    this.#properties(step, this.#table('node', step, alias), place);
    this.#selectEntity('node', step, alias, [`array_to_json(${alias}.labels)`]);
    return `${alias}.id`;
  }

  #fixed(path: PathStep, pathIndex: number, at: number, step: RelationshipStep): void {
    const [left, right] = [path.nodes[at], path.nodes[at + 1]];
    if (left === undefined || right === undefined) return;
    const alias = this.#alias('e');
    const typed = step.types === undefined ? '' : typeSql(step.types, 'type');
    this.#from.push(relationshipTable(step, typed, alias));
    const from = this.#ids.get(left.slot);
    if (from !== undefined) this.#where.push(`${alias}.a = ${from}`);
    this.#end(right, `${alias}.b`, { path: pathIndex, part: 'nodes', index: at + 1 });
    const given = this.#ids.get(step.slot);
    if (given !== undefined) this.#where.push(`${alias}.id = ${given}`);
    else this.#ids.set(step.slot, `${alias}.id`);
    const table = this.#table('relationship', step, alias);
    this.#properties(step, table, { path: pathIndex, part: 'relationships', index: at });
    this.#selectEntity('relationship', step, alias, [`${alias}.type`, `${alias}.src`, `${alias}.dst`]);
    this.#relationships.push({ sql: `${alias}.id`, list: false });
  }

  /** Columns with as much of the entity as the query uses. */
  #selectEntity(
    kind: 'node' | 'relationship',
    { slot, usage }: NodeStep | RelationshipStep,
    alias: string,
    rest: readonly string[],
  ): void {
    if (usage.kind === 'none') return;
    this.#select.push(`${alias}.id`);
    if (usage.kind === 'whole') this.#select.push(...rest, `${alias}.props`);
    if (usage.kind === 'properties') {
      this.#select.push(...usage.keys.map((key) => `${alias}.props -> ${quoteLiteral(encodeKey(key))}`));
    }
    this.#found.push({ kind, slot, usage });
  }

  /** The node at the far end of a relationship. Its table is joined when there is something to test or to read. */
  #end(step: NodeStep, id: string, place: Omit<PropertyPlace, 'entry'>): void {
    const known = this.#ids.get(step.slot);
    const isAsked = step.labels !== undefined || step.properties !== undefined || step.where !== undefined;
    if (known === undefined && !isAsked && (step.usage.kind === 'none' || step.usage.kind === 'identity')) {
      // That the node is there is what the foreign key says.
      this.#ids.set(step.slot, id);
      if (step.usage.kind === 'none') return;
      this.#select.push(id);
      this.#found.push({ kind: 'node', slot: step.slot, usage: step.usage });
      return;
    }
    const node = known ?? this.#nodeTable(step, place);
    this.#where.push(`${node} = ${id}`);
  }

  #variable(path: PathStep, pathIndex: number, at: number, step: RelationshipStep): void {
    const [left, right] = [path.nodes[at], path.nodes[at + 1]];
    if (left === undefined || right === undefined) return;
    const start = this.#ids.get(left.slot);
    if (start === undefined) return;
    const alias = this.#alias('v');
    const given = this.#ids.get(step.slot);
    this.#from.push(
      `LATERAL (${trailSql(step, start, given, this.#propertyTests(step, pathIndex, at))}) ${alias}`,
    );
    this.#end(right, `${alias}.cur`, { path: pathIndex, part: 'nodes', index: at + 1 });
    if (given !== undefined) this.#where.push(`${alias}.rels = ${given}`);
    else this.#ids.set(step.slot, `${alias}.rels`);
    this.#select.push(`array_to_json(${alias}.rels)`);
    this.#found.push({ kind: 'relationship-list', slot: step.slot });
    this.#relationships.push({ sql: `${alias}.rels`, list: true });
  }

  #properties(
    step: NodeStep | RelationshipStep,
    table: EntityAlias,
    place: Omit<PropertyPlace, 'entry'>,
  ): void {
    for (const test of this.#tests(step, place)) this.#where.push(test(table));
  }

  #propertyTests(step: RelationshipStep, path: number, index: number): string {
    const tests = this.#tests(step, { path, part: 'relationships', index });
    // The relationships of a trail are found by where they begin, so no other index is asked.
    const table: EntityAlias = { kind: 'relationship', alias: 'e', labels: [] };
    return tests.map((test) => ` AND ${test(table)}`).join('');
  }

  #tests(
    step: NodeStep | RelationshipStep,
    place: Omit<PropertyPlace, 'entry'>,
  ): ((table: EntityAlias) => string)[] {
    const entries = step.properties?.entries ?? [];
    return entries.flatMap(({ key, value }, entry) => {
      if (!value.given || !isPlainKey(key)) return [];
      const parameter = this.#parameter({ kind: 'property', test: { ...place, entry } });
      const used = (index: string): void => void this.#indexes.add(index);
      const scope = { schema: this.#circumstances.schema, used };
      return [
        (table: EntityAlias) =>
          `${equalityKey(table, key, parameter, false, scope)}${propertySql(table, key)} = ${parameter}`,
      ];
    });
  }

  /** No relationship twice within the clause, over all its paths. */
  #unique(): void {
    const all = this.#relationships;
    for (const [at, one] of all.entries()) {
      for (const other of all.slice(at + 1)) {
        if (one.list && other.list) this.#where.push(`NOT ${one.sql} && ${other.sql}`);
        else if (one.list) this.#where.push(`${other.sql} <> ALL (${one.sql})`);
        else if (other.list) this.#where.push(`${one.sql} <> ALL (${other.sql})`);
        else this.#where.push(`${one.sql} <> ${other.sql}`);
      }
    }
  }

  #alias(letter: string): string {
    return `${letter}${this.#aliases++}`;
  }
}
