/**
 * Shortest paths on random graphs with loops and parallel relationships: PostgreSQL, memory and a search that tries every
 * trail find the same. Everything comes from one seed; a failure prints it with the graph and the query.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import type { Row } from '../../src/cypher/run/row.ts';
import type { Value } from '../../src/cypher/values/value.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { type Conditions, drawConditions } from './path-conditions.ts';
import { type Edge, type PlainGraph, textOfGraph, type Vertex } from './plain-graph.ts';
import { Dice } from './random-cypher.ts';
import { RUNS } from './seed.ts';

const SEED = Number(process.env.FACET_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const QUERIES_PER_GRAPH = 12;
const MINUTES = 60_000;

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());

const PLAIN = { parameters: new Map(), procedures: new Map() };
const IN_MEMORY = { random: () => 0.5 };

const LABELS = ['A', 'B'] as const;
const SOME = [undefined, 0, 1, 2] as const;

function randomGraph(dice: Dice): PlainGraph {
  const vertices = Array.from(
    { length: dice.whole(2, 6) },
    (_, i): Vertex => ({ i, label: dice.one(LABELS), x: dice.one(SOME) }),
  );
  const edges = Array.from({ length: dice.whole(0, 9) }, (_, j): Edge => {
    const [from, to] = [dice.whole(0, vertices.length - 1), dice.whole(0, vertices.length - 1)];
    return { j, from, to, type: dice.one(['S', 'T']), w: dice.one(SOME) };
  });
  return { vertices, edges };
}

interface Question {
  readonly text: string;
  readonly all: boolean;
  readonly labels: readonly [string, string];
  readonly direction: 'right' | 'left' | 'both';
  readonly types: readonly string[];
  readonly w: number | undefined;
  readonly min: 0 | 1;
  readonly max: number;
  readonly conditions: Conditions;
}

function randomQuestion(dice: Dice): Question {
  const min = dice.one([0, 1, 1] as const);
  const max = dice.one([99, 99, 99, 1, 2, 3, 4]);
  const types = dice.one([['S', 'T'], ['S', 'T'], ['S'], ['T']]);
  const w = dice.chance(0.15) ? dice.whole(0, 2) : undefined;
  const direction = dice.one(['right', 'left', 'both'] as const);
  const labels = [dice.one(LABELS), dice.one(LABELS)] as const;
  const all = dice.chance(0.6);
  const conditions = drawConditions(dice, min === 1);
  const length = `*${min === 0 ? 0 : dice.one(['', '1'])}..${max === 99 ? '' : max}`;
  const named = types.length === 2 ? dice.one(['', ':S|T']) : `:${types[0]}`;
  const inside = `[rs${named}${length}${w === undefined ? '' : ` {w: ${w}}`}]`;
  const way = direction === 'right' ? `-${inside}->` : direction === 'left' ? `<-${inside}-` : `-${inside}-`;
  const name = all ? 'allShortestPaths' : 'shortestPath';
  const ends = `(a:${labels[0]}), (b:${labels[1]})`;
  const match = dice.one([
    `MATCH p = ${name}((a:${labels[0]})${way}(b:${labels[1]}))`,
    `MATCH ${ends} MATCH p = ${name}((a)${way}(b))`,
    `MATCH p = ${name}((a)${way}(b)), ${ends}`,
  ]);
  const where = conditions.texts.length === 0 ? '' : ` WHERE ${conditions.texts.join(' AND ')}`;
  const text = `${match}${where} RETURN a.i, b.i, [n IN nodes(p) | n.i], [r IN rs | r.j]`;
  return { text, all, labels, direction, types, w, min, max, conditions };
}

interface Trail {
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

/** Every trail that the pattern allows, from one vertex. */
function* trailsFrom(graph: PlainGraph, question: Question, trail: Trail): Generator<Trail> {
  yield trail;
  const last = trail.vertices.at(-1);
  if (last === undefined || trail.edges.length === question.max) return;
  for (const edge of graph.edges) {
    const isAllowed =
      question.types.includes(edge.type) && (question.w === undefined || edge.w === question.w);
    if (!isAllowed || trail.edges.includes(edge)) continue;
    const ends = new Set<number>();
    if (question.direction !== 'left' && edge.from === last.i) ends.add(edge.to);
    if (question.direction !== 'right' && edge.to === last.i) ends.add(edge.from);
    for (const end of ends) {
      const vertices = [...trail.vertices, ...graph.vertices.slice(end, end + 1)];
      yield* trailsFrom(graph, question, { vertices, edges: [...trail.edges, edge] });
    }
  }
}

/** By pair of ends: all shortest trails that pass. */
function byBruteForce(graph: PlainGraph, question: Question): Map<string, string[]> {
  const shortest = new Map<string, { length: number; lines: string[] }>();
  for (const start of graph.vertices.filter(({ label }) => label === question.labels[0])) {
    for (const { vertices, edges } of trailsFrom(graph, question, { vertices: [start], edges: [] })) {
      const end = vertices.at(-1);
      if (end?.label !== question.labels[1] || edges.length < question.min) continue;
      if (!question.conditions.pass({ graph, start, end, vertices, edges })) continue;
      const pair = `${start.i} ${end.i}`;
      const known = shortest.get(pair);
      if (known !== undefined && known.length < edges.length) continue;
      const line = `${pair}: ${vertices.map(({ i }) => i)} by ${edges.map(({ j }) => j)}`;
      if (known?.length === edges.length) known.lines.push(line);
      else shortest.set(pair, { length: edges.length, lines: [line] });
    }
  }
  return new Map([...shortest].map(([pair, { lines }]) => [pair, lines]));
}

const list = (value: Value | undefined): string => (Array.isArray(value) ? value.map(String).join() : '?');

const lineOf = ([a, b, nodes, relationships]: Row): string =>
  `${String(a)} ${String(b)}: ${list(nodes)} by ${list(relationships)}`;

function expectSame(
  rows: readonly Row[],
  expected: Map<string, string[]>,
  all: boolean,
  where: string,
): void {
  const lines = rows.map(lineOf).sort();
  if (all) {
    expect(lines, where).toEqual([...expected.values()].flat().sort());
    return;
  }
  expect(lines.map((line) => line.split(':')[0]).sort(), where).toEqual([...expected.keys()].sort());
  for (const line of lines) expect([...expected.values()].flat(), where).toContain(line);
}

describe('shortest paths', () => {
  it('are those of a search that tries everything', { timeout: 10 * MINUTES }, async () => {
    let found = 0;
    for (let at = 0; at < RUNS; at += QUERIES_PER_GRAPH) {
      const graph = randomGraph(new Dice(SEED + at));
      const create = textOfGraph(graph);
      const memory = new MemoryGraph();
      await executeInMemory(memory, create, IN_MEMORY);
      await emptyGraph(test.database);
      await runQuery(test.database, create, PLAIN);
      for (let query = at; query < at + QUERIES_PER_GRAPH; query++) {
        const question = randomQuestion(new Dice(SEED ^ (query * 7_919 + 1)));
        const where = `seed ${SEED}, query ${query}\n${create}\n${question.text}`;
        const expected = byBruteForce(graph, question);
        found += expected.size;
        const inMemory = await executeInMemory(memory, question.text, IN_MEMORY);
        expectSame(inMemory.rows, expected, question.all, `in memory: ${where}`);
        const { rows } = await runQuery(test.database, question.text, PLAIN);
        expectSame(rows, expected, question.all, `on PostgreSQL: ${where}`);
      }
    }
    expect(found).toBeGreaterThan(RUNS / 3);
  });
});
