/** CALL of a procedure, and CALL of a subquery. */
import { CypherError, placed } from '../../cypher-error.ts';
import type {
  CallClause,
  CallSubqueryClause,
  Clause,
  Expression,
  RegularQuery,
  Span,
  WithClause,
} from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { evaluateRows } from '../pattern-values.ts';
import { type BatchedBody, compileBatched } from '../plan/batched-body.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import {
  BATCH_ROWS,
  type Batches,
  collectRows,
  Holding,
  type Operator,
  onlyRow,
  type Run,
  rowsOf,
} from '../run.ts';
import { filter, inSequence, materialised } from './projection.ts';

export interface CompiledCall {
  readonly operator: Operator;
  /** Columns, when it stands alone. */
  readonly columns: readonly string[];
}

export function compileCall(clause: CallClause, slots: Slots, environment: PlanEnvironment): CompiledCall {
  const info = environment.analysis.calls.get(clause);
  const procedure = environment.procedures.get(clause.name.toLowerCase());
  if (info === undefined || procedure === undefined) throw new Error(`no procedure ${clause.name}`);
  const expressions = new ExpressionCompiler(environment);
  const implicit = info.parameters ?? [];
  const { span } = clause;
  const given = clause.arguments ?? implicit.map((name): Expression => ({ kind: 'parameter', name, span }));
  const parameters = given.map((argument) => expressions.compile(argument, slots));
  const places = info.yields.map(({ output, variable }) => ({ from: output, to: slots.add(variable) }));
  const passes = procedure.outputs.length === 0;
  const call: Operator = async function* call(input, run) {
    for (const name of implicit) if (!run.context.parameters.has(name)) throw missingParameter(name, clause);
    for await (const batch of input) {
      const values: (readonly Value[])[] = [];
      await evaluateRows(batch, run, expressions.values, (row, index) => {
        values[index] = parameters.map((evaluate) => evaluate(row, run.context));
      });
      const rows: Row[] = [];
      for (const [index, row] of batch.entries()) {
        const found = await calledAt(span, procedure.call(values[index] ?? [], run));
        if (passes) rows.push(row);
        else if (clause.optional && found.length === 0) rows.push(withNulls(row, places));
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
  return { operator: inSequence(stages), columns: info.yields.map(({ variable }) => variable) };
}

/** The one row of an OPTIONAL CALL that found nothing. */
function withNulls(row: Row, places: readonly { readonly to: number }[]): Row {
  const wide = [...row];
  for (const { to } of places) wide[to] = null;
  return wide;
}

/** What a procedure refuses stands at its call. */
async function calledAt<Rows>(span: Span, called: Promise<Rows>): Promise<Rows> {
  try {
    return await called;
  } catch (thrown) {
    throw placed(thrown, span);
  }
}

/** The parameters belong to the call, not to an expression: that they are missing is known before anything runs. */
const missingParameter = (name: string, { span }: CallClause): CypherError =>
  new CypherError('ParameterMissing', 'compile time', 'MissingParameter', `There is no parameter $${name}`, {
    span,
  });

const afterInput = (operator: Operator): Operator =>
  async function* blocking(input, run) {
    const holding = new Holding(run);
    const rows = await collectRows(input, holding);
    yield* operator(rowsOf(rows), run);
    holding.release();
  };

export function compileCallSubquery(
  clause: CallSubqueryClause,
  slots: Slots,
  environment: PlanEnvironment,
): Operator {
  const imports = importsOf(clause, slots);
  const from = imports.map((name) => slots.slotOf(name) ?? 0);
  const inside: PlanEnvironment = { ...environment, outer: [] };
  const batched = compileBatched(withoutImports(clause), imports, inside);
  if (batched !== undefined) return callBatched(clause, batched, from, slots);
  const compiled = environment.compilers.query(clause.query, imports, inside);
  const returns = compiled.returns;
  const to = compiled.columns.map((name) => (returns ? slots.add(name) : 0));
  const run = async function* subquery(input: Batches, running: Run): Batches {
    for await (const batch of input) {
      let rows: Row[] = [];
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
          // One row may become many.
          if (rows.length >= BATCH_ROWS) {
            yield rows;
            rows = [];
          }
        }
        if (!returns || (clause.optional && count === 0)) rows.push(row);
      }
      if (rows.length > 0) yield rows;
    }
  };
  if (environment.analysis.queries.get(clause.query)?.writes !== true) return run;
  return materialised(async (rows, running) => {
    // Held until the query is over: what they made is.
    return collectRows(run(rowsOf(rows), running), new Holding(running));
  });
}

/** A body that all rows of a batch go through together. */
function callBatched(
  clause: CallSubqueryClause,
  body: BatchedBody,
  imports: readonly number[],
  slots: Slots,
): Operator {
  const to = body.columns.map((name) => slots.add(name));
  return async function* subquery(input, run) {
    for await (const batch of input) {
      const inner = batch.map((row): Row => imports.map((slot) => row[slot] ?? null));
      let next = 0;
      for await (const found of body.find(inner, run)) {
        const rows: Row[] = [];
        for (const { from, values } of found) {
          while (clause.optional && next < from) rows.push(batch[next++] as Row);
          next = from + 1;
          const wide = [...(batch[from] as Row)];
          for (const [at, slot] of to.entries()) wide[slot] = values[at] ?? null;
          rows.push(wide);
        }
        if (rows.length > 0) yield rows;
      }
      if (clause.optional && next < batch.length) yield batch.slice(next);
    }
  };
}

/** The body without the WITH that only says what it sees. */
function withoutImports({ imports, query }: CallSubqueryClause): RegularQuery {
  const [part, ...others] = query.parts;
  const [first, ...clauses] = part?.clauses ?? [];
  if (imports !== undefined || part === undefined || others.length > 0 || first?.kind !== 'with')
    return query;
  return isImport(first) ? { ...query, parts: [{ ...part, clauses }] } : query;
}

const isImport = (clause: WithClause): boolean =>
  clause.items.every(({ expression, name }) => expression.kind === 'variable' && expression.name === name) &&
  !clause.distinct &&
  clause.orderBy.length === 0 &&
  clause.skip === undefined &&
  clause.limit === undefined &&
  clause.where === undefined;

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
