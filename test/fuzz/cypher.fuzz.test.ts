/**
 * Cypher on random graphs and random queries: PostgreSQL gives what memory gives, and a query that says the same in
 * another way gives the same. Everything comes from one seed; a failure prints it with the graph and the query.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import { prepare } from '../../src/cypher/run/prepare.ts';
import type { Row } from '../../src/cypher/run/row.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { readCorpus } from '../tck/corpus.ts';
import { describeValue, textOf } from '../tck/value-text.ts';
import {
  conditionText,
  Dice,
  type MatchClause,
  matchText,
  queryText,
  type RandomQuery,
  randomGraph,
  randomQuery,
} from './random-cypher.ts';
import { configureFuzz, RUNS } from './seed.ts';

configureFuzz();

const SEED = Number(process.env.FACET_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const QUERIES_PER_GRAPH = 10;
const MINUTES = 60_000;

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.close());

const PLAIN = { parameters: new Map(), procedures: new Map() };

/** The same graph in memory and on PostgreSQL. */
async function plant(create: string): Promise<MemoryGraph> {
  const graph = new MemoryGraph();
  await executeInMemory(graph, create, { random: () => 0.5 });
  await emptyGraph(test.database);
  await runQuery(test.database, create, PLAIN);
  return graph;
}

/** Of several that are equal, like 1 and 1.0, either may stand for all; so they are written alike where that shows. */
function rowTexts(text: string, rows: readonly Row[]): string[] {
  const blurred = /DISTINCT|LIMIT|ORDER|count|min|max/.test(text);
  return rows.map((row) => {
    const line = row.map((value) => textOf(describeValue(value))).join(' | ');
    return blurred ? line.replaceAll(/(\d)\.0\b/g, '$1') : line;
  });
}

async function outcome(text: string, ordered: boolean, run: () => Promise<{ rows: readonly Row[] }>) {
  try {
    const lines = rowTexts(text, (await run()).rows);
    return (ordered ? lines : lines.sort()).join('\n');
  } catch (error) {
    if (error instanceof CypherError) return `${error.type}: ${error.reason}`;
    throw new Error(`seed ${SEED}\n${text}`, { cause: error });
  }
}

const onPostgres = (text: string, ordered = false): Promise<string> =>
  outcome(text, ordered, () => runQuery(test.database, text, PLAIN));

const inMemory = (graph: MemoryGraph, text: string, ordered = false): Promise<string> =>
  outcome(text, ordered, () => executeInMemory(graph, text, { random: () => 0.5 }));

async function onRandomQueries(
  salt: number,
  queries: number,
  check: (query: RandomQuery, graph: MemoryGraph, where: string, dice: Dice) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < queries; ) {
    const create = randomGraph(new Dice(SEED + salt + i));
    const graph = await plant(create);
    for (let here = 0; here < QUERIES_PER_GRAPH && i < queries; here++, i++) {
      const dice = new Dice(SEED ^ (salt + 7_919 * (i + 1)));
      const query = randomQuery(dice);
      await check(query, graph, `seed ${SEED}, query ${i}\n${create}\n${queryText(query)}`, dice);
    }
  }
}

it('PostgreSQL gives what memory gives', { timeout: 10 * MINUTES }, async () => {
  let answered = 0;
  await onRandomQueries(0, RUNS, async (query, graph, where) => {
    const text = queryText(query);
    const expected = await inMemory(graph, text, query.ordered);
    expect(await onPostgres(text, query.ordered), where).toBe(expected);
    if (!/^\w+: \w+$/.test(expected)) answered++;
  });
  expect(answered).toBeGreaterThan(RUNS / 2);
});

const withMatches = (query: RandomQuery, change: (clause: MatchClause) => MatchClause): string =>
  queryText({ ...query, matches: query.matches.map(change) });

/** Other words for the same, by what is done; undefined where it does not apply. */
const VARIANTS: Readonly<Record<string, (query: RandomQuery, dice: Dice) => string | undefined>> = {
  'AND in another order': (query) =>
    withMatches(query, (clause) => ({ ...clause, conditions: [...clause.conditions].reverse() })),
  'two negations': (query) =>
    withMatches(query, (clause) => ({
      ...clause,
      conditions: clause.conditions.map((one) => `NOT (NOT (${one}))`),
    })),
  'WITH * before the WHERE': ({ before, matches, after }) => {
    if (after === 'RETURN *' || matches.some(({ patterns }) => !/\(n\d/.test(patterns.join())))
      return undefined;
    const texts = matches.map((clause) =>
      clause.optional
        ? `${matchText(clause)} WITH *`
        : `MATCH ${clause.patterns.join(', ')} WITH *${conditionText(clause.conditions)}`,
    );
    return `${before}${texts.join(' ')} ${after}`;
  },
  'a MATCH for each pattern': ({ before, matches, after }) => {
    const texts = matches.map((clause) =>
      clause.divisible && !clause.optional
        ? clause.patterns
            .map((one, index) =>
              matchText({ ...clause, patterns: [one], conditions: index === 0 ? [] : clause.conditions }),
            )
            .join(' ')
        : matchText(clause),
    );
    return `${before}${texts.join(' ')} ${after}`;
  },
  'patterns in another order': (query) =>
    withMatches(query, (clause) => ({ ...clause, patterns: [...clause.patterns].reverse() })),
  'as a subquery': (query) =>
    query.after === 'RETURN *' || query.ordered ? undefined : `CALL { ${queryText(query)} } RETURN *`,
};

const BARE_PATTERN = /(?<!\{ |MATCH )\(n\d+\)(?:-|<-)/;

describe('the same in other words', () => {
  it.each(Object.entries(VARIANTS))('%s', { timeout: 10 * MINUTES }, async (_, change) => {
    await onRandomQueries(1_000_003, Math.ceil(RUNS / 4), async (query, graph, where, dice) => {
      const text = change(query, dice);
      if (text === undefined) return;
      const expected = await onPostgres(queryText(query), query.ordered);
      expect(await onPostgres(text, query.ordered), `${where}\non PostgreSQL: ${text}`).toBe(expected);
      expect(await inMemory(graph, text, query.ordered), `${where}\nin memory: ${text}`).toBe(expected);
    });
  });

  it('with indexes', { timeout: 10 * MINUTES }, async () => {
    const indexes = [
      'CREATE INDEX fuzz_a FOR (n:A) ON (n.x)',
      'CREATE INDEX fuzz_b FOR (n:B) ON (n.y)',
      'CREATE INDEX fuzz_c FOR (n:C) ON (n.x, n.y)',
      'CREATE INDEX fuzz_s FOR ()-[r:S]-() ON (r.w)',
    ];
    for (const index of indexes) await runQuery(test.database, index, PLAIN);
    await onRandomQueries(3_000_017, Math.ceil(RUNS / 2), async (query, graph, where) => {
      const expected = await inMemory(graph, queryText(query), query.ordered);
      expect(await onPostgres(queryText(query), query.ordered), where).toBe(expected);
    });
    for (const index of ['a', 'b', 'c', 's'])
      await runQuery(test.database, `DROP INDEX fuzz_${index}`, PLAIN);
  });

  it('a condition is true, false or unknown for each row', { timeout: 10 * MINUTES }, async () => {
    await onRandomQueries(2_000_003, Math.ceil(RUNS / 3), async ({ before, matches }, _, where) => {
      const [first] = matches;
      const [one] = first?.conditions ?? [];
      // A bare pattern can be tested, but has no value that could be unknown.
      if (first === undefined || one === undefined || BARE_PATTERN.test(one)) return;
      const count = async (condition: string): Promise<number> => {
        const clause = matchText({ ...first, conditions: condition === '' ? [] : [condition] });
        const text = `${before}${clause} RETURN count(*) AS n`;
        return Number((await runQuery(test.database, text, PLAIN)).rows[0]?.[0]);
      };
      const parts = [await count(one), await count(`NOT (${one})`), await count(`((${one}) IS NULL)`)];
      expect(
        parts.reduce((sum, part) => sum + part),
        `${where}\n${one}: ${parts}`,
      ).toBe(await count(''));
    });
  });
});

// The corpus stands beside the checkout of the project where there is one.
const CORPUS = fileURLToPath(new URL('../../../shared/tck/features', import.meta.url));

describe('damaged queries of the compatibility kit', () => {
  // Without the corpus there is nothing to damage.
  it.runIf(existsSync(CORPUS))('are answered, or refused by name', async () => {
    const queries = (await readCorpus(CORPUS)).flatMap(({ scenarios }) =>
      scenarios.flatMap(({ steps }) => steps.flatMap(({ docString }) => docString ?? [])),
    );
    expect(queries.length).toBeGreaterThan(1_000);
    const words = queries.slice(0, 200).flatMap((query) => query.split(/\s+/));
    const damaged = fc
      .tuple(fc.constantFrom(...queries), fc.nat(), fc.nat(12), fc.constantFrom('', ...words))
      .map(([query, at, length, word]) => {
        const from = at % (query.length + 1);
        return query.slice(0, from) + word + query.slice(from + length);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        try {
          prepare(text, new Map());
        } catch (error) {
          if (!(error instanceof FacetError)) throw error;
          expect(error.code).not.toBe('INTERNAL_ERROR');
        }
      }),
      { numRuns: RUNS * 3 },
    );
  });
});
