/** Queries that would take all of the process: each is ended by name, and others get their turn meanwhile. */
import { expect, it } from 'vitest';
import { executeInMemory } from './memory/execute.ts';
import { MemoryGraph } from './memory/memory-graph.ts';

const run = (text: string) => executeInMemory(new MemoryGraph(), text, { random: () => 0.5 });

const HUGE = 'WITH range(1, 1000000) AS l ';
const LONG_TEXT = "WITH reduce(s = 'ab', y IN range(1, 22) | s + s) AS s ";

it.each([
  ['lists of sums of lists', `${HUGE}RETURN size([a IN range(1, 1000) | l + a])`, 'cypherValueBytesMax'],
  ['a list many times in a list', `${HUGE}RETURN [x IN range(1, 1000) | l]`, 'cypherValueBytesMax'],
  ['a list many times in a literal', `${HUGE}RETURN {a: [l, l], b: [l, l]}`, 'cypherValueBytesMax'],
  [
    'DISTINCT of such a list',
    `${HUGE}WITH [x IN range(1, 300) | l] AS m WITH DISTINCT m RETURN 1`,
    'cypherValueBytesMax',
  ],
  ['a long text many times', `${LONG_TEXT}RETURN [x IN range(1, 1000) | s]`, 'cypherValueBytesMax'],
  [
    'a collection of long lists',
    'UNWIND range(1, 1000) AS x RETURN collect(range(1, 100000))',
    'cypherValueBytesMax',
  ],
  ['lists in lists', 'RETURN reduce(s = [1], x IN range(1, 100000) | [s])', 'cypherValueDepthMax'],
  ['maps in maps', 'RETURN reduce(s = {}, x IN range(1, 100000) | {s: s})', 'cypherValueDepthMax'],
  [
    'updates of updates',
    'FOREACH (x IN range(1, 1000) | FOREACH (y IN range(1, 1000) | FOREACH (z IN range(1, 1000) | CREATE (:G))))',
    'cypherMemoryBytesMax',
  ],
  [
    'rows with long lists, held',
    'UNWIND range(1, 1000) AS x WITH [y IN range(1, 100000) | y + x] AS l, x ORDER BY x RETURN count(*)',
    'cypherMemoryBytesMax',
  ],
  [
    'long keys, held',
    `${LONG_TEXT}UNWIND range(1, 1000) AS x RETURN count(DISTINCT s + x)`,
    'cypherMemoryBytesMax',
  ],
  ['comparing for ever', `${HUGE}RETURN size([x IN range(1, 2000000) WHERE l = l])`, 'cypherExpressionMsMax'],
  ['clauses without end', `${'MATCH (n) '.repeat(3_000)}RETURN 1`, 'cypherClausesMax'],
])('ends %s', { timeout: 60_000 }, async (_, text, limit) => {
  await expect(run(text)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining(limit),
  });
});

it.each([
  [
    'many rows that are let go',
    'UNWIND range(1, 10000) AS x RETURN sum(size([y IN range(1, 1000) | y + x])) AS r',
    10_000_000n,
  ],
  [
    'many sorts that are let go',
    `UNWIND range(1, 2000) AS x
     CALL { WITH x UNWIND range(1, 500) AS y WITH y, [y, x] AS l ORDER BY -y RETURN collect(l) AS ls }
     RETURN sum(size(ls)) AS r`,
    1_000_000n,
  ],
  [
    'one list in many rows that are held',
    `${HUGE}UNWIND range(1, 5000) AS x WITH l, x ORDER BY -x RETURN sum(x) AS r`,
    12_502_500n,
  ],
  ['a list that grows one by one', 'RETURN size(reduce(s = [], x IN range(1, 5000) | s + x)) AS r', 5_000n],
])('leaves alone %s', { timeout: 60_000 }, async (_, text, expected) => {
  const { rows } = await run(text);
  expect(rows).toEqual([[expected]]);
});

it('takes no memory from others once a query is over, however it ended', async () => {
  // Together they hold more than all queries may at once.
  for (let round = 0; round < 10; round++) {
    const held = run(`${LONG_TEXT}UNWIND range(1, 1000) AS x WITH s + x AS t, x ORDER BY x RETURN count(*)`);
    await expect(held).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  }
});

it.each([
  'UNWIND range(1, 1500) AS x UNWIND range(1, 1500) AS y RETURN sum(x * y)',
  'UNWIND range(1, 500000) AS x WITH x ORDER BY x % 1000 RETURN count(*)',
  'UNWIND range(1, 300000) AS x CREATE (:N {x: x})',
])('gives others their turn: %s', async (text) => {
  let turns = 0;
  let running = true;
  const turn = (): void => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await run(text);
  running = false;
  expect(turns).toBeGreaterThan(5);
});
