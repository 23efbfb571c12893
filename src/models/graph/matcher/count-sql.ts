/**
 * Counting the matches of a pattern from degrees: for each node the ways that lead on from it, multiplied where several
 * parts of the pattern meet. The cost is that of looking at the relationships once for each hop, however many matches
 * there are. And different end nodes of two hops, without every way to each of them.
 */
import type { MatchPlan } from '../../../cypher/index.ts';
import type { GraphSchema } from '../schema/index.ts';
import {
  type AliasedSource,
  CountParts,
  type CountSql,
  endOf,
  type Known,
  type Source,
  select,
} from './count-parts.ts';
import { type CountPattern, countPattern, isSeek } from './count-pattern.ts';
import { type Hop, type Term, trailTerms } from './trail-terms.ts';
import { mayBeSame } from './unique-relationships.ts';

/** Without looking at every match, where that is possible and worth it. */
export function countedOtherwise(
  plan: MatchPlan,
  distinctSlot: number | undefined,
  circumstances: Known & { readonly schema: GraphSchema },
): CountSql | undefined {
  const pattern = countPattern(plan);
  if (pattern === undefined) return undefined;
  if (distinctSlot !== undefined) return distinctEndSql(pattern, distinctSlot, circumstances);
  if (pattern.nodes.size < 2 || pattern.hops.length === 1 || isSeek(pattern, circumstances.schema))
    return undefined;
  return degreeCountSql(pattern, circumstances);
}

/** Undefined for patterns that go round in a circle, that have too many hops, or a condition that SQL only narrows. */
export function degreeCountSql(pattern: CountPattern, known: Known): CountSql | undefined {
  const sameSteps = (one: number, other: number): boolean => {
    const [a, b] = [pattern.relationships[one], pattern.relationships[other]];
    return a === undefined || b === undefined || mayBeSame(a, b);
  };
  const terms = trailTerms([...pattern.nodes.keys()], pattern.hops, sameSteps);
  if (terms === undefined) return undefined;
  const parts = new CountParts(pattern, known);
  const counts: string[] = [];
  for (const term of terms) {
    const matches = new TermSql(term, parts).matches();
    if (matches === undefined) return undefined;
    counts.push(term.factor === 1 ? matches : `${term.factor} * ${matches}`);
  }
  return parts.isExact ? parts.whole(`SELECT (${counts.join(' + ')})::bigint`) : undefined;
}

/**
 * The different nodes at the far end of two hops. Of the ways to a node between, only the first and the last by identity
 * are kept: one of them is another relationship than the second hop, unless there is no other.
 */
export function distinctEndSql(pattern: CountPattern, slot: number, known: Known): CountSql | undefined {
  const [one, other] = pattern.hops;
  if (one === undefined || other === undefined || pattern.hops.length !== 2 || pattern.nodes.size !== 3)
    return undefined;
  const [near, far] = other.from === slot || other.to === slot ? [one, other] : [other, one];
  const middle = far.from === slot ? far.to : far.from;
  const start = near.from === middle ? near.to : near.from;
  if (![far.from, far.to].includes(slot) || ![near.from, near.to].includes(middle)) return undefined;
  const parts = new CountParts(pattern, known);
  const [first, second] = [parts.relationship(near), parts.relationship(far)];
  const middleId = endOf(first, near, middle);
  const ways = select(`${middleId} AS k, min(${first.alias}.id) AS low, max(${first.alias}.id) AS high`, [
    parts.node([start], endOf(first, near, start)),
    first,
    parts.node([middle], middleId),
  ]);
  const end = endOf(second, far, slot);
  const [a, b] = [near, far].map(({ steps }) => pattern.relationships[steps[0] ?? 0]);
  const isDisjoint = a !== undefined && b !== undefined && !mayBeSame(a, b);
  const free = isDisjoint ? [] : [`(${second.alias}.id <> w.low OR ${second.alias}.id <> w.high)`];
  const text = select(`count(DISTINCT ${end})`, [
    { from: [`(${ways} GROUP BY 1) w`], where: [`${endOf(second, far, middle)} = w.k`, ...free] },
    second,
    parts.node([slot], end),
  ]);
  return parts.isExact ? parts.whole(text) : undefined;
}

/** The number of matches of one term, relationships used as often as one likes. */
class TermSql {
  readonly #term: Term;
  readonly #parts: CountParts;
  readonly #seen = new Set<number>();

  constructor(term: Term, parts: CountParts) {
    this.#term = term;
    this.#parts = parts;
  }

  /** A number in SQL; undefined for a pattern that goes round in a circle of more than two nodes. */
  matches(): string | undefined {
    const products: string[] = [];
    const names = this.#term.nodes.map(([name]) => name ?? 0);
    // From the middle of things the ways on are short. Parts that hang together with nothing else multiply.
    const byWays = names.sort((one, other) => this.#neighbours(other).size - this.#neighbours(one).size);
    for (const name of byWays) {
      if (this.#seen.has(name)) continue;
      const matches = this.#from(name);
      if (matches === undefined) return undefined;
      products.push(`(${matches})`);
    }
    return products.join(' * ');
  }

  #from(root: number): string | undefined {
    const slots = this.#slots(root);
    const [only, ...others] = this.#neighbours(root);
    if (only !== undefined && others.length === 0 && !this.#parts.isAsked(slots)) {
      this.#seen.add(root);
      return this.#ways(root, ...only)?.number;
    }
    const ways = this.#waysOn(root, undefined);
    if (ways === undefined) return undefined;
    const [first] = ways;
    if (first === undefined) return select('count(*)::numeric', [this.#parts.node(slots, undefined)]);
    const node = this.#parts.node(slots, `${first.alias}.k`);
    const joins = ways.slice(1).map(({ alias }) => `${alias}.k = ${first.alias}.k`);
    return select(sumOf(ways), [...ways, { from: [], where: joins }, node]);
  }

  /** For each other node, the hops between it and this one; loops are hops to itself. */
  #neighbours(node: number): Map<number, Hop[]> {
    const found = new Map<number, Hop[]>();
    for (const hop of this.#term.hops) {
      if (hop.from !== node && hop.to !== node) continue;
      const other = hop.from === node ? hop.to : hop.from;
      found.set(other, [...(found.get(other) ?? []), hop]);
    }
    return found;
  }

  /** Subqueries with a row for each node that has a way on: `k`, the node, and `n`, how many. */
  #waysOn(node: number, cameFrom: number | undefined): AliasedSource[] | undefined {
    this.#seen.add(node);
    const all: AliasedSource[] = [];
    for (const [other, hops] of this.#neighbours(node)) {
      if (other === cameFrom) continue;
      const ways = this.#ways(node, other, hops);
      if (ways === undefined) return undefined;
      const alias = this.#parts.alias('w');
      all.push({ alias, from: [`(${ways.byNode}) ${alias}`], where: [] });
    }
    return all;
  }

  /** The ways from a node through `hops`, which all lead to `other`, and from there on. */
  #ways(
    node: number,
    other: number,
    hops: readonly Hop[],
  ): { readonly byNode: string; readonly number: string } | undefined {
    const tables = hops.map((hop) => ({ hop, source: this.#parts.relationship(hop) }));
    const [first, ...rest] = tables;
    if (first === undefined) return undefined;
    const start = endOf(first.source, first.hop, node);
    const isLoop = other === node;
    const end = isLoop ? start : endOf(first.source, first.hop, other);
    const where = rest.flatMap(({ hop, source }) => [
      `${endOf(source, hop, node)} = ${start}`,
      ...(isLoop ? [] : [`${endOf(source, hop, other)} = ${end}`]),
    ]);
    if (isLoop) where.push(...tables.map(({ source: { alias } }) => `${alias}.a = ${alias}.b`));
    const sources: Source[] = [...tables.map(({ source }) => source), { from: [], where }];
    let ways: AliasedSource[] = [];
    if (!isLoop) {
      if (this.#seen.has(other)) return undefined;
      const on = this.#waysOn(other, node);
      if (on === undefined) return undefined;
      ways = on;
      const joins = ways.map(({ alias }) => `${alias}.k = ${end}`);
      sources.push(...ways, { from: [], where: joins }, this.#parts.node(this.#slots(other), end));
    }
    return {
      byNode: `${select(`${start} AS k, ${sumOf(ways)} AS n`, sources)} GROUP BY 1`,
      number: select(sumOf(ways), sources),
    };
  }

  #slots(name: number): readonly number[] {
    return this.#term.nodes.find(([first]) => first === name) ?? [];
  }
}

/** Products of degrees outgrow bigint sooner than their sum, so they are numeric. */
function sumOf(ways: readonly AliasedSource[]): string {
  const [first, ...others] = ways.map(({ alias }) => `${alias}.n`);
  if (first === undefined) return 'count(*)';
  return `coalesce(sum(${[`${first}::numeric`, ...others].join(' * ')}), 0)`;
}
