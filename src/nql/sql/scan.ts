/**
 * Words of PostgreSQL's SQL outside of all parentheses, quotes and comments: enough to know what a statement answers.
 * Each character is looked at once. What is not closed ends with the text, and PostgreSQL tells about it.
 */

export interface SqlWord {
  /** A bare name as it is written, a quoted one without its quotes; a point or a semicolon. */
  readonly text: string;
  /** In upper case; '' for quoted names and symbols. */
  readonly upper: string;
  readonly start: number;
}

const WORD = /[\p{L}_][\p{L}\p{N}\p{M}_$]*/uy;
const NUMBER = /[0-9][0-9A-Za-z_]*/y;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

export function* sqlWords(sql: string): Generator<SqlWord> {
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const first = sql.charAt(at);
    const word = matched(WORD, sql, at);
    if (word !== '') {
      at += word.length;
      if ((word === 'e' || word === 'E') && sql.charAt(at) === "'") at = endOfQuote(sql, at, "'", true);
      else if (depth === 0) yield { text: word, upper: word.toUpperCase(), start };
    } else if (first === "'") at = endOfQuote(sql, at, "'", false);
    else if (first === '"') {
      at = endOfQuote(sql, at, '"', false);
      if (depth === 0) yield { text: sql.slice(start + 1, at - 1).replaceAll('""', '"'), upper: '', start };
    } else if (first === '$') {
      const quote = matched(DOLLAR, sql, at);
      const end = quote === '' ? at : sql.indexOf(quote, at + quote.length);
      at = quote === '' ? at + 1 : end < 0 ? sql.length : end + quote.length;
    } else if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
    } else if (sql.startsWith('/*', at)) at = endOfComment(sql, at);
    else {
      at += matched(NUMBER, sql, at).length || 1;
      if (first === '(') depth++;
      else if (first === ')') depth--;
      else if (depth === 0 && (first === '.' || first === ';')) yield { text: first, upper: '', start };
    }
  }
}

function matched(pattern: RegExp, sql: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? '';
}

/** Behind the quote that closes; a doubled one does not, and where `escapes` are none behind a backslash. */
function endOfQuote(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    const here = sql.charAt(at);
    if (escapes && here === '\\') at++;
    else if (here === quote) {
      if (sql.charAt(at + 1) !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  let depth = 1;
  let at = start + 2;
  while (at < sql.length && depth > 0) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at += 2;
    } else at++;
  }
  return at;
}
