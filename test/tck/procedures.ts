/**
 * Procedures that a scenario declares by a signature and a table: a call yields the outputs of every row whose inputs
 * are the arguments.
 */
import type { Procedure } from '../../src/cypher/run/plan/plan-environment.ts';
import type { Value } from '../../src/cypher/values/value.ts';
import type { Table } from './gherkin.ts';
import { parseLiteral, toValue } from './literals.ts';
import { describeValue, textOf } from './value-text.ts';

export interface TckProcedure {
  /** With its namespace: `test.my.proc`. */
  readonly name: string;
  readonly inputs: readonly TckField[];
  readonly outputs: readonly TckField[];
  /** Inputs, then outputs. */
  readonly rows: readonly (readonly Value[])[];
}

export interface TckField {
  readonly name: string;
  /** Such as `INTEGER?`: the question mark allows null. */
  readonly type: string;
}

export class SignatureError extends Error {}

const SIGNATURE = /^([\w.]+)\s*\(([^()]*)\)\s*::\s*\(([^()]*)\)$/;
const FIELD = /^(\w+)\s*::\s*([A-Z]+(?:\s[A-Z]+)*\??)$/;

/** Reads `name(in :: TYPE?, …) :: (out :: TYPE?, …)` and its table, whose header is inputs, then outputs. */
export function parseProcedure(signature: string, table: Table): TckProcedure {
  const match = SIGNATURE.exec(signature.trim());
  if (match === null) throw new SignatureError(`no signature of a procedure: ${signature}`);
  const [, name = '', inputText = '', outputText = ''] = match;
  const inputs = parseFields(inputText);
  const outputs = parseFields(outputText);
  const [header = [], ...rows] = table;
  const fields = [...inputs, ...outputs].map((field) => field.name);
  if (header.join('|') !== fields.join('|')) {
    throw new SignatureError(
      `the table of ${name} has the columns ${header.join(', ')}, not ${fields.join(', ')}`,
    );
  }
  return { name, inputs, outputs, rows: rows.map((row) => row.map((cell) => toValue(parseLiteral(cell)))) };
}

function parseFields(text: string): TckField[] {
  if (text.trim() === '') return [];
  return text.split(',').map((field) => {
    const match = FIELD.exec(field.trim());
    if (match === null) throw new SignatureError(`no field of a signature: ${field}`);
    const [, name = '', type = ''] = match;
    return { name, type };
  });
}

/** As the engines take it. */
export const procedureOf = (procedure: TckProcedure): Procedure => ({
  name: procedure.name,
  inputs: procedure.inputs,
  outputs: procedure.outputs,
  mode: 'READ',
  call: async (args) => callProcedure(procedure, args),
});

/** Rows of outputs for these arguments. Null is equal to null here, and an integer to the float of its size. */
export function callProcedure(procedure: TckProcedure, args: readonly Value[]): Value[][] {
  const wanted = args.map(argumentKey);
  return procedure.rows
    .filter((row) => wanted.every((key, index) => key === argumentKey(row[index] ?? null)))
    .map((row) => row.slice(procedure.inputs.length));
}

const argumentKey = (value: Value): string =>
  textOf(describeValue(typeof value === 'bigint' ? Number(value) : value));
