/** The Cypher parser on random texts: whatever they are, it answers, with a tree or with a CypherError that points inside. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import { parse } from '../../src/cypher/syntax/parse.ts';
import { configureFuzz } from './seed.ts';

configureFuzz();

const WORDS =
  `MATCH OPTIONAL WITH RETURN WHERE UNWIND AS CREATE MERGE ON SET REMOVE DELETE DETACH FOREACH CALL YIELD UNION ALL
  ORDER BY SKIP LIMIT DESC DISTINCT AND OR XOR NOT IN IS NULL STARTS ENDS CONTAINS CASE WHEN THEN ELSE END EXISTS COUNT
  COLLECT any none reduce shortestPath INDEX CONSTRAINT FOR REQUIRE UNIQUE SHOW DROP EXPLAIN a b n x count order
  ( ) [ ] { } , . : ; | & ! % + - * / ^ = <> < <= > >= =~ += .. :: || -> <- --> 1 2.5 0x1F 07 9h 1e999 'x' "y" \`q\`
  $p $0 'unclosed /*c*/ //c\\n \\\\ # — é 😀`.split(/\s+/);

/** Fragments that are right by themselves, to get deep into the grammar. */
const PIECES = [
  'MATCH (a:A|B {k: 1})-[r:T*1..3 {x: $y}]->(b) ',
  'WHERE a.x > 1 AND (a)-->(b) ',
  'RETURN DISTINCT a.b AS c, count(*) ORDER BY c DESC SKIP 1 LIMIT 2 ',
  'WITH *, [x IN xs WHERE x:A | x] AS l ',
  '[p = (a)-->(b) WHERE a.x | b] ',
  'EXISTS { (a)-->(b) } ',
  'CALL (a) { RETURN 1 AS z } ',
  'FOREACH (x IN [1] | CREATE ()) ',
  'CASE a WHEN 1 THEN 2 ELSE 3 END ',
  'MERGE (a) ON CREATE SET a.x = 1, a:B, a += {} ',
  'n {.a, .*, b, c: 1} ',
  'reduce(s = 0, x IN xs | s + x) ',
  'CREATE INDEX i IF NOT EXISTS FOR (n:L) ON (n.p) ',
];

const soup = fc
  .tuple(
    fc.constantFrom('', 'RETURN ', 'MATCH (a) WHERE ', 'MATCH ', 'WITH 1 AS a '),
    fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WORDS) }, fc.constantFrom(...PIECES)), {
      maxLength: 60,
      size: 'max',
    }),
  )
  .map(([start, words]) => start + words.join(' '));

function check(text: string): void {
  try {
    expect(parse(text).text).toBe(text);
  } catch (error) {
    if (!(error instanceof CypherError)) throw error;
    expect([error.type, error.phase]).toEqual(['SyntaxError', 'compile time']);
    expect(error.message).toMatch(/ at line \d+, column \d+/);
    const { start, end } = error.span ?? { start: -1, end: -1 };
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
  }
}

describe('the Cypher parser', () => {
  it('takes any sequence of tokens', () => {
    fc.assert(fc.property(soup, check));
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check));
  });

  it('takes a sound query with a hole, a swap or a stray piece in it', () => {
    const damaged = fc
      .tuple(
        fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }),
        fc.nat(),
        fc.nat(8),
        fc.constantFrom('', ...WORDS),
      )
      .map(([pieces, at, length, stray]) => {
        const text = `${pieces.join('')}RETURN 1`;
        const from = at % (text.length + 1);
        return text.slice(0, from) + stray + text.slice(from + length);
      });
    fc.assert(fc.property(damaged, check));
  });

  it('takes brackets in any order and any depth', () => {
    const brackets = fc
      .array(fc.constantFrom('(', '[', '{', ')', ']', '}', 'a', ':', '-', '|', ',', 'IN', 'NOT'), {
        maxLength: 3_000,
        size: 'max',
      })
      .map((pieces) => `RETURN ${pieces.join(' ')}`);
    fc.assert(fc.property(brackets, check));
  });
});
