/**
 * Short forms of SQL, found by their first tokens and rewritten: names quoted as PostgreSQL folds them, values as
 * parameters. Those that define tables and indexes are in table-conveniences.ts.
 */
import { readClauses } from '../syntax/clauses.ts';
import { type Condition, whereClause } from '../syntax/conditions.ts';
import { name } from '../syntax/names.ts';
import { limitClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';
import { type Value, value } from '../syntax/values.ts';
import { conditionSql } from './condition-sql.ts';
import { foldedName, quoted, tableName, tableNameLength } from './quote.ts';
import type { Rewritten } from './sql-statement.ts';
import { definition } from './table-conveniences.ts';

/** Words that are values of SQL where the name of a table could stand. */
const VALUES: ReadonlySet<string> = new Set(
  `ALL DISTINCT NULL TRUE FALSE DEFAULT USER CURRENT_CATALOG CURRENT_DATE CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME
  CURRENT_TIMESTAMP CURRENT_USER LOCALTIME LOCALTIMESTAMP SESSION_USER SYSTEM_USER CASE`.split(/\s+/),
);

/** The whole statement if it is a short form; nothing is read if it is not. */
export function convenience(reader: Reader): Rewritten | undefined {
  const read = reader.isWord('SELECT')
    ? selects(reader) && select
    : reader.isWord('INSERT')
      ? inserts(reader) && insert
      : reader.isWord('DELETE')
        ? !reader.isWord('FROM', 1) && remove
        : definition(reader);
  if (read === undefined || read === false) return undefined;
  reader.advance();
  const statement = read(reader);
  reader.finish();
  return statement;
}

/** `SELECT t`, and nothing but WHERE or LIMIT behind it. */
function selects(reader: Reader): boolean {
  if (VALUES.has(reader.peek(1).upper)) return false;
  const length = tableNameLength(reader, 1);
  if (length === 0) return false;
  const next = reader.peek(1 + length);
  return (
    next.kind === 'end' || reader.is(';', 1 + length) || next.upper === 'WHERE' || next.upper === 'LIMIT'
  );
}

function select(reader: Reader): Rewritten {
  const { sql } = tableName(reader);
  const { where, parameters, limit } = tail(reader, true);
  const bound = limit === undefined ? '' : ` LIMIT $${parameters.push(BigInt(limit))}`;
  return {
    text: `SELECT * FROM ${sql}${where}${bound}`,
    parameters,
    verb: 'SELECT',
    answer: 'rows',
    insert: undefined,
  };
}

function remove(reader: Reader): Rewritten {
  const { sql } = tableName(reader);
  const { where, parameters } = tail(reader, false);
  return {
    text: `DELETE FROM ${sql}${where}`,
    parameters,
    verb: 'DELETE',
    answer: 'count',
    insert: undefined,
  };
}

function tail(
  reader: Reader,
  takesLimit: boolean,
): { where: string; parameters: Value[]; limit: number | undefined } {
  let condition: Condition | undefined;
  let limit: number | undefined;
  const where = whereClause(reader, (found) => {
    condition = found;
  });
  const bound = limitClause(reader, (found) => {
    limit = found;
  });
  readClauses(reader, takesLimit ? [where, bound] : [where]);
  const parameters: Value[] = [];
  return {
    where: condition === undefined ? '' : ` WHERE ${conditionSql(condition, parameters)}`,
    parameters,
    limit,
  };
}

/** `INSERT t a = 1`; INTO may stand before the table. */
function inserts(reader: Reader): boolean {
  if (!reader.isWord('INTO', 1)) return true;
  const length = tableNameLength(reader, 2);
  return length > 0 && tableNameLength(reader, 2 + length) === 1 && reader.is('=', 3 + length);
}

function insert(reader: Reader): Rewritten {
  reader.acceptWords('INTO');
  const table = tableName(reader);
  const columns = new Map<string, Value>();
  do {
    const column = name(reader, 'the name of a column');
    const folded = foldedName(column);
    if (columns.has(folded)) throw reader.invalid(column.span, `The column '${folded}' is given twice`);
    reader.expect('=');
    columns.set(folded, value(reader));
  } while (reader.accept(','));
  const names = [...columns.keys()].map(quoted).join(', ');
  const places = Array.from(columns, (_, index) => `$${index + 1}`).join(', ');
  const text = `INSERT INTO ${table.sql} (${names}) VALUES (${places})`;
  return {
    text,
    parameters: [...columns.values()],
    verb: 'INSERT',
    answer: 'ids',
    insert: { table: table.path, returningId: `${text} RETURNING "_id"` },
  };
}
