/**
 * The lexer: text to tokens, one at a time and each character once, so that looking at the first words of a statement
 * costs no more than that. Never throws: what is no token is a token of kind `fault`.
 */
import { ESCAPES, readNumber } from './literals.ts';
import { shorten } from './span.ts';
import type { Token, TokenKind } from './tokens.ts';

const BLANKS = /[\s\ufeff]+/y;
const WORD = /[\p{L}_][\p{L}\p{N}\p{M}_]*/uy;
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
/** Symbols of two characters; all others are one. */
const DOUBLES: ReadonlySet<string> = new Set(['->', '<=', '>=', '<>', '!=', '==']);

const BACKSLASH = 0x5c;

export class Lexer {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Behind the last token it is `end`, however often. */
  next(): Token {
    const { text } = this;
    for (;;) {
      this.#skip(BLANKS);
      const start = this.#at;
      if (start >= text.length) return this.#token('end', text.length, '');
      const first = text.charAt(start);
      const second = text.charAt(start + 1);
      if (first === '-' && second === '-') this.#at = this.#endOfLine(start);
      else if (first === '/' && second === '*') {
        const end = this.#endOfComment(start);
        if (end < 0) return this.#unclosed(start, 'The comment', '*/');
        this.#at = end;
      } else if (first === "'" || first === '"') return this.#string(start, first);
      else if (first === '`') return this.#quotedWord(start);
      else if (this.#skip(WORD)) {
        const word = text.slice(start, this.#at);
        return this.#token('word', start, word, word.toUpperCase());
      } else if (this.#skip(NUMBER)) return this.#number(start);
      else return this.#symbol(start, first + second);
    }
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #token(kind: TokenKind, start: number, text: string, upper = '', number: bigint | number = 0): Token {
    return { kind, start, end: this.#at, text, upper, number, hint: undefined };
  }

  #fault(start: number, message: string, hint: string | undefined): Token {
    return { kind: 'fault', start, end: this.#at, text: message, upper: '', number: 0, hint };
  }

  #unclosed(start: number, what: string, closer: string): Token {
    this.#at = this.text.length;
    return this.#fault(start, `${what} is not closed`, `Close it with ${closer}.`);
  }

  #endOfLine(start: number): number {
    const end = this.text.indexOf('\n', start);
    return end < 0 ? this.text.length : end + 1;
  }

  /** Comments nest, as in PostgreSQL; -1 if one is not closed. */
  #endOfComment(start: number): number {
    let depth = 1;
    let at = start + 2;
    while (depth > 0) {
      const star = this.text.indexOf('*', at);
      if (star < 0) return -1;
      if (star > at && this.text.charAt(star - 1) === '/') {
        depth++;
        at = star + 1;
      } else if (this.text.charAt(star + 1) === '/') {
        depth--;
        at = star + 2;
      } else at = star + 1;
    }
    return at;
  }

  /** A doubled quote is one, a backslash begins an escape. Lines may end inside. */
  #string(start: number, quote: string): Token {
    const { text } = this;
    const code = quote.charCodeAt(0);
    let value = '';
    let from = start + 1;
    let wrong: string | undefined;
    for (let at = from; at < text.length; at++) {
      const here = text.charCodeAt(at);
      if (here === BACKSLASH) {
        const escaped = ESCAPES.get(text.charAt(at + 1));
        if (escaped === undefined) wrong ??= String.fromCodePoint(text.codePointAt(at + 1) ?? 0x20);
        value += text.slice(from, at) + (escaped ?? '');
        from = at + 2;
        at++;
      } else if (here === code) {
        value += text.slice(from, at);
        this.#at = at + 1;
        if (text.charCodeAt(at + 1) !== code) return this.#wholeString(start, value, wrong);
        from = at + 1;
        at++;
      }
    }
    return this.#unclosed(start, 'The string', quote);
  }

  #wholeString(start: number, value: string, wrong: string | undefined): Token {
    if (wrong === undefined) return this.#token('string', start, value);
    return this.#fault(start, `'\\${wrong}' is no escape sequence`, 'A backslash itself is written \\\\.');
  }

  /** A doubled backtick inside is one. */
  #quotedWord(start: number): Token {
    const { text } = this;
    let end = text.indexOf('`', start + 1);
    while (end >= 0 && text.charAt(end + 1) === '`') end = text.indexOf('`', end + 2);
    if (end < 0) return this.#unclosed(start, 'The name in backticks', '`');
    this.#at = end + 1;
    const name = text.slice(start + 1, end).replaceAll('``', '`');
    return name === ''
      ? this.#fault(start, 'The name in backticks is empty', undefined)
      : this.#token('quoted-word', start, name);
  }

  #number(start: number): Token {
    const isGlued = this.#skip(WORD);
    const source = this.text.slice(start, this.#at);
    if (isGlued) {
      return this.#fault(
        start,
        `'${shorten(source)}' is neither a number nor a name`,
        'Texts stand in quotes.',
      );
    }
    const value = readNumber(source);
    if (typeof value === 'object') return this.#fault(start, value.message, value.hint);
    return this.#token(typeof value === 'bigint' ? 'integer' : 'float', start, source, '', value);
  }

  #symbol(start: number, pair: string): Token {
    const symbol = DOUBLES.has(pair) ? pair : String.fromCodePoint(this.text.codePointAt(start) ?? 0);
    this.#at = start + symbol.length;
    if ('\u2018\u2019\u201c\u201d'.includes(symbol)) {
      return this.#fault(
        start,
        `The character '${symbol}' means nothing here`,
        'Texts stand between \' or ".',
      );
    }
    return this.#token('symbol', start, symbol);
  }
}
