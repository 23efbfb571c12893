/** CALL of a procedure, and CALL of a subquery. */
import { CypherError } from '../../cypher-error.ts';
import type { CallClause, CallSubqueryClause, Clause, Expression } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment, Procedure } from '../plan/plan-environment.ts';
import { writes } from '../plan/writes.ts';
import type { Row, Slots } from '../row.ts';
import { type Batches, type Operator, onlyRow, type Run, rowsOf } from '../run.ts';
import { filter, inSequence, materialised } from './projection.ts';

export interface CompiledCall {
  readonly operator: Operator;
  /** Columns, when it stands alone. */
  readonly columns: readonly string[];
}

export function compileCall(clause: CallClause, slots: Slots, environment: PlanEnvironment): CompiledCall {
  const procedure = findProcedure(clause, environment);
  const expressions = new ExpressionCompiler(environment);
  const given = clause.arguments ?? implicitArguments(procedure, clause);
  const parameters = given.map((argument) => expressions.compile(argument, slots));
  const fields = yielded(clause, procedure);
  const places = fields.map(({ field, name }) => ({
    from: procedure.outputs.findIndex((output) => output.name === field),
    to: slots.add(name),
  }));
  const passes = procedure.outputs.length === 0;
  const implicit = clause.arguments === undefined ? procedure.inputs : [];
  const call: Operator = async function* call(input, run) {
    for (const { name } of implicit)
      if (!run.context.parameters.has(name)) throw missingParameter(name, clause);
    for await (const batch of input) {
      const values: (readonly Value[])[] = [];
      await evaluateRows(batch, run, expressions.values, (row, index) => {
        values[index] = parameters.map((evaluate) => evaluate(row, run.context));
      });
      const rows: Row[] = [];
      for (const [index, row] of batch.entries()) {
        const found = await procedure.call(values[index] ?? [], run);
        if (passes) rows.push(row);
        for (const result of passes ? [] : found) {
          const wide = [...row];
          for (const { from, to } of places) wide[to] = result[from] ?? null;
          rows.push(wide);
        }
      }
      if (rows.length > 0) yield rows;
    }
  };
  const stages = [procedure.mode === 'WRITE' ? afterInput(call) : call];
  if (clause.where) {
    const condition = new ExpressionCompiler(environment);
    const where = condition.compile(clause.where, slots);
    stages.push((batches, run) => filter(batches, run, condition, where));
  }
  return { operator: inSequence(stages), columns: fields.map(({ name }) => name) };
}

function findProcedure(clause: CallClause, environment: PlanEnvironment): Procedure {
  const found = environment.procedures.get(clause.name.toLowerCase());
  if (found !== undefined) return found;
  throw new CypherError(
    'ProcedureError',
    'compile time',
    'ProcedureNotFound',
    `There is no procedure ${clause.name}`,
    {
      span: clause.span,
    },
  );
}

/** A call that stands alone without parentheses takes its arguments from parameters of the same names. */
const implicitArguments = (procedure: Procedure, { span }: CallClause): Expression[] =>
  procedure.inputs.map(({ name }) => ({ kind: 'parameter', name, span }));

/** The parameters belong to the call, not to an expression: that they are missing is known before anything runs. */
const missingParameter = (name: string, { span }: CallClause): CypherError =>
  new CypherError('ParameterMissing', 'compile time', 'MissingParameter', `There is no parameter $${name}`, {
    span,
  });

function yielded(clause: CallClause, procedure: Procedure): { field: string; name: string }[] {
  if (clause.yields === undefined || clause.yields === '*') {
    return procedure.outputs.map(({ name }) => ({ field: name, name }));
  }
  return clause.yields.map(({ field, variable }) => ({ field, name: variable.name }));
}

const afterInput = (operator: Operator): Operator =>
  async function* blocking(input, run) {
    const rows: Row[] = [];
    for await (const batch of input) rows.push(...batch);
    yield* operator(rowsOf(rows), run);
  };

export function compileCallSubquery(
  clause: CallSubqueryClause,
  slots: Slots,
  environment: PlanEnvironment,
): Operator {
  const imports = importsOf(clause, slots);
  const from = imports.map((name) => slots.slotOf(name) ?? 0);
  const compiled = environment.compilers.query(clause.query, imports, { ...environment, outer: [] });
  const returns = compiled.returns;
  const to = compiled.columns.map((name) => (returns ? slots.add(name) : 0));
  const run = async function* subquery(input: Batches, running: Run): Batches {
    for await (const batch of input) {
      const rows: Row[] = [];
      for (const row of batch) {
        const inner = from.map((slot) => row[slot] ?? null);
        let count = 0;
        for await (const found of compiled.operator(onlyRow(inner), running)) {
          count += found.length;
          if (!returns) continue;
          for (const result of found) {
            const wide = [...row];
            for (const [at, slot] of to.entries()) wide[slot] = result[at] ?? null;
            rows.push(wide);
          }
        }
        if (!returns || (clause.optional && count === 0)) rows.push(row);
      }
      if (rows.length > 0) yield rows;
    }
  };
  if (!writes(clause.query)) return run;
  return materialised(async (rows, running) => {
    const out: Row[] = [];
    for await (const batch of run(rowsOf(rows), running)) out.push(...batch);
    return out;
  });
}

/** The older form imports by a leading WITH of plain variables, in each part of a UNION. */
function importsOf(clause: CallSubqueryClause, slots: Slots): readonly string[] {
  if (clause.imports === '*') return slots.names();
  if (clause.imports !== undefined) return clause.imports.map(({ name }) => name);
  const names = new Set<string>();
  for (const { clauses } of clause.query.parts)
    for (const name of leadingImports(clauses[0], slots)) names.add(name);
  return [...names];
}

function leadingImports(first: Clause | undefined, slots: Slots): readonly string[] {
  if (first?.kind !== 'with') return [];
  if (first.star) return slots.names();
  return first.items.flatMap(({ expression }) => (expression.kind === 'variable' ? [expression.name] : []));
}
