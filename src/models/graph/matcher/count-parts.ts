/** Nodes and relationships of a pattern that is counted, as parts of SQL: tables, and what must hold of them. */
import {
  type Computed,
  type NodeStep,
  type RelationshipStep,
  requiredLabels,
} from '../../../cypher/index.ts';
import type { GraphSchema } from '../schema/index.ts';
import type { CountPattern } from './count-pattern.ts';
import { type Driving, typeOf } from './driving.ts';
import type { GivenKind } from './given-values.ts';
import { labelSql, typeSql } from './label-sql.ts';
import {
  demandedLabels,
  type EntityAlias,
  type PredicateScope,
  predicateSql,
  propertyEquals,
} from './predicates.ts';
import { relationshipTable } from './relationship-sql.ts';
import type { Hop } from './trail-terms.ts';

export interface CountSql {
  readonly text: string;
  readonly driving: readonly Driving[];
  readonly indexes: readonly string[];
}

export interface Known {
  readonly schema: GraphSchema;
  readonly kinds: ReadonlyMap<Computed, GivenKind>;
}

/** A part of a statement: tables, and what must hold of them. */
export interface Source {
  readonly from: readonly string[];
  readonly where: readonly string[];
}

export interface AliasedSource extends Source {
  readonly alias: string;
}

/** With both ends the same it is `a`. */
export const endOf = ({ alias }: AliasedSource, { from }: Hop, node: number): string =>
  from === node ? `${alias}.a` : `${alias}.b`;

export function select(columns: string, sources: readonly Source[]): string {
  const where = sources.flatMap((source) => source.where);
  const from = sources.flatMap((source) => source.from).join(', ');
  return `SELECT ${columns} FROM ${from}${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`}`;
}

/** Nodes and relationships with what is asked of them, and the parameters of that. */
export class CountParts {
  readonly #pattern: CountPattern;
  readonly #known: Known;
  readonly #driving: Driving[] = [];
  #indexes = new Set<string>();
  #aliases = 0;
  /** False when SQL lets through more than one of the conditions. */
  isExact = true;

  constructor(pattern: CountPattern, known: Known) {
    this.#pattern = pattern;
    this.#known = known;
  }

  whole(text: string): CountSql {
    return { text, driving: this.#driving, indexes: [...this.#indexes] };
  }

  alias(letter: string): string {
    return `${letter}${this.#aliases++}`;
  }

  /** A relationship with `a`, where the hop begins, and `b`. */
  relationship({ steps: numbers, either, noLoop }: Hop): AliasedSource {
    const alias = this.alias('e');
    const steps = numbers.flatMap((at) => this.#pattern.relationships[at] ?? []);
    const typed = new Set(steps.flatMap(({ types }) => (types === undefined ? [] : typeSql(types, 'type'))));
    const table = relationshipTable(either ? 'both' : 'right', [...typed].join(' AND '), alias);
    const where = steps.flatMap((one) => this.#tests(one, { kind: 'relationship', alias, labels: [] }));
    if (noLoop) where.push(`${alias}.a <> ${alias}.b`);
    return { alias, from: [table], where };
  }

  /** Whether a node in these places has to be looked at. */
  isAsked(slots: readonly number[]): boolean {
    return this.#asked(slots).length > 0;
  }

  /** The node with the identity `id`, in all the places that it has in the pattern; nothing where nothing is asked. */
  node(slots: readonly number[], id: string | undefined): Source {
    // That the ends of a relationship exist is what the foreign keys say.
    if (id !== undefined && !this.isAsked(slots)) return { from: [], where: [] };
    const alias = this.alias('n');
    const where = new Set(id === undefined ? [] : [`${alias}.id = ${id}`]);
    for (const step of this.#asked(slots)) {
      if (step.labels !== undefined) where.add(labelSql(step.labels, alias));
      for (const test of this.#tests(step, { kind: 'node', alias, labels: [] })) where.add(test);
    }
    return { from: [`graph.node ${alias}`], where: [...where] };
  }

  #asked(slots: readonly number[]): NodeStep[] {
    return slots
      .flatMap((slot) => this.#pattern.nodes.get(slot) ?? [])
      .filter(({ slot, labels, properties }) => {
        return labels !== undefined || properties !== undefined || this.#pattern.conditions.has(slot);
      });
  }

  /** Properties in the pattern, and parts of WHERE. */
  #tests(step: NodeStep | RelationshipStep, table: EntityAlias): string[] {
    const conditions = this.#pattern.conditions.get(step.slot) ?? [];
    const pattern = 'types' in step ? step.types : step.labels;
    const labels = [
      ...(pattern === undefined ? [] : requiredLabels(pattern)),
      ...conditions.flatMap(demandedLabels),
    ];
    const entity: EntityAlias = { ...table, labels };
    const scope: PredicateScope = {
      ...this.#known,
      table: () => entity,
      id: () => ({ kind: entity.kind, sql: `${entity.alias}.id` }),
      parameter: (given) => this.#parameter(given),
      // There is one driving row.
      isSame: () => true,
      // One that comes to nothing is the end of the whole attempt.
      attempt: (work) => work(),
      used: (name) => void this.#indexes.add(name),
    };
    const entries = (step.properties?.entries ?? []).map(({ key, value }) =>
      propertyEquals(entity, key, value, scope),
    );
    const predicates = [...entries, ...conditions.map((condition) => predicateSql(condition, scope))];
    return predicates.flatMap((predicate) => {
      if (predicate?.exact !== true) this.isExact = false;
      return predicate === undefined ? [] : [`(${predicate.sql})`];
    });
  }

  #parameter(driving: Driving): string {
    return `$${this.#driving.push(driving)}::${typeOf(driving)}`;
  }
}
