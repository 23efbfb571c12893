/** Names of the language as names of PostgreSQL. */
import { type Name, name, nameOrText } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';

const CAPITAL = /[A-Z]/;

/** What a bare name means to PostgreSQL: lower case, as far as it is ASCII. */
export const foldedName = ({ text, isQuoted }: Pick<Name, 'text' | 'isQuoted'>): string =>
  isQuoted || !CAPITAL.test(text) ? text : text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Quoted, so that it means itself whatever it holds. */
export const sqlName = (written: Pick<Name, 'text' | 'isQuoted'>): string => quoted(foldedName(written));

export const quoted = (exact: string): string => `"${exact.replaceAll('"', '""')}"`;

/** `table` or `schema.table` */
export interface TableName {
  /** Folded, the schema first if there is one. */
  readonly path: readonly string[];
  /** Quoted. */
  readonly sql: string;
}

export function tableName(reader: Reader): TableName {
  const parts = [name(reader, 'the name of a table')];
  if (reader.accept('.')) parts.push(nameOrText(reader, 'the name of a table'));
  return { path: parts.map(foldedName), sql: parts.map(sqlName).join('.') };
}

/** Tokens of a table's name that begins so many places ahead; 0 if none does. */
export function tableNameLength(reader: Reader, ahead: number): number {
  const isName = (at: number): boolean => {
    const { kind } = reader.peek(at);
    return kind === 'word' || kind === 'quoted-word';
  };
  if (!isName(ahead)) return 0;
  return reader.is('.', ahead + 1) && isName(ahead + 2) ? 3 : 1;
}
