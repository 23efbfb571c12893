/**
 * How many matches a pattern has, told by patterns that are easier to count. Cypher uses no relationship twice within a
 * MATCH; if it did, the matches could be counted by multiplying degrees. So count them as if it did, and take off those
 * in which two hops are the same relationship: in those the ends of the two hops are the same nodes, which is a smaller
 * pattern of the same sort. Over all ways to divide the hops into groups that are one relationship each, the matches
 * without repetition are the sum of `(-1)^(size - 1) * (size - 1)!` over the groups, times the matches of the smaller
 * pattern (inclusion and exclusion, the Moebius function of set partitions).
 */

/** One relationship of a pattern. Nodes are numbers; a relationship that points left is written from its start. */
export interface Hop {
  readonly from: number;
  readonly to: number;
  /** Either direction will do; then it is counted once for each, and a loop once. */
  readonly either: boolean;
  /** Both ends must not be one node. */
  readonly noLoop: boolean;
  /** The steps of the pattern that it stands for; what each asks for holds. */
  readonly steps: readonly number[];
}

/** A pattern, any relationship of which may be used again, and how often its matches count. */
export interface Term {
  readonly factor: number;
  /** Groups of nodes that are one node; a hop names it by the first. */
  readonly nodes: readonly (readonly number[])[];
  readonly hops: readonly Hop[];
}

/** Four hops that may be one relationship make 15 terms, five 52; each costs as much as looking at all relationships. */
const TERMS_MAX = 16;

/**
 * @param mayBeSame whether two steps could be one relationship, as when both may have the same type
 * @returns undefined when there would be too many terms
 */
export function trailTerms(
  nodes: readonly number[],
  hops: readonly Hop[],
  mayBeSame: (one: number, other: number) => boolean,
): readonly Term[] | undefined {
  let divisions: Hop[][][] = [[]];
  for (const hop of hops) {
    const fits = (group: readonly Hop[]): boolean =>
      group.every((other) => mayBeSame(stepOf(hop), stepOf(other)));
    divisions = divisions.flatMap((groups) => [
      [...groups, [hop]],
      ...groups.flatMap((group, at) => (fits(group) ? [groups.with(at, [...group, hop])] : [])),
    ]);
    if (divisions.length > TERMS_MAX) return undefined;
  }
  const terms = divisions.flatMap((groups) => termsOf(nodes, groups));
  return terms.length > TERMS_MAX ? undefined : terms;
}

const stepOf = ({ steps }: Hop): number => steps[0] ?? 0;

/** A hop for a group, and nodes that are the same for it. */
interface Merged {
  readonly hop: Hop;
  readonly pairs: readonly (readonly [number, number])[];
}

function termsOf(nodes: readonly number[], groups: readonly (readonly Hop[])[]): Term[] {
  const factor = groups.reduce((product, { length }) => product * signed(length), 1);
  let choices: Merged[][] = [[]];
  for (const group of groups) {
    choices = choices.flatMap((chosen) => merged(group).map((one) => [...chosen, one]));
  }
  return choices.flatMap((chosen) => {
    const named = smallestOf(
      nodes,
      chosen.flatMap(({ pairs }) => pairs),
    );
    const hops = chosen.map(({ hop }) => ({ ...hop, from: named(hop.from), to: named(hop.to) }));
    // What must not be a loop and is one has no match.
    if (hops.some(({ from, to, noLoop }) => noLoop && from === to)) return [];
    const groupsOfNodes = nodes
      .filter((node) => named(node) === node)
      .map((node) => [node, ...nodes.filter((other) => other !== node && named(other) === node)]);
    return [{ factor, nodes: groupsOfNodes, hops }];
  });
}

/** 1, -1, 2, -6 … */
function signed(size: number): number {
  let product = 1;
  for (let at = 1; at < size; at++) product *= -at;
  return product;
}

/** One relationship for several hops. Where the direction is open it may be passed either way, which a loop is not. */
function merged(group: readonly Hop[]): Merged[] {
  const base = group.find(({ either }) => !either) ?? group[0];
  if (base === undefined) return [];
  let ways: Merged[] = [{ hop: { ...base, steps: group.flatMap(({ steps }) => steps) }, pairs: [] }];
  for (const other of group) {
    if (other === base) continue;
    ways = ways.flatMap(({ hop, pairs }) => {
      const along: Merged = { hop, pairs: [...pairs, [base.from, other.from], [base.to, other.to]] };
      if (!other.either) return [along];
      const against: Merged = {
        hop: { ...hop, noLoop: true },
        pairs: [...pairs, [base.from, other.to], [base.to, other.from]],
      };
      return [along, against];
    });
  }
  return ways;
}

/** For each node the smallest of those that are the same. */
function smallestOf(
  nodes: readonly number[],
  pairs: readonly (readonly [number, number])[],
): (node: number) => number {
  const first = new Map(nodes.map((node) => [node, node]));
  const of = (node: number): number => first.get(node) ?? node;
  for (const [one, other] of pairs) {
    const [kept, gone] = [Math.min(of(one), of(other)), Math.max(of(one), of(other))];
    for (const [node, known] of first) if (known === gone) first.set(node, kept);
  }
  return of;
}
