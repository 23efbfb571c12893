/** What the tests of the static checks share: some procedures, and the two ways to look at a query. */
import { expect, it } from 'vitest';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import { analyse } from '../../src/cypher/semantics/analyse.ts';
import type { Analysis } from '../../src/cypher/semantics/analysis.ts';
import { FUNCTION_SIGNATURES, type ProcedureRegistry } from '../../src/cypher/semantics/signatures.ts';
import { parse } from '../../src/cypher/syntax/parse.ts';

const PROCEDURES: ProcedureRegistry = new Map(
  (
    [
      { name: 'db.labels', inputs: [], outputs: [{ name: 'label', type: 'STRING' }], mode: 'READ' },
      {
        name: 'test.Square',
        inputs: [
          { name: 'base', type: 'FLOAT?' },
          { name: 'times', type: 'INTEGER', optional: true },
        ],
        outputs: [
          { name: 'value', type: 'NUMBER?' },
          { name: 'note', type: 'STRING?' },
        ],
        mode: 'READ',
      },
      { name: 'test.nothing', inputs: [], outputs: [], mode: 'READ' },
      { name: 'test.write', inputs: [], outputs: [], mode: 'WRITE' },
    ] as const
  ).map((procedure) => [procedure.name.toLowerCase(), procedure]),
);

export const analysed = (text: string): Analysis =>
  analyse(parse(text), { procedures: PROCEDURES, functions: FUNCTION_SIGNATURES });

/** `type: reason`, or `fine`. */
export const verdict = (text: string): string => {
  try {
    analysed(text);
    return 'fine';
  } catch (error) {
    if (!(error instanceof CypherError)) throw error;
    expect(error.phase).toBe('compile time');
    return error.type === 'SyntaxError' ? error.reason : `${error.type}: ${error.reason}`;
  }
};

export const all = (reason: string, queries: readonly string[]): void => {
  it.each(queries)(`%s -> ${reason}`, (query) => expect(verdict(query)).toBe(reason));
};
