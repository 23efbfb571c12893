/**
 * The place in a statement that is being read: the next token, those behind it, the depth, and the errors that point
 * there. What a form looks like is for statements/; what several forms have in common is in the files beside this one.
 */
import { didYouMean, LIMITS } from '../../base/index.ts';
import { StatementError, type StatementErrorCode } from '../statement-error.ts';
import { Lexer } from './lexer.ts';
import { type Span, shorten } from './span.ts';
import type { Token } from './tokens.ts';

/** Shorter words resemble too many others to guess what they were meant to be. */
const LETTERS_TOLD_MIN = 3;

export class Reader {
  readonly text: string;
  /** The token to read next. */
  token: Token;
  /** Where the last token that was read ends. */
  lastEnd = 0;
  readonly #lexer: Lexer;
  /** Tokens behind the next one that somebody has looked at. */
  readonly #ahead: Token[] = [];
  #depth = 0;
  /** Clauses that could follow at the offset, told when something else does. */
  #open: { readonly at: number; readonly words: readonly string[] } = { at: -1, words: [] };

  constructor(text: string) {
    this.text = text;
    this.#lexer = new Lexer(text);
    this.token = this.#lexer.next();
  }

  /** The token so many places ahead; behind the end it is the end. */
  peek(ahead: number): Token {
    if (ahead === 0) return this.token;
    while (this.#ahead.length < ahead) this.#ahead.push(this.#lexer.next());
    return this.#ahead[ahead - 1] ?? this.token;
  }

  advance(): Token {
    const { token } = this;
    this.lastEnd = token.end;
    this.token = this.#ahead.shift() ?? this.#lexer.next();
    return token;
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  is(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === symbol;
  }

  /** Is the next token, or the one so many places ahead, this keyword? */
  isWord(word: string, ahead = 0): boolean {
    return this.peek(ahead).upper === word;
  }

  accept(symbol: string): boolean {
    const found = this.is(symbol);
    if (found) this.advance();
    return found;
  }

  /** All of these keywords in their order, or none. */
  acceptWords(...words: readonly string[]): boolean {
    if (!words.every((word, at) => this.isWord(word, at))) return false;
    for (const _ of words) this.advance();
    return true;
  }

  expect(symbol: string, orElse = ''): void {
    if (!this.accept(symbol)) throw this.unexpected(`${orElse}'${symbol}'`);
  }

  expectWord(word: string): void {
    if (!this.acceptWords(word)) throw this.unexpected(word, [word]);
  }

  /** One of the keywords, in upper case. */
  expectOneOf(...words: readonly string[]): string {
    if (words.includes(this.token.upper)) return this.advance().upper;
    throw this.unexpected(alternatives(words), words);
  }

  /** The end of the statement; one semicolon may stand before it. */
  finish(): void {
    if (this.is(';') && this.peek(1).kind !== 'end') {
      this.advance();
      throw this.unexpected('the end of the statement', [], 'A request holds one statement.');
    }
    this.accept(';');
    if (this.isAtEnd) return;
    const clauses = this.#open.at === this.token.start ? this.#open.words : [];
    throw this.unexpected(alternatives([...clauses, 'the end of the statement']), clauses);
  }

  /** Notes what could have stood before the next token, for the error if that is a stray one. */
  couldFollow(words: readonly string[]): void {
    this.#open = { at: this.token.start, words };
  }

  /** From an offset to the end of what was read last. */
  spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.lastEnd) };
  }

  /** One level deeper. Nothing is recursive without it, so that no text can exhaust the stack. */
  nested<T>(read: () => T): T {
    this.#depth++;
    if (this.#depth > LIMITS.nqlDepthMax) {
      throw this.error(
        'LIMIT_EXCEEDED',
        this.token,
        `The statement is nested deeper than ${LIMITS.nqlDepthMax} levels (nqlDepthMax)`,
      );
    }
    const found = read();
    this.#depth--;
    return found;
  }

  /** Items between commas until `close`, which is read as well. The opening bracket was. */
  list<T>(
    close: string,
    item: () => T,
    itemsMax: number = LIMITS.nqlListItemsMax,
    bound = 'nqlListItemsMax',
  ): T[] {
    const items: T[] = [];
    if (this.accept(close)) return items;
    do {
      if (items.length === itemsMax) {
        throw this.error('LIMIT_EXCEEDED', this.token, `The list has more than ${itemsMax} items (${bound})`);
      }
      items.push(item());
    } while (this.accept(','));
    this.expect(close, "',' or ");
    return items;
  }

  // ---- Errors

  /**
   * The next token cannot stand where it stands.
   * @param expected a short list of what could
   * @param words keywords that it may be a misspelling of
   */
  unexpected(expected: string, words: readonly string[] = [], hint?: string): StatementError {
    const { token, text } = this;
    const span = { start: token.start, end: token.end };
    if (token.kind === 'fault') {
      return new StatementError('INVALID_STATEMENT', text, span, { what: token.text, hint: token.hint });
    }
    const found =
      token.kind === 'end' ? 'end of the statement' : `'${shorten(text.slice(token.start, token.end))}'`;
    const meant =
      token.upper.length < LETTERS_TOLD_MIN || words.includes(token.upper)
        ? undefined
        : didYouMean(token.upper, words);
    return new StatementError('INVALID_STATEMENT', text, span, {
      what: `Unexpected ${found}`,
      expected,
      hint: meant ?? hint,
    });
  }

  /** Something read is wrong in itself. */
  invalid(where: Span, what: string, hint?: string): StatementError {
    return this.error('INVALID_STATEMENT', where, what, hint);
  }

  error(code: StatementErrorCode, where: Span, what: string, hint?: string): StatementError {
    const { start, end } = where;
    return new StatementError(code, this.text, { start, end }, { what, hint });
  }
}

/** `A`, `A or B`, `A, B or C` */
export function alternatives(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
