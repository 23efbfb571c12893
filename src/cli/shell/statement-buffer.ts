/**
 * Gathers lines until a statement is complete: up to a `;` that stands in no text, name or comment. Each character is
 * looked at once, however long a statement is. Pure.
 */
import type { Syntax } from './modes.ts';

/** What the next character belongs to. */
type Within =
  | { readonly what: 'statement' }
  | { readonly what: 'quotes'; readonly quote: string; readonly escapes: boolean }
  | { readonly what: 'dollars'; readonly tag: string }
  | { readonly what: 'comment'; readonly depth: number };

const STATEMENT: Within = { what: 'statement' };
const WORD = /[\p{L}\p{N}_$]/u;
const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

export class StatementBuffer {
  readonly #syntax: Syntax;
  /** Pieces of the statement that has begun. */
  #text: string[] = [];
  #within: Within = STATEMENT;
  /** Something other than blanks and comments has come. */
  #hasBegun = false;

  constructor(syntax: Syntax) {
    this.#syntax = syntax;
  }

  /** Nothing is waiting for its end. */
  get isEmpty(): boolean {
    return !this.#hasBegun && this.#within === STATEMENT;
  }

  /** Takes one line without its end. @returns the statements that it completes, without their `;` */
  add(line: string): readonly string[] {
    if (this.#syntax.byLine) {
      const text = line.trim();
      return text === '' || text.startsWith(this.#syntax.lineComment) ? [] : [text];
    }
    const complete: string[] = [];
    let from = 0;
    for (let at = 0; at < line.length; ) {
      if (this.#within === STATEMENT && line.charAt(at) === ';') {
        complete.push(...this.#end(line.slice(from, at)));
        at++;
        from = at;
      } else {
        at = this.#step(line, at);
      }
    }
    this.#text.push(`${line.slice(from)}\n`);
    return complete;
  }

  /** What has come since the last `;`, when the input ends. */
  rest(): readonly string[] {
    return this.#end('');
  }

  clear(): void {
    this.#text = [];
    this.#within = STATEMENT;
    this.#hasBegun = false;
  }

  #end(last: string): readonly string[] {
    const text = [...this.#text, last].join('').trim();
    const statements = this.#hasBegun ? [text] : [];
    this.clear();
    return statements;
  }

  /** Looks at what stands at `at`. @returns where to go on */
  #step(line: string, at: number): number {
    const within = this.#within;
    switch (within.what) {
      case 'statement':
        return this.#stepInStatement(line, at);
      case 'quotes':
        if (within.escapes && line.charAt(at) === '\\') return at + 2;
        // A doubled quote ends and begins again, which is the same.
        if (line.charAt(at) === within.quote) this.#within = STATEMENT;
        return at + 1;
      case 'dollars':
        if (!line.startsWith(within.tag, at)) return at + 1;
        this.#within = STATEMENT;
        return at + within.tag.length;
      case 'comment':
        return this.#stepInComment(line, at, within.depth);
    }
  }

  #stepInStatement(line: string, at: number): number {
    const { lineComment, quotes, escapes, dollarQuotes } = this.#syntax;
    const character = line.charAt(at);
    if (line.startsWith(lineComment, at)) return line.length;
    if (line.startsWith('/*', at)) {
      this.#within = { what: 'comment', depth: 1 };
      return at + 2;
    }
    if (character.trim() === '') return at + 1;
    this.#hasBegun = true;
    if (quotes.includes(character)) {
      const escaped = escapes.includes(character) || (dollarQuotes && isEscapeString(line, at));
      this.#within = { what: 'quotes', quote: character, escapes: escaped };
      return at + 1;
    }
    DOLLAR_TAG.lastIndex = at;
    const tag = dollarQuotes && !WORD.test(line.charAt(at - 1)) ? DOLLAR_TAG.exec(line)?.[0] : undefined;
    if (tag === undefined) return at + 1;
    this.#within = { what: 'dollars', tag };
    return at + tag.length;
  }

  #stepInComment(line: string, at: number, depth: number): number {
    if (line.startsWith('*/', at)) {
      this.#within = depth === 1 ? STATEMENT : { what: 'comment', depth: depth - 1 };
      return at + 2;
    }
    if (!this.#syntax.nestsComments || !line.startsWith('/*', at)) return at + 1;
    this.#within = { what: 'comment', depth: depth + 1 };
    return at + 2;
  }
}

/** `E'…'`, and not the end of a longer word. */
const isEscapeString = (line: string, at: number): boolean =>
  line.charAt(at) === "'" && /[eE]/.test(line.charAt(at - 1)) && !WORD.test(line.charAt(at - 2));
