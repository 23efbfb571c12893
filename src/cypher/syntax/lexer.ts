/**
 * The lexer: Cypher text to tokens, in one pass and linear time. It also pairs the brackets, so that the parser can
 * look behind a closing bracket at once.
 */
import { readNumber, readString } from './literals.ts';
import { type Fault, keywordOf, type Token, type TokenKind } from './tokens.ts';

/** Classes of the ASCII characters. */
const OTHER = 0;
const BLANK = 1;
const LETTER = 2;
const DIGIT = 3;
const SYMBOL = 4;

const CLASSES = new Uint8Array(128);
for (const blank of '\t\n\v\f\r\x1c\x1d\x1e\x1f ') CLASSES[blank.charCodeAt(0)] = BLANK;
for (const letter of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_')
  CLASSES[letter.charCodeAt(0)] = LETTER;
for (const digit of '0123456789') CLASSES[digit.charCodeAt(0)] = DIGIT;
for (const symbol of '()[]{},.:;|&!%+-*/^=<>~') CLASSES[symbol.charCodeAt(0)] = SYMBOL;

/** Symbols of two characters. Arrows are not among them: `a<-1` is a comparison, and `< - -` is one arrow. */
const DOUBLES: ReadonlySet<string> = new Set(['..', '::', '||', '+=', '=~', '<=', '>=', '<>']);

const SINGLES: readonly string[] = Array.from(CLASSES, (_, code) => String.fromCharCode(code));

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

const WIDE_BLANK = /[\s\u180e\u0085]/u;
const NAME_START = /[\p{ID_Start}\p{Pc}]/u;
const NAME_PART = /[\p{ID_Continue}\p{Sc}]/u;

const DOLLAR = 0x24;
const DOT = 0x2e;
const SLASH = 0x2f;
const STAR = 0x2a;
const BACKSLASH = 0x5c;

const classAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  // Behind the end of the text the code is NaN, and so no class.
  return code < 128 ? (CLASSES[code] ?? OTHER) : OTHER;
};

/** The end of the word that goes on at `from`. */
function wordEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code < 128) {
      const kind = CLASSES[code];
      if (kind !== LETTER && kind !== DIGIT && code !== DOLLAR) return at;
      at++;
      continue;
    }
    const point = text.codePointAt(at);
    if (point === undefined || !NAME_PART.test(String.fromCodePoint(point))) return at;
    at += point > 0xffff ? 2 : 1;
  }
}

/** The end of a number: its digits, point and exponent, and whatever word is glued to it. */
function numberEnd(text: string, from: number): number {
  let at = from;
  while (classAt(text, at) === DIGIT || text.charAt(at) === '_') at++;
  if (text.charCodeAt(at) === DOT && classAt(text, at + 1) === DIGIT) {
    at++;
    while (classAt(text, at) === DIGIT || text.charAt(at) === '_') at++;
  }
  const isHexadecimal = at === from + 1 && (text.charCodeAt(at) | 0x20) === 0x78;
  if (!isHexadecimal && (text.charCodeAt(at) | 0x20) === 0x65 && /[+-]/.test(text.charAt(at + 1))) {
    if (classAt(text, at + 2) === DIGIT) at += 2;
  }
  return wordEnd(text, at);
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #text: string;
  /** Indexes of the brackets that are open. */
  readonly #open: number[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    const text = this.#text;
    let at = 0;
    while (at < text.length) {
      const kind = classAt(text, at);
      if (kind === BLANK) at++;
      else if (kind === LETTER) at = this.#name(at, at + 1);
      else if (kind === DIGIT) at = this.#number(at);
      else if (kind === SYMBOL) at = this.#symbol(at);
      else at = this.#other(at);
    }
    this.#push('end', text.length, text.length, '');
    return this.tokens;
  }

  #push(
    kind: TokenKind,
    start: number,
    end: number,
    text: string,
    keyword = '',
    number: bigint | number = 0,
  ): void {
    const symbol = kind === 'symbol' ? text : '';
    this.tokens.push({ kind, start, end, text, symbol, keyword, number, fault: undefined, match: -1 });
  }

  #fault(start: number, end: number, fault: Fault): number {
    const text = this.#text.slice(start, end);
    this.tokens.push({
      kind: 'fault',
      start,
      end,
      text,
      symbol: '',
      keyword: '',
      number: 0,
      fault,
      match: -1,
    });
    return end;
  }

  #name(start: number, from: number): number {
    const end = wordEnd(this.#text, from);
    const name = this.#text.slice(start, end);
    this.#push('name', start, end, name, keywordOf(name));
    return end;
  }

  #number(start: number): number {
    const end = numberEnd(this.#text, start);
    const value = readNumber(this.#text.slice(start, end));
    if (typeof value === 'object') return this.#fault(start, end, value);
    this.#push(typeof value === 'bigint' ? 'integer' : 'float', start, end, '', '', value);
    return end;
  }

  #symbol(start: number): number {
    const text = this.#text;
    const code = text.charCodeAt(start);
    if (code === SLASH) {
      const next = text.charCodeAt(start + 1);
      if (next === SLASH) return this.#lineComment(start);
      if (next === STAR) return this.#comment(start);
    }
    if (code === DOT && classAt(text, start + 1) === DIGIT && text.charCodeAt(start - 1) !== DOT) {
      return this.#number(start);
    }
    const double = text.slice(start, start + 2);
    if (DOUBLES.has(double)) {
      this.#push('symbol', start, start + 2, double);
      return start + 2;
    }
    const symbol = SINGLES[code] ?? '';
    this.#push('symbol', start, start + 1, symbol);
    if (CLOSERS[symbol] !== undefined) this.#open.push(this.tokens.length - 1);
    else if (symbol === ')' || symbol === ']' || symbol === '}') this.#close(symbol);
    return start + 1;
  }

  /** Pairs a closing bracket with the innermost open one. After a mismatch nothing that is open is paired. */
  #close(symbol: string): void {
    const index = this.#open.pop();
    const opener = index === undefined ? undefined : this.tokens[index];
    if (opener === undefined) return;
    if (CLOSERS[opener.symbol] === symbol) opener.match = this.tokens.length - 1;
    else this.#open.length = 0;
  }

  #lineComment(start: number): number {
    let end = start + 2;
    while (end < this.#text.length && !/[\r\n]/.test(this.#text.charAt(end))) end++;
    return end;
  }

  #comment(start: number): number {
    const end = this.#text.indexOf('*/', start + 2);
    if (end >= 0) return end + 2;
    return this.#unclosed(start, 'The comment', '*/');
  }

  #unclosed(start: number, what: string, closer: string): number {
    return this.#fault(start, this.#text.length, {
      reason: 'UnexpectedSyntax',
      message: `${what} is not closed`,
      hint: `Close it with ${closer}.`,
      isNumber: false,
    });
  }

  /** Strings, names in backticks, parameters, and all that is not ASCII. */
  #other(start: number): number {
    const first = this.#text.charAt(start);
    if (first === "'" || first === '"') return this.#string(start, first);
    if (first === '`') return this.#quotedName(start, start, 'quoted-name');
    if (first === '$') return this.#parameter(start);
    const point = this.#text.codePointAt(start) ?? 0;
    const character = String.fromCodePoint(point);
    if (NAME_START.test(character)) return this.#name(start, start + character.length);
    const end = start + character.length;
    if (point > 0x7f && (WIDE_BLANK.test(character) || character === '\ufeff')) return end;
    return this.#fault(start, end, {
      reason: point > 0x7f ? 'InvalidUnicodeCharacter' : 'UnexpectedSyntax',
      message: `The character '${character}' means nothing in Cypher`,
      hint: '\u2010\u2011\u2012\u2013\u2014\u2212'.includes(character)
        ? "A minus is written '-'."
        : '\u2018\u2019\u201c\u201d'.includes(character)
          ? 'A string stands between \' or ".'
          : undefined,
      isNumber: false,
    });
  }

  #string(start: number, quote: string): number {
    const text = this.#text;
    const code = quote.charCodeAt(0);
    let at = start + 1;
    let escaped = false;
    for (; at < text.length; at++) {
      const here = text.charCodeAt(at);
      if (here === code) break;
      if (here === BACKSLASH) {
        escaped = true;
        at++;
      }
    }
    if (at >= text.length) return this.#unclosed(start, 'The string', quote);
    const content = text.slice(start + 1, at);
    const value = escaped ? readString(content) : content;
    if (typeof value === 'object') return this.#fault(start, at + 1, value);
    this.#push('string', start, at + 1, value);
    return at + 1;
  }

  /** From the backtick at `from`; a doubled backtick inside is one. */
  #quotedName(start: number, from: number, kind: 'quoted-name' | 'parameter'): number {
    const text = this.#text;
    let end = text.indexOf('`', from + 1);
    while (end >= 0 && text.charAt(end + 1) === '`') end = text.indexOf('`', end + 2);
    if (end < 0) return this.#unclosed(start, 'The name in backticks', '`');
    const name = text.slice(from + 1, end).replaceAll('``', '`');
    this.#push(kind, start, end + 1, name);
    return end + 1;
  }

  #parameter(start: number): number {
    if (this.#text.charAt(start + 1) === '`') return this.#quotedName(start, start + 1, 'parameter');
    const end = wordEnd(this.#text, start + 1);
    if (end > start + 1) {
      this.#push('parameter', start, end, this.#text.slice(start + 1, end));
      return end;
    }
    return this.#fault(start, end, {
      reason: 'UnexpectedSyntax',
      message: "'$' is not followed by the name of a parameter",
      hint: 'Write $name, $0 or $`any name`.',
      isNumber: false,
    });
  }
}

/** All tokens of a text; the last one is of kind `end`. Never throws. */
export const lex = (text: string): Token[] => new Lexer(text).run();
