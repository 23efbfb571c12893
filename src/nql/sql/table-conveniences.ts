/** Short forms that make tables with typed columns and a column `_id`, and make and remove indexes by column. */
import { name } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';
import { foldedName, quoted, type TableName, tableName, tableNameLength } from './quote.ts';
import type { Rewritten } from './sql-statement.ts';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['INT', 'BIGINT'],
  ['INTEGER', 'BIGINT'],
  ['BIGINT', 'BIGINT'],
  ['FLOAT', 'DOUBLE PRECISION'],
  ['DOUBLE', 'DOUBLE PRECISION'],
  ['STRING', 'TEXT'],
  ['TEXT', 'TEXT'],
  ['BOOL', 'BOOLEAN'],
  ['BOOLEAN', 'BOOLEAN'],
]);

/** The number of a row, which Row.id answers. */
const ID_COLUMN = '_id';

/** How to read the statement behind its first word, if it is one of these forms. */
export function definition(reader: Reader): ((reader: Reader) => Rewritten) | undefined {
  if (reader.isWord('CREATE') && reader.isWord('TABLE', 1))
    return createsTable(reader) ? createTable : undefined;
  if (!reader.isWord('INDEX', 1)) return undefined;
  if (reader.isWord('CREATE'))
    return namesColumn(reader) && !reader.isWord('ON', 2) ? createIndex : undefined;
  if (!reader.isWord('DROP')) return undefined;
  const isOn = reader.isWord('ON', 2) || (reader.isWord('IF', 2) && reader.isWord('ON', 4));
  const isOption =
    reader.isWord('CONCURRENTLY', 2) || reader.isWord('CASCADE', 3) || reader.isWord('RESTRICT', 3);
  return isOn || (namesColumn(reader) && !isOption) ? dropIndex : undefined;
}

/** `(name:` behind the name of the table. */
function createsTable(reader: Reader): boolean {
  const start = reader.isWord('IF', 2) && reader.isWord('NOT', 3) ? 5 : 2;
  const length = tableNameLength(reader, start);
  const open = start + length;
  return (
    length > 0 && reader.is('(', open) && tableNameLength(reader, open + 1) === 1 && reader.is(':', open + 2)
  );
}

/** `t c`, or `s.t c`, and then the end. */
function namesColumn(reader: Reader): boolean {
  const length = tableNameLength(reader, 2);
  if (length === 0 || tableNameLength(reader, 2 + length) !== 1) return false;
  return reader.peek(3 + length).kind === 'end' || reader.is(';', 3 + length);
}

function createTable(reader: Reader): Rewritten {
  reader.expectWord('TABLE');
  const unless = reader.acceptWords('IF', 'NOT', 'EXISTS') ? 'IF NOT EXISTS ' : '';
  const { sql } = tableName(reader);
  reader.expect('(');
  const seen = new Set<string>([ID_COLUMN]);
  const columns = reader.list(')', () => column(reader, seen));
  // Behind the others, so that INSERT INTO t VALUES (…) needs no list of columns.
  const id = `${quoted(ID_COLUMN)} BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY`;
  return defining('CREATE', `CREATE TABLE ${unless}${sql} (${[...columns, id].join(', ')})`);
}

/** `name:type`, `name:type?` */
function column(reader: Reader, seen: Set<string>): string {
  const called = name(reader, 'the name of a column');
  const folded = foldedName(called);
  if (seen.has(folded)) {
    const isId = folded === ID_COLUMN;
    throw reader.invalid(
      called.span,
      isId ? "The column '_id' is there by itself" : `The column '${folded}' is given twice`,
    );
  }
  seen.add(folded);
  reader.expect(':');
  const type = TYPES.get(reader.token.upper);
  if (type === undefined) {
    const hint = "Other types are for PostgreSQL's own CREATE TABLE, which has no colons.";
    throw reader.unexpected('a type: INT, FLOAT, STRING or BOOL', [...TYPES.keys()], hint);
  }
  reader.advance();
  return `${quoted(folded)} ${type}${reader.accept('?') ? '' : ' NOT NULL'}`;
}

/** The index is called as PostgreSQL would call it, so that it is found again by its column. */
function createIndex(reader: Reader): Rewritten {
  reader.expectWord('INDEX');
  const table = tableName(reader);
  const indexed = foldedName(name(reader, 'the name of a column'));
  return defining(
    'CREATE',
    `CREATE INDEX ${quoted(indexName(table, indexed))} ON ${table.sql} (${quoted(indexed)})`,
  );
}

/** `DROP INDEX t c`, `DROP INDEX [IF EXISTS] ON t(c)` */
function dropIndex(reader: Reader): Rewritten {
  reader.expectWord('INDEX');
  const unless = reader.acceptWords('IF', 'EXISTS') ? 'IF EXISTS ' : '';
  const isOn = reader.acceptWords('ON');
  const table = tableName(reader);
  if (isOn) reader.expect('(');
  const indexed = foldedName(name(reader, 'the name of a column'));
  if (isOn) reader.expect(')');
  const schema = table.path.slice(0, -1).map((part) => `${quoted(part)}.`);
  return defining('DROP', `DROP INDEX ${unless}${schema.join('')}${quoted(indexName(table, indexed))}`);
}

const indexName = ({ path }: TableName, indexed: string): string => `${path.at(-1) ?? ''}_${indexed}_idx`;

const defining = (verb: string, text: string): Rewritten => ({
  text,
  parameters: [],
  verb,
  answer: 'empty',
  insert: undefined,
});
