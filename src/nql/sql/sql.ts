/** PostgreSQL's own statements: their text goes on as it is, with what can be told about their answer. */
import type { Reader } from '../syntax/reader.ts';
import { convenience } from './conveniences.ts';
import { type SqlWord, sqlWords } from './scan.ts';
import type { Sql } from './sql-statement.ts';

/** First words of statements that are PostgreSQL's. */
export const SQL_VERBS: readonly string[] =
  `SELECT INSERT UPDATE DELETE MERGE WITH VALUES TABLE CREATE DROP ALTER TRUNCATE COMMENT GRANT REVOKE EXPLAIN ANALYZE
  VACUUM REINDEX REFRESH CALL DO SET RESET COPY LOCK`.split(/\s+/);

const READING: ReadonlySet<string> = new Set(['SELECT', 'VALUES', 'TABLE', 'EXPLAIN', 'CALL']);
const CHANGING: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** What can follow a list of WITH. */
const MAIN: ReadonlySet<string> = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'VALUES',
  'TABLE',
]);

/** The next token is the first word of a statement of PostgreSQL, or of one that is short for one. */
export function sqlStatement(reader: Reader, isFirst: boolean): Sql {
  const short = convenience(reader);
  if (short !== undefined) return { kind: 'sql', isRewritten: true, ...short };
  const text = isFirst ? reader.text : reader.text.slice(reader.token.start);
  const { upper } = reader.token;
  const whole = { kind: 'sql', text, parameters: [], isRewritten: false, insert: undefined } as const;
  if (READING.has(upper)) return { ...whole, verb: upper, answer: 'rows' };
  if (!CHANGING.has(upper) && upper !== 'WITH') return { ...whole, verb: upper, answer: 'empty' };
  const words = [...sqlWords(text)];
  // Behind WITH it is the statement after the list; one that is none is for PostgreSQL to refuse.
  const found = upper === 'WITH' ? words.findIndex(isMainAt) : 0;
  const main = words.slice(Math.max(found, 0));
  const verb = main[0]?.upper ?? upper;
  const isRows = !CHANGING.has(verb) || main.some((word) => word.upper === 'RETURNING');
  if (isRows) return { ...whole, verb, answer: 'rows' };
  if (verb !== 'INSERT') return { ...whole, verb, answer: 'count' };
  const insert = { table: insertTarget(main), returningId: returningId(text, main) };
  return { ...whole, verb, answer: 'ids', insert };
}

/** INSERT, UPDATE and others are names as well: of a query in the list, before AS. */
const isMainAt = ({ upper }: SqlWord, at: number, words: readonly SqlWord[]): boolean =>
  MAIN.has(upper) && (upper === 'SELECT' || words[at + 1]?.upper !== 'AS');

/** The name behind INSERT INTO. */
function insertTarget(words: readonly SqlWord[]): readonly string[] {
  const fold = ({ text, upper }: SqlWord): string =>
    upper === '' ? text : text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const [, , first, point, second] = words;
  if (first === undefined) return [];
  return point?.text === '.' && point.upper === '' && second !== undefined
    ? [fold(first), fold(second)]
    : [fold(first)];
}

/** In front of the semicolon that ends it, and behind a comment that may. */
function returningId(text: string, words: readonly SqlWord[]): string {
  const end = words.find(({ text: word, upper }) => word === ';' && upper === '')?.start ?? text.length;
  // What comes behind stays: PostgreSQL refuses a second statement.
  return `${text.slice(0, end)}\nRETURNING "_id"${text.slice(end)}`;
}
