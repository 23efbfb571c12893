/** Texts whose plans would take time or memory out of all proportion to their length. */
import { describe, expect, it } from 'vitest';
import { FacetError, LIMITS } from '../../base/index.ts';
import { prepare } from './prepare.ts';

const times = (count: number, part: (at: number) => string, between = ' '): string =>
  Array.from({ length: count }, (_, at) => part(at)).join(between);

const WIDE = `WITH ${times(20_000, (at) => `1 AS a${at}`, ',')} `;

const refused: readonly (readonly [string, string, string])[] = [
  ['names that WITH * copies', `${WIDE}${times(900, () => 'WITH *')} RETURN 1`, 'cypherNamesMax'],
  [
    'names that calls see',
    `${WIDE}${times(50, (at) => `CALL (*) { RETURN 1 AS b${at} }`)} RETURN 1`,
    'cypherNamesMax',
  ],
  [
    'names that subqueries see',
    `${WIDE}RETURN ${times(50, () => 'COUNT { () }', '+')} AS n`,
    'cypherNamesMax',
  ],
  ['a path without end', `MATCH (a)${times(1_500, () => '-->()', '')} RETURN 1`, 'cypherPatternPartsMax'],
  ['patterns without end', `MATCH ${times(3_000, () => '()-->()', ',')} RETURN 1`, 'cypherPatternPartsMax'],
  [
    'a predicate without end',
    `MATCH (a) WHERE (a)${times(400, () => '-->()', '')} RETURN 1`,
    'cypherPatternPartsMax',
  ],
  ['clauses in a FOREACH', `FOREACH (x IN [1] | ${times(1_200, () => 'CREATE ()')})`, 'cypherClausesMax'],
  ['parts of a UNION', times(60_000, () => 'RETURN 1 AS a', ' UNION '), 'cypherClausesMax'],
  ['subqueries in each other', times(900, () => 'CALL {'), 'cypherDepthMax'],
];

function outcome(text: string): FacetError | undefined {
  try {
    prepare(text, new Map());
    return undefined;
  } catch (error) {
    if (error instanceof FacetError) return error;
    throw error;
  }
}

describe('what planning refuses', () => {
  it.each(refused)('%s', (_, text, bound) => {
    const error = outcome(text);
    // Depth is told by its number, at the place where it is reached.
    const told = bound === 'cypherDepthMax' ? `${LIMITS.cypherDepthMax} levels` : bound;
    expect(error?.message).toContain(told);
  });
});

const { cypherClausesMax } = LIMITS;

const planned: readonly (readonly [string, string])[] = [
  ['a thousand patterns with names', `${times(cypherClausesMax - 1, (at) => `MATCH (n${at})`)} RETURN 1`],
  ['a thousand merges', times(cypherClausesMax, (at) => `MERGE (n${at}:A {x: ${at}})`)],
  ['one CREATE of many', `CREATE ${times(20_000, (at) => `(n${at})`, ',')}`],
  ['many columns', `RETURN ${times(20_000, (at) => `1 AS a${at}`, ',')}`],
  [
    'patterns of several nodes each',
    `${times(500, (at) => `MATCH (a${at})-->(b${at})-->(c${at})`)} RETURN 1`,
  ],
];

describe('what planning takes', () => {
  it.each(planned)('%s', (_, text) => {
    expect(outcome(text)).toBeUndefined();
  });
});
