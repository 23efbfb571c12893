/**
 * Tokens of a SQL text by PostgreSQL's lexical rules (standard_conforming_strings on). Strings, numbers, parameters
 * and operators are all `other`: nobody here looks inside them.
 */

export interface SqlToken {
  readonly kind: 'word' | 'dot' | 'open' | 'close' | 'semicolon' | 'other';
  /** For words: the name, without quotes. Otherwise empty. */
  readonly text: string;
  readonly quoted: boolean;
}

/** Stands for a name that is written with Unicode escapes: no real name has a NUL. */
export const ESCAPED_NAME = '\0escaped';

const DOT: SqlToken = { kind: 'dot', text: '', quoted: false };
const OPEN: SqlToken = { kind: 'open', text: '', quoted: false };
const CLOSE: SqlToken = { kind: 'close', text: '', quoted: false };
const SEMICOLON: SqlToken = { kind: 'semicolon', text: '', quoted: false };
const OTHER: SqlToken = { kind: 'other', text: '', quoted: false };

const SPACE = /[ \t\n\r\f\v]+/y;
/** Letters, underscore and everything beyond ASCII begin a name; digits and $ continue it. */
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const PARAMETER = /\$[0-9]+/y;
/** A string goes on after a line break: 'a' newline 'b'. Comments may stand between. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;
const QUOTE = 0x27;

/** Where a token stands in its text. */
export interface SqlPlace {
  readonly from: number;
  readonly to: number;
}

/** The places of the tokens of `sql`, in their order. */
export function* scanPlaces(sql: string): Generator<SqlPlace> {
  const place = { from: 0, to: 0 };
  for (const _ of scanSql(sql, place)) yield { from: place.from, to: Math.min(place.to, sql.length) };
}

/**
 * Yields the tokens of `sql`, without comments and space. Unterminated quotes and comments end with the text.
 * @param place is kept at the place of the token that was yielded last
 */
export function* scanSql(sql: string, place?: { from: number; to: number }): Generator<SqlToken> {
  let at = 0;
  while (at < sql.length) {
    const from = at;
    let token: SqlToken | undefined;
    const code = sql.charCodeAt(at);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) {
      at = endOf(SPACE, sql, at);
    } else if (code === 0x2d && sql.charCodeAt(at + 1) === 0x2d) {
      at = endOfLine(sql, at);
    } else if (code === 0x2f && sql.charCodeAt(at + 1) === 0x2a) {
      at = endOfComment(sql, at);
    } else if (code === QUOTE) {
      at = endOfString(sql, at, false);
      token = OTHER;
    } else if (code === 0x22) {
      at = endOfQuotedName(sql, at);
      token = { kind: 'word', text: sql.slice(from + 1, at - 1).replaceAll('""', '"'), quoted: true };
    } else if (code === 0x24) {
      at = endOfDollar(sql, at);
      token = OTHER;
    } else if (isWordStart(code)) {
      at = endOf(WORD, sql, at);
      const text = sql.slice(from, at);
      if (sql.charCodeAt(at) === QUOTE && /^[ebnx]$/i.test(text)) {
        at = endOfString(sql, at, text === 'e' || text === 'E');
        token = OTHER;
      } else if (/^u$/i.test(text) && sql.charCodeAt(at) === 0x26 && sql.charCodeAt(at + 1) === QUOTE) {
        at = endOfString(sql, at + 1, false);
        token = OTHER;
      } else if (/^u$/i.test(text) && sql.charCodeAt(at) === 0x26 && sql.charCodeAt(at + 1) === 0x22) {
        at = endOfQuotedName(sql, at + 1);
        token = { kind: 'word', text: ESCAPED_NAME, quoted: true };
      } else {
        token = { kind: 'word', text, quoted: false };
      }
    } else if (code >= 0x30 && code <= 0x39) {
      at = endOf(NUMBER, sql, at);
      token = OTHER;
    } else {
      at++;
      if (code === 0x2e) token = DOT;
      else if (code === 0x28) token = OPEN;
      else if (code === 0x29) token = CLOSE;
      else if (code === 0x3b) token = SEMICOLON;
      else token = OTHER;
    }
    if (token === undefined) continue;
    if (place !== undefined) {
      place.from = from;
      place.to = at;
    }
    yield token;
  }
}

const isWordStart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;

function endOf(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : at + 1;
}

function endOfLine(sql: string, at: number): number {
  while (at < sql.length && sql.charCodeAt(at) !== 0x0a && sql.charCodeAt(at) !== 0x0d) at++;
  return at;
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  let depth = 1;
  let at = start + 2;
  while (at < sql.length && depth > 0) {
    const code = sql.charCodeAt(at);
    if (code === 0x2f && sql.charCodeAt(at + 1) === 0x2a) {
      depth++;
      at += 2;
    } else if (code === 0x2a && sql.charCodeAt(at + 1) === 0x2f) {
      depth--;
      at += 2;
    } else {
      at++;
    }
  }
  return at;
}

function endOfString(sql: string, start: number, escapes: boolean): number {
  let at = start + 1;
  while (at < sql.length) {
    const code = sql.charCodeAt(at);
    if (escapes && code === 0x5c) {
      at += 2;
    } else if (code !== QUOTE) {
      at++;
    } else if (sql.charCodeAt(at + 1) === QUOTE) {
      at += 2;
    } else {
      CONTINUATION.lastIndex = at + 1;
      if (!CONTINUATION.test(sql)) return at + 1;
      at = CONTINUATION.lastIndex;
    }
  }
  return sql.length;
}

function endOfQuotedName(sql: string, start: number): number {
  let at = start + 1;
  for (;;) {
    at = sql.indexOf('"', at);
    if (at === -1) return sql.length + 1;
    if (sql.charCodeAt(at + 1) !== 0x22) return at + 1;
    at += 2;
  }
}

/** A dollar-quoted string, a parameter, or a lone dollar sign. */
function endOfDollar(sql: string, at: number): number {
  DOLLAR_QUOTE.lastIndex = at;
  if (DOLLAR_QUOTE.test(sql)) {
    const body = DOLLAR_QUOTE.lastIndex;
    const end = sql.indexOf(sql.slice(at, body), body);
    return end === -1 ? sql.length : end + (body - at);
  }
  return endOf(PARAMETER, sql, at);
}
