/** Statements of SQL: PostgreSQL's own, and the short forms, which are such by now. */
import { asFacetError, ExactNumber, type Json } from '../../../base/index.ts';
import { type QueryResult, type QueryStream, sqlQuery, sqlStream } from '../../../models/index.ts';
import type { StatementOf, Value } from '../../../nql/index.ts';
import type { Items, Result } from '../result.ts';
import { encodedRows, RowChunks } from '../rows.ts';
import { type Runners, type StatementCall, timeoutOf } from '../statement-call.ts';
import { withoutPlace } from './asking.ts';
import { insertedIds } from './inserted-ids.ts';
import { ITEMS_AT_ONCE } from './items.ts';

type Sql = StatementOf<'sql'>;

export const SQL_RUNNERS: Runners<'sql'> = {
  sql: { answers: ({ answer }) => answer, run, stream },
};

async function run(statement: Sql, call: StatementCall): Promise<Result> {
  const { answer, insert } = statement;
  const send = (text: string): Promise<QueryResult> =>
    placing(statement, call.dispatch.call(sqlQuery, inputOf(statement, text, call), call.session));
  if (insert !== undefined) {
    const ids = await insertedIds(insert, statement.text, send, call);
    return { case: 'ids', value: { ids } };
  }
  const { columns, rows, rowsAffected } = await send(statement.text);
  if (answer === 'rows') return encodedRows(columns, rows);
  if (answer === 'count') return { case: 'count', value: { count: BigInt(rowsAffected ?? 0) } };
  return { case: 'empty', value: {} };
}

async function stream(statement: Sql, call: StatementCall): Promise<Items> {
  const input = inputOf(statement, statement.text, call);
  const found = await placing(statement, call.dispatch.call(sqlStream, input, call.session));
  const chunks = new RowChunks(await found.columns);
  return rowItems(found.batches, chunks);
}

/** Not all rows of a batch at once: while a client does not read, only some wait for it as bytes. */
async function* rowItems(batches: QueryStream['batches'], chunks: RowChunks): Items {
  for await (const batch of batches) {
    for (let at = 0; at < batch.length; at += ITEMS_AT_ONCE) {
      yield batch.slice(at, at + ITEMS_AT_ONCE).map((row) => ({ encodedRow: chunks.of(row) }));
    }
  }
}

function inputOf({ parameters }: Sql, text: string, call: StatementCall): Record<string, unknown> {
  return {
    sql: text,
    params: parameters.length === 0 ? undefined : parameters.map(parameter),
    timeoutMs: timeoutOf(call),
  };
}

function parameter(value: Value): Json {
  if (typeof value === 'bigint') return new ExactNumber(String(value));
  return typeof value === 'object' && value !== null ? value.map(parameter) : value;
}

/** What PostgreSQL says about a text that the client has not written has no position that the client could look at. */
async function placing<T>({ isRewritten }: Sql, answer: Promise<T>): Promise<T> {
  if (!isRewritten) return await answer;
  try {
    return await answer;
  } catch (thrown) {
    throw withoutPlace(asFacetError(thrown));
  }
}
