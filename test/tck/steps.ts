/**
 * The sixteen sentences of the TCK, each read into a command with its literals, tables and signatures parsed. A
 * sentence that is none of them is a fault of the file, not something to pass over.
 */
import type { Value } from '../../src/cypher/values/value.ts';
import type { ExpectedResult } from './compare.ts';
import type { Step, Table } from './gherkin.ts';
import { parseLiteral, toValue } from './literals.ts';
import { parseProcedure, type TckProcedure } from './procedures.ts';
import { NO_SIDE_EFFECTS, parseSideEffects, type SideEffects } from './side-effects.ts';

export type Command =
  | { readonly kind: 'any graph' }
  | { readonly kind: 'empty graph' }
  | { readonly kind: 'named graph'; readonly name: string }
  | { readonly kind: 'setup'; readonly query: string }
  | { readonly kind: 'parameters'; readonly values: ReadonlyMap<string, Value> }
  | { readonly kind: 'procedure'; readonly procedure: TckProcedure }
  /** The query under test, and the control query that looks at what it left behind. */
  | { readonly kind: 'query'; readonly query: string; readonly isControl: boolean }
  | { readonly kind: 'result'; readonly expected: ExpectedResult }
  | { readonly kind: 'empty result' }
  | { readonly kind: 'side effects'; readonly expected: SideEffects }
  | { readonly kind: 'error'; readonly expected: ExpectedError };

export interface ExpectedError {
  readonly type: string;
  readonly phase: 'compile time' | 'runtime' | 'any time';
  /** `*` stands for any. */
  readonly detail: string;
}

export class StepError extends Error {}

interface Form {
  readonly pattern: RegExp;
  readonly read: (step: Step, match: RegExpExecArray) => Command;
}

const result =
  (rowsInOrder: boolean, listsInAnyOrder: boolean) =>
  (step: Step): Command => {
    const [columns = [], ...rows] = table(step);
    const cells = rows.map((row) => row.map(parseLiteral));
    return { kind: 'result', expected: { columns, rows: cells, rowsInOrder, listsInAnyOrder } };
  };

const FORMS: readonly Form[] = [
  { pattern: /^any graph$/, read: () => ({ kind: 'any graph' }) },
  { pattern: /^an empty graph$/, read: () => ({ kind: 'empty graph' }) },
  {
    pattern: /^the (\S+) graph$/,
    read: (_, [, name = '']) => ({ kind: 'named graph', name }),
  },
  { pattern: /^having executed:$/, read: (step) => ({ kind: 'setup', query: docString(step) }) },
  {
    pattern: /^parameters are:$/,
    read: (step) => ({ kind: 'parameters', values: parameters(table(step)) }),
  },
  {
    pattern: /^there exists a procedure (.+?)\s*:$/,
    read: (step, [, signature = '']) => ({
      kind: 'procedure',
      procedure: parseProcedure(signature, table(step)),
    }),
  },
  {
    pattern: /^executing (control )?query:$/,
    read: (step, [, control]) => ({
      kind: 'query',
      query: docString(step),
      isControl: control !== undefined,
    }),
  },
  { pattern: /^the result should be, in any order:$/, read: result(false, false) },
  { pattern: /^the result should be, in order:$/, read: result(true, false) },
  { pattern: /^the result should be \(ignoring element order for lists\):$/, read: result(false, true) },
  {
    pattern: /^the result should be, in order \(ignoring element order for lists\):$/,
    read: result(true, true),
  },
  { pattern: /^the result should be empty$/, read: () => ({ kind: 'empty result' }) },
  { pattern: /^no side effects$/, read: () => ({ kind: 'side effects', expected: NO_SIDE_EFFECTS }) },
  {
    pattern: /^the side effects should be:$/,
    read: (step) => ({ kind: 'side effects', expected: parseSideEffects(table(step)) }),
  },
  {
    pattern: /^an? (\w+) should be raised at (compile time|runtime|any time): (\w+|\*)$/,
    read: (_, [, type = '', phase = '', detail = '']) => ({
      kind: 'error',
      expected: { type, phase: phase as ExpectedError['phase'], detail },
    }),
  },
];

/** Reads a step. Throws an error that says what of it is not understood. */
export function readStep(step: Step): Command {
  for (const { pattern, read } of FORMS) {
    const match = pattern.exec(step.text);
    if (match !== null) return read(step, match);
  }
  throw new StepError(`no sentence of the TCK: ${step.text}`);
}

function docString(step: Step): string {
  if (step.docString === undefined) throw new StepError(`no query under: ${step.text}`);
  return step.docString;
}

function table(step: Step): Table {
  if (step.table === undefined) throw new StepError(`no table under: ${step.text}`);
  return step.table;
}

function parameters(rows: Table): ReadonlyMap<string, Value> {
  return new Map(
    rows.map(([name, literal, ...more]) => {
      if (name === undefined || literal === undefined || more.length > 0) {
        throw new StepError('a table of parameters has two columns, name and literal');
      }
      return [name, toValue(parseLiteral(literal))];
    }),
  );
}
