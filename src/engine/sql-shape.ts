/**
 * The shape of a SQL text: the text with all plain numbers and strings alike, so that texts that differ only in them have
 * one shape. Two texts of one shape have the same tokens but for these literals, and so the same SqlText. Nothing is ever
 * run by its shape: a text goes to PostgreSQL as it was written.
 */
import { RecentMap } from '../base/index.ts';
import { readSqlText, type SqlText } from './sql-text.ts';

/** Longer texts carry data and seldom share a shape with another. */
const CHARACTERS_MAX = 16 * 1024;

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DOLLAR = 0x24;
const MINUS = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const DOT = 0x2e;

/** The text that was asked for last, as two parts of the server ask for the same one. */
let lastSql = '';
let lastShape = '';

/**
 * In time linear in the length. A text with anything beyond plain literals and names (comments, backslashes, dollar quotes,
 * strings with a prefix, numbers with letters, what is not closed) is its own shape, and so is a long one.
 */
export function sqlShape(sql: string): string {
  if (sql.length > CHARACTERS_MAX) return sql;
  if (sql === lastSql) return lastShape;
  lastSql = sql;
  lastShape = withoutLiterals(sql) ?? sql;
  return lastShape;
}

/** Applications send some hundred different ones. */
const READ_MAX = 2_000;
const READ = new RecentMap<string, SqlText>(READ_MAX);

/** As `readSqlText`, which is done once for all texts of a shape. */
export function sqlTextOf(sql: string): SqlText {
  if (sql.length > CHARACTERS_MAX) return readSqlText(sql);
  const shape = sqlShape(sql);
  const known = READ.get(shape);
  if (known !== undefined) return known;
  const text = readSqlText(sql);
  READ.set(shape, text);
  return text;
}

function withoutLiterals(sql: string): string | undefined {
  let shape = '';
  /** What comes before is in the shape. */
  let copied = 0;
  let at = 0;
  while (at < sql.length) {
    const code = sql.charCodeAt(at);
    if (isWordStart(code)) {
      do at++;
      while (isWordPart(sql.charCodeAt(at)));
      const next = sql.charCodeAt(at);
      // E'…', U&'…', U&"…": what is inside has rules of its own. A word in front of a string is one of these at worst.
      if (next === QUOTE || (next === 0x26 && isQuote(sql.charCodeAt(at + 1)))) return undefined;
    } else if (isDigit(code)) {
      const end = endOfNumber(sql, at);
      if (end === undefined) return undefined;
      shape += `${sql.slice(copied, at)}0`;
      copied = at = end;
    } else if (code === QUOTE) {
      const end = endOfString(sql, at);
      if (end === undefined) return undefined;
      shape += `${sql.slice(copied, at)}''`;
      copied = at = end;
    } else if (code === DOUBLE_QUOTE) {
      const end = sql.indexOf('"', at + 1);
      if (end === -1) return undefined;
      at = end + 1;
    } else if (code === DOLLAR) {
      // A parameter is no literal; a dollar that stands for anything else begins a quote.
      if (!isDigit(sql.charCodeAt(at + 1))) return undefined;
      do at++;
      while (isDigit(sql.charCodeAt(at)));
      if (isWordPart(sql.charCodeAt(at))) return undefined;
    } else if (isComment(sql, at, code) || code === BACKSLASH) {
      return undefined;
    } else {
      at++;
    }
  }
  return copied === 0 ? sql : shape + sql.slice(copied);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isWordStart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;
const isWordPart = (code: number): boolean => isWordStart(code) || isDigit(code) || code === DOLLAR;
const isQuote = (code: number): boolean => code === QUOTE || code === DOUBLE_QUOTE;

const isComment = (sql: string, at: number, code: number): boolean =>
  (code === MINUS && sql.charCodeAt(at + 1) === MINUS) || (code === SLASH && sql.charCodeAt(at + 1) === STAR);

/** Behind digits, or digits on both sides of a point; undefined for other spellings. */
function endOfNumber(sql: string, from: number): number | undefined {
  let at = from;
  while (isDigit(sql.charCodeAt(at))) at++;
  if (sql.charCodeAt(at) === DOT) {
    at++;
    if (!isDigit(sql.charCodeAt(at))) return undefined;
    while (isDigit(sql.charCodeAt(at))) at++;
  }
  const next = sql.charCodeAt(at);
  return isWordPart(next) || next === DOT ? undefined : at;
}

/** Behind the quote that closes, where doubled ones do not; undefined when none does, or a backslash may mean something. */
function endOfString(sql: string, from: number): number | undefined {
  for (let at = from + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === BACKSLASH) return undefined;
    if (code !== QUOTE) continue;
    if (sql.charCodeAt(at + 1) !== QUOTE) return at + 1;
    at++;
  }
  return undefined;
}
