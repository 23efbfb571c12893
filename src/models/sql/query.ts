/**
 * Running SQL text: rows gathered (`query`) or as they arrive (`stream`). The way of every statement of a client, so
 * it does nothing that is not needed: no round trip but the statement itself, unless a parameter is a list.
 */
import { monotonicMs } from '../../base/index.ts';
import type { Cell, Column, ResultSet, UserRunOptions } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedRowsMax, allowedTimeoutMs } from '../operator-limits.ts';
import { parameterTypes } from './parameter-types.ts';
import { type ParameterTypes, parameterTexts } from './parameters.ts';
import { lookedUpColumns, resultColumns } from './result-columns.ts';
import type { QueryInput, QueryResult, QueryStream, ResultColumn } from './statement-schemas.ts';
import { assertAllowed, isReader, readStatement, type UserStatement } from './user-statement.ts';
import { withoutWrites } from './without-writes.ts';

/** All three consistency levels are answered by the primary, so none of them changes anything here. */
export async function query(context: OperationContext, input: QueryInput): Promise<QueryResult> {
  const statement = readStatement(input.sql);
  return await withoutWrites(context, input.readOnly, (inside) =>
    runStatement(inside, statement, input, () => parameterTypes(inside, input.sql)),
  );
}

interface RunInput {
  readonly params?: readonly unknown[] | undefined;
  readonly timeoutMs?: number | undefined;
  readonly readOnly?: boolean | undefined;
}

/**
 * Runs a statement with its parameters and gathers the result.
 * @param typesOf types of the placeholders; called only when a parameter is a list
 */
export async function runStatement(
  context: OperationContext,
  statement: UserStatement,
  input: RunInput,
  typesOf: ParameterTypes,
): Promise<QueryResult> {
  assertAllowed(context, statement);
  const parameters = await parameterTexts(input.params, typesOf);
  const startedAtMs = monotonicMs();
  let ok = false;
  try {
    const result = await context.database.runUser(statement.sql, parameters, runOptions(context, input));
    const executionTimeMs = roundedMs(monotonicMs() - startedAtMs);
    ok = true;
    const columns =
      resultColumns(context.database, result.columns) ??
      (await lookedUpColumns(context.database, result.columns, lookupOptions(context)));
    return {
      columns,
      rows: result.rows,
      rowCount: result.rows.length,
      rowsAffected: rowsAffected(result),
      executionTimeMs,
    };
  } finally {
    observeQuery(context, statement, startedAtMs, ok);
  }
}

/** As `query`; the columns are known, and errors of the statement thrown, before the first row is asked for. */
export async function stream(context: OperationContext, input: QueryInput): Promise<QueryStream> {
  const statement = readStatement(input.sql);
  assertAllowed(context, statement);
  const parameters = await parameterTexts(input.params, () => parameterTypes(context, input.sql));
  const startedAtMs = monotonicMs();
  const rows = context.database.streamUser(statement.sql, parameters, runOptions(context, input));
  const finish = (ok: boolean): void => observeQuery(context, statement, startedAtMs, ok);
  let columns: ResultColumn[];
  try {
    columns = await streamColumns(context, await rows.columns);
  } catch (error) {
    finish(false);
    throw error;
  }
  return {
    columns: Promise.resolve(columns),
    batches: watched(rows, finish),
    rowsAffected: () =>
      rows.completed === undefined ? null : changedRows(rows.completed, columns.length === 0),
  };
}

/** A stream holds its transaction until it ends, so types of a user are looked up beside it. */
async function streamColumns(context: OperationContext, columns: readonly Column[]): Promise<ResultColumn[]> {
  return (
    resultColumns(context.database, columns) ??
    (await lookedUpColumns(context.database, columns, { signal: context.signal }))
  );
}

type Batches = AsyncIterable<readonly (readonly Cell[])[]>;

/**
 * `batches`, reporting once how they ended. Not a generator: one that was never started would not pass on that its
 * consumer left, and the statement would stay open.
 */
function watched(batches: Batches, finish: (ok: boolean) => void): Batches {
  return {
    [Symbol.asyncIterator]() {
      const iterator = batches[Symbol.asyncIterator]();
      let open = true;
      const finishOnce = (ok: boolean): void => {
        if (open) finish(ok);
        open = false;
      };
      return {
        async next() {
          try {
            const step = await iterator.next();
            if (step.done === true) finishOnce(true);
            return step;
          } catch (error) {
            finishOnce(false);
            throw error;
          }
        },
        async return() {
          finishOnce(true);
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function runOptions(context: OperationContext, { timeoutMs, readOnly }: RunInput): UserRunOptions {
  return {
    signal: context.signal,
    timeoutMs: allowedTimeoutMs(context, timeoutMs),
    transaction: context.transaction,
    readOnly: readOnly === true || isReader(context),
    rowsMax: allowedRowsMax(context),
  };
}

const lookupOptions = (context: OperationContext) => ({
  signal: context.signal,
  transaction: context.transaction,
});

const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);

const rowsAffected = (result: ResultSet): number | null =>
  changedRows(result, result.columns.length === 0 && result.rows.length === 0);

/** Null for statements that only return rows. CREATE TABLE … AS has the tag SELECT, a count and no columns. */
function changedRows(
  { command, affected }: Pick<ResultSet, 'command' | 'affected'>,
  returnsNothing: boolean,
): number | null {
  return CHANGING.has(command) || returnsNothing ? affected : null;
}

/** Labels of the counters: anything else would let clients make up time series. */
const COUNTED = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'create',
  'alter',
  'drop',
  'explain',
  'call',
]);

export function observeQuery(
  context: OperationContext,
  statement: UserStatement,
  startedAtMs: number,
  ok: boolean,
): void {
  const verb = statement.text.verb.toLowerCase();
  context.observe({
    type: 'query',
    verb: COUNTED.has(verb) ? verb : 'other',
    durationMs: monotonicMs() - startedAtMs,
    ok,
  });
}

/** Milliseconds with three digits after the point, for people to read. */
export const roundedMs = (ms: number): number => Math.round(ms * 1_000) / 1_000;
