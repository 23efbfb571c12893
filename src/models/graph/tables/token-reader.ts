/** The tokens of a command on tables, read one after the other, and errors that say where. */
import type { FacetError } from '../../../base/index.ts';
import { lex, type Token } from '../../../cypher/index.ts';
import { tableError } from '../declared/index.ts';
import { isStorableText } from '../property-json.ts';

const SHOWN_CHARACTERS = 40;

export class TokenReader {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = lex(text);
  }

  get token(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError('A list of tokens ends with one of kind end');
    return token;
  }

  advance(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** True when a bare word stands so many places ahead, whatever its case. */
  isWord(word: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return kind === 'name' && text.toUpperCase() === word;
  }

  /** All of the words, one behind the other, or none. */
  acceptWords(...words: readonly string[]): boolean {
    if (!words.every((word, at) => this.isWord(word, at))) return false;
    this.#at += words.length;
    return true;
  }

  expectWords(...words: readonly string[]): void {
    if (!this.acceptWords(...words)) throw this.unexpected(words.join(' '));
  }

  isSymbol(symbol: string): boolean {
    return this.token.symbol === symbol;
  }

  accept(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#at++;
    return true;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.unexpected(`'${symbol}'`);
  }

  /** A name, in backticks or not. */
  name(what: string): string {
    const { kind, text } = this.token;
    if (kind !== 'name' && kind !== 'quoted-name') throw this.unexpected(what);
    if (text === '' || !isStorableText(text)) {
      throw this.invalid(`${what} cannot be ${JSON.stringify(text)}`);
    }
    this.#at++;
    return text;
  }

  string(what: string): string {
    if (this.token.kind !== 'string') throw this.unexpected(what);
    return this.advance().text;
  }

  /** Over a bracket and all within it, or one token. */
  skipOne(): void {
    const { match } = this.token;
    if (this.token.kind === 'end') throw this.unexpected('more');
    this.#at = match >= 0 ? match + 1 : this.#at + 1;
  }

  /** What was written between two offsets, without blanks around it. */
  slice(from: number, to: number = this.text.length): string {
    return this.text.slice(from, to).trim();
  }

  /** Nothing but a semicolon may follow. */
  end(): void {
    this.accept(';');
    if (this.token.kind !== 'end') throw this.unexpected('the end of the command');
  }

  unexpected(expected: string): FacetError {
    const { fault, kind, start, end } = this.token;
    if (fault !== undefined) return this.invalid(fault.message);
    const found = kind === 'end' ? 'the end' : `'${this.text.slice(start, end).slice(0, SHOWN_CHARACTERS)}'`;
    return this.invalid(`Invalid input: expected ${expected}, found ${found}`);
  }

  invalid(message: string): FacetError {
    const before = this.text.slice(0, this.token.start);
    const line = before.split('\n').length;
    const column = before.length - before.lastIndexOf('\n');
    return tableError('INVALID_CYPHER', 'Parser', `${message} (line: ${line}, offset: ${column - 1})`);
  }
}
