/** Columns of a declaration: names, types, defaults, keys; and the pairs of labels that a rel table is between. */
import { LIMITS } from '../../../base/index.ts';
import {
  baseNamed,
  type ColumnType,
  type Connection,
  type DeclaredColumn,
  MULTIPLICITIES,
  type Multiplicity,
  tableError,
} from '../declared/index.ts';
import type { TokenReader } from './token-reader.ts';

/** Names that mean something else in such tables. */
const INTERNAL: ReadonlySet<string> = new Set(['_ID', '_LABEL', '_SRC', '_DST']);

export interface ColumnList {
  readonly columns: readonly DeclaredColumn[];
  readonly primaryKey: string | undefined;
  /** Bare words that stand where a column may, such as MANY_ONE. */
  readonly words: readonly string[];
}

/** Up to the closing parenthesis. @param allowed `MULTIPLICITY` where words such as MANY_ONE may stand */
export function columnDefinitions(reader: TokenReader, allowed: readonly 'MULTIPLICITY'[]): ColumnList {
  const columns: DeclaredColumn[] = [];
  const words: string[] = [];
  let primaryKey: string | undefined;
  const takeKey = (name: string): void => {
    if (primaryKey !== undefined) throw reader.invalid('A table has one primary key');
    primaryKey = name;
  };
  while (!reader.accept(')')) {
    if (columns.length > 0 || words.length > 0 || primaryKey !== undefined) reader.expect(',');
    else reader.accept(',');
    if (reader.isWord('PRIMARY') && reader.isWord('KEY', 1) && reader.peek(2).symbol === '(') {
      reader.acceptWords('PRIMARY', 'KEY');
      reader.expect('(');
      takeKey(reader.name('the column of the primary key'));
      reader.expect(')');
      continue;
    }
    const word = reader.token.text.toUpperCase();
    if (allowed.length > 0 && isMultiplicity(word) && isEnd(reader, 1)) {
      words.push(word);
      reader.advance();
      continue;
    }
    const column = columnDefinition(reader);
    columns.push(column);
    if (reader.acceptWords('PRIMARY', 'KEY')) takeKey(column.name);
  }
  // What MANY_ONE and the like may also stand behind.
  checkColumns(columns, primaryKey);
  return { columns, primaryKey, words };
}

const isEnd = (reader: TokenReader, ahead: number): boolean =>
  reader.peek(ahead).symbol === ',' || reader.peek(ahead).symbol === ')';

/** `age INT64 DEFAULT 0` */
export function columnDefinition(reader: TokenReader): DeclaredColumn {
  const name = reader.name('the name of a column');
  const type = columnType(reader);
  return { name, type, default: reader.acceptWords('DEFAULT') ? expressionText(reader) : undefined };
}

function columnType(reader: TokenReader): ColumnType {
  const base = baseNamed(reader.name('a type'));
  let precision = '';
  if (base === 'DECIMAL' && reader.accept('(')) {
    const whole = reader.advance().number;
    reader.expect(',');
    const fraction = reader.advance().number;
    reader.expect(')');
    precision = `(${whole}, ${fraction})`;
  }
  let list: number | undefined;
  while (reader.accept('[')) {
    if (list !== undefined)
      throw reader.invalid('Lists of lists are not offered here as the type of a column');
    list = reader.token.kind === 'integer' ? Number(reader.advance().number) : 0;
    reader.expect(']');
  }
  if (base === 'SERIAL' && list !== undefined) throw reader.invalid('There are no lists of SERIAL');
  return { base, precision, list };
}

/** As it is written, up to a comma or a parenthesis that closes what is around it. */
function expressionText(reader: TokenReader): string {
  const from = reader.token.start;
  let to = from;
  while (
    !isEnd(reader, 0) &&
    !reader.isWord('PRIMARY') &&
    !reader.isSymbol(';') &&
    reader.token.kind !== 'end'
  ) {
    reader.skipOne();
    to = reader.token.start;
  }
  const text = reader.slice(from, to);
  if (text === '') throw reader.unexpected('an expression');
  return text;
}

/** `FROM A TO B, FROM C TO D`, behind it what follows the comma. */
export function connections(reader: TokenReader): readonly Connection[] {
  const found: Connection[] = [];
  do {
    found.push(connection(reader));
  } while (reader.isSymbol(',') && reader.isWord('FROM', 1) && isPair(reader) && reader.accept(','));
  const texts = new Set(found.map(({ from, to }) => JSON.stringify([from, to])));
  if (texts.size < found.length) {
    throw tableError('INVALID_CYPHER', 'Binder', 'Found duplicate FROM-TO pairs.');
  }
  return found;
}

/** `, FROM A TO B` and no column that is named FROM. */
const isPair = (reader: TokenReader): boolean => reader.isWord('TO', 3);

export function connection(reader: TokenReader): Connection {
  reader.expectWords('FROM');
  const from = reader.name('the name of a node table');
  reader.expectWords('TO');
  return { from, to: reader.name('the name of a node table') };
}

const isMultiplicity = (word: string): word is Multiplicity =>
  (MULTIPLICITIES as readonly string[]).includes(word);

export const multiplicity = (words: readonly string[]): Multiplicity | undefined =>
  words.find(isMultiplicity);

/** @throws DUPLICATE_COLUMN, COLUMN_NOT_FOUND, INVALID_TYPE, LIMIT_EXCEEDED */
function checkColumns(columns: readonly DeclaredColumn[], primaryKey: string | undefined): void {
  if (columns.length > LIMITS.graphColumnsMax) {
    throw tableError(
      'LIMIT_EXCEEDED',
      'Binder',
      `A table has at most ${LIMITS.graphColumnsMax} columns (graphColumnsMax).`,
    );
  }
  const seen = new Set<string>();
  for (const { name } of columns) {
    checkColumnName(name);
    if (seen.has(name)) {
      throw tableError(
        'DUPLICATE_COLUMN',
        'Binder',
        `Duplicated column name: ${name}, column name must be unique.`,
      );
    }
    seen.add(name);
  }
  if (primaryKey === undefined) return;
  const key = columns.find(({ name }) => name === primaryKey);
  if (key === undefined) {
    throw tableError(
      'COLUMN_NOT_FOUND',
      'Binder',
      `Primary key ${primaryKey} does not match any of the predefined node properties.`,
    );
  }
  if (key.type.list === undefined && key.type.base !== 'BOOL' && key.type.base !== 'INTERVAL') return;
  throw tableError(
    'INVALID_TYPE',
    'Binder',
    `Invalid primary key column type. Primary keys must be either STRING or a numeric type.`,
  );
}

/** @throws DUPLICATE_COLUMN for a name that such tables use themselves */
export function checkColumnName(name: string): void {
  if (!INTERNAL.has(name.toUpperCase())) return;
  throw tableError(
    'DUPLICATE_COLUMN',
    'Binder',
    `PropertyName: ${name} is an internal reserved propertyName.`,
  );
}
