/**
 * INSERT that answers ids: by RETURNING "_id", where the table has such a column. That a table has one is remembered, for it
 * is seen at once when it is wrong; that it has none is looked up each time, for nothing would tell.
 */
import { asFacetError, ChurnMap, LIMITS } from '../../../base/index.ts';
import { type QueryResult, sqlQuery } from '../../../models/index.ts';
import { type SqlInsert, sqlName } from '../../../nql/index.ts';
import { type StatementCall, timeoutOf } from '../statement-call.ts';

/** `namespace` and table, in JSON, of tables that had the column when a row was made last. */
let numbered = new ChurnMap<string, true>();

/** Integers of PostgreSQL, by their oids: another `_id` is no number of a row. */
const HAS_ID = `SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass($1)
AND attname = '_id' AND NOT attisdropped AND atttypid IN (20, 21, 23)`;

/**
 * Runs the statement.
 * @param plain the statement without RETURNING
 * @param send runs a text with the parameters of the statement
 * @returns nothing for tables without such a column
 */
export async function insertedIds(
  insert: SqlInsert,
  plain: string,
  send: (text: string) => Promise<QueryResult>,
  call: StatementCall,
): Promise<bigint[]> {
  const isAlone = call.session.transactionId === undefined;
  const key = JSON.stringify([call.session.namespace ?? call.session.principal?.namespace, ...insert.table]);
  if (isAlone && numbered.get(key) === true) {
    try {
      return idsOf(await send(insert.returningId));
    } catch (thrown) {
      // Nothing has happened. The column may be another one, which the statement then says itself.
      if (asFacetError(thrown).code !== 'COLUMN_NOT_FOUND') throw thrown;
      numbered.delete(key);
    }
  }
  // Inside a transaction a failure would be the end of it, and its own definitions are seen by nobody else.
  if (!(await hasId(insert, call))) {
    await send(plain);
    return [];
  }
  const ids = idsOf(await send(insert.returningId));
  if (isAlone) {
    if (numbered.size >= LIMITS.nqlStatementsCachedMax) numbered = new ChurnMap();
    numbered.set(key, true);
  }
  return ids;
}

async function hasId({ table }: SqlInsert, call: StatementCall): Promise<boolean> {
  const name = table.map((text) => sqlName({ text, isQuoted: true })).join('.');
  const input = { sql: HAS_ID, params: [name], timeoutMs: timeoutOf(call) };
  const { rowCount } = await call.dispatch.call(sqlQuery, input, { ...call.session, partial: true });
  return rowCount > 0;
}

/** The column is the only one. A NULL, which a table may allow, is no number. */
const idsOf = ({ rows }: QueryResult): bigint[] =>
  rows.flatMap(([id]) => (typeof id === 'string' && /^-?\d+$/.test(id) ? [BigInt(id)] : []));
