/** Random conditions on a path, each as Cypher and as what it means: true, false, or undefined for unknown. */
import type { Edge, PlainGraph, Vertex } from './plain-graph.ts';
import type { Dice } from './random-cypher.ts';

export interface FoundTrail {
  readonly graph: PlainGraph;
  readonly start: Vertex;
  readonly end: Vertex;
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

export interface Conditions {
  /** Joined by AND. `a` and `b` are the ends, `p` is the path, `rs` its relationships. */
  readonly texts: readonly string[];
  pass(trail: FoundTrail): boolean;
}

type Truth = boolean | undefined;

interface Condition {
  readonly text: string;
  readonly holds: (trail: FoundTrail) => Truth;
}

const compare = (
  left: number | undefined,
  right: number | undefined,
  test: (l: number, r: number) => boolean,
): Truth => (left === undefined || right === undefined ? undefined : test(left, right));

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

const allOf = (truths: readonly Truth[]): Truth => not(anyOf(truths.map(not)));

const isAbove = (l: number, r: number): boolean => l > r;
const isEqual = (l: number, r: number): boolean => l === r;

/** Those that each relationship or node must fulfil by itself. */
const eachCondition = (dice: Dice, k: number): Condition =>
  dice.one<Condition>([
    {
      text: `all(r IN relationships(p) WHERE r.w > ${k})`,
      holds: ({ edges }) => allOf(edges.map(({ w }) => compare(w, k, isAbove))),
    },
    {
      text: `none(r IN relationships(p) WHERE r.w = ${k})`,
      holds: ({ edges }) => not(anyOf(edges.map(({ w }) => compare(w, k, isEqual)))),
    },
    {
      text: `NOT any(r IN rs WHERE r.w > ${k})`,
      holds: ({ edges }) => not(anyOf(edges.map(({ w }) => compare(w, k, isAbove)))),
    },
    {
      text: `all(r IN rs WHERE r.w IS NULL OR type(r) = 'S')`,
      holds: ({ edges }) => edges.every(({ w, type }) => w === undefined || type === 'S'),
    },
    {
      text: `all(r IN relationships(p) WHERE startNode(r).x > ${k - 1})`,
      holds: ({ graph, edges }) =>
        allOf(edges.map(({ from }) => compare(graph.vertices[from]?.x, k - 1, isAbove))),
    },
    {
      text: `all(n IN nodes(p) WHERE ${k} > n.x)`,
      holds: ({ vertices }) => allOf(vertices.map(({ x }) => compare(k, x, isAbove))),
    },
    {
      text: `none(n IN nodes(p) WHERE n.x = ${k})`,
      holds: ({ vertices }) => not(anyOf(vertices.map(({ x }) => compare(x, k, isEqual)))),
    },
    {
      text: 'all(n IN nodes(p) WHERE n:A OR n.x = a.x)',
      holds: ({ start, vertices }) =>
        allOf(vertices.map(({ label, x }) => anyOf([label === 'A', compare(x, start.x, isEqual)]))),
    },
    {
      text: 'all(n IN nodes(p) WHERE EXISTS { (n)-[:S]->() })',
      holds: ({ graph, vertices }) =>
        vertices.every(({ i }) => graph.edges.some(({ from, type }) => from === i && type === 'S')),
    },
  ]);

/** Those that only a whole path can answer. */
const wholeCondition = (dice: Dice, k: number): Condition =>
  dice.one<Condition>([
    { text: `length(p) > ${k}`, holds: ({ edges }) => edges.length > k },
    { text: 'size(rs) % 2 = 0', holds: ({ edges }) => edges.length % 2 === 0 },
    {
      text: `any(r IN relationships(p) WHERE r.w = ${k})`,
      holds: ({ edges }) => anyOf(edges.map(({ w }) => compare(w, k, isEqual))),
    },
    {
      text: `reduce(sum = 0, r IN rs | sum + coalesce(r.w, 0)) > ${k + 1}`,
      holds: ({ edges }) => edges.reduce((sum, { w }) => sum + (w ?? 0), 0) > k + 1,
    },
    {
      text: 'none(n IN nodes(p) WHERE n.x = length(p))',
      holds: ({ vertices, edges }) => not(anyOf(vertices.map(({ x }) => compare(x, edges.length, isEqual)))),
    },
    {
      text: 'any(n IN nodes(p) WHERE EXISTS { (n)-[:T]->(n) })',
      holds: ({ graph, vertices }) =>
        vertices.some(({ i }) =>
          graph.edges.some(({ from, to, type }) => from === i && to === i && type === 'T'),
        ),
    },
    {
      text: `(all(r IN rs WHERE r.w = ${k}) OR length(p) > 2)`,
      holds: ({ edges }) => anyOf([allOf(edges.map(({ w }) => compare(w, k, isEqual))), edges.length > 2]),
    },
  ]);

const endCondition = (dice: Dice, k: number): Condition =>
  dice.one<Condition>([
    { text: 'a.x > b.x', holds: ({ start, end }) => compare(start.x, end.x, isAbove) },
    { text: `b.x = ${k}`, holds: ({ end }) => compare(end.x, k, isEqual) },
  ]);

/** @param apart the ends must be two nodes */
export function drawConditions(dice: Dice, apart: boolean): Conditions {
  const conditions: Condition[] = apart ? [{ text: 'a <> b', holds: ({ start, end }) => start !== end }] : [];
  const k = (): number => dice.whole(0, 2);
  while (dice.chance(0.4) && conditions.length < 3) conditions.push(eachCondition(dice, k()));
  if (dice.chance(0.35)) conditions.push(wholeCondition(dice, k()));
  if (dice.chance(0.15)) conditions.push(endCondition(dice, k()));
  if (dice.chance(0.5)) conditions.reverse();
  return {
    texts: conditions.map(({ text }) => text),
    pass: (trail) => conditions.every(({ holds }) => holds(trail) === true),
  };
}
