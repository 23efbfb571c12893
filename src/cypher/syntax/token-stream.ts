/**
 * What all parts of the parser share: the tokens and the place in them, the depth, the errors, and the few rules of
 * the grammar that every part needs (expression, query), given as functions so that no module imports in a circle.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { type CypherError, syntaxError } from '../cypher-error.ts';
import { didYouMean } from '../semantics/suggest.ts';
import type { Expression, PathPattern, RegularQuery, Span, Variable } from './ast.ts';
import { shorten } from './literals.ts';
import { MISSPELLED, RESERVED, type Token } from './tokens.ts';

/** The rules that refer to each other across modules. */
export interface Grammar {
  expression(stream: TokenStream): Expression;
  /** An expression without comparisons, predicates and boolean operators. */
  operand(stream: TokenStream): Expression;
  /** Goes on with an expression whose first operand is parsed already and began at `start`. */
  continued(stream: TokenStream, left: Expression, start: number): Expression;
  pathPattern(stream: TokenStream): PathPattern;
  /** What stands in the braces of `CALL { }` or of a subquery expression. */
  query(stream: TokenStream, kind: QueryKind): RegularQuery;
}

/** Where a query stands: only reading subqueries may end without RETURN after a MATCH, and none may write. */
export type QueryKind = 'whole' | 'call' | 'EXISTS' | 'COUNT' | 'COLLECT';

/** Predicates of two operands; SQL has NOT between them. */
const NEGATED: ReadonlySet<string> = new Set(['IN', 'CONTAINS', 'STARTS', 'ENDS']);

/** Shorter words resemble too many others to guess what they were meant to be. */
const LETTERS_TOLD_MIN = 4;

/** A nested query takes the stack of so many nested parentheses. */
const LEVELS_OF_QUERY = 8;

export class TokenStream {
  readonly text: string;
  readonly grammar: Grammar;
  /** The token to read next. */
  token: Token;
  /** Where the last token that was read ends. */
  lastEnd = 0;
  /** Height of the tallest tree parsed since the expression around began; expressions keep it. */
  height = 0;
  /** Inside `[x IN list WHERE …|…]` and the like: a bar ends the expression and does not join labels. */
  barEnds = false;
  /** The subquery expression around, which may not write. */
  readingIn: QueryKind | undefined;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  #clauses = 0;

  constructor(text: string, tokens: readonly Token[], grammar: Grammar) {
    this.text = text;
    this.grammar = grammar;
    this.#tokens = tokens;
    this.token = this.peek(0);
  }

  /** The token so many places ahead; behind the end it is the end. */
  peek(ahead: number): Token {
    return this.at(this.#index + ahead);
  }

  /** The token at an index. */
  at(index: number): Token {
    const token = this.#tokens[index] ?? this.#tokens[this.#tokens.length - 1];
    if (token === undefined) throw new RangeError('A list of tokens ends with one of kind end');
    return token;
  }

  get index(): number {
    return this.#index;
  }

  advance(): Token {
    const token = this.token;
    this.lastEnd = token.end;
    if (token.kind !== 'end') this.#index++;
    this.token = this.at(this.#index);
    return token;
  }

  get isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  is(symbol: string): boolean {
    return this.token.symbol === symbol;
  }

  isKeyword(keyword: string): boolean {
    return this.token.keyword === keyword;
  }

  accept(symbol: string): boolean {
    if (this.token.symbol !== symbol) return false;
    this.advance();
    return true;
  }

  acceptKeyword(keyword: string): boolean {
    if (this.token.keyword !== keyword) return false;
    this.advance();
    return true;
  }

  /** `a` and then `b`, or neither. */
  acceptKeywords(first: string, second: string): boolean {
    if (this.token.keyword !== first || this.peek(1).keyword !== second) return false;
    this.advance();
    this.advance();
    return true;
  }

  expect(symbol: string, orElse = ''): void {
    if (this.token.symbol !== symbol) throw this.unexpected(`${orElse}'${symbol}'`);
    this.advance();
  }

  expectKeyword(keyword: string, orElse = ''): void {
    if (this.token.keyword !== keyword) throw this.unexpected(orElse + keyword);
    this.advance();
  }

  /** A name in a place where it can be nothing else: a key, a label, an alias. Keywords are fine. */
  name(what: string): string {
    const { kind } = this.token;
    if (kind !== 'name' && kind !== 'quoted-name') throw this.unexpected(what);
    return this.advance().text;
  }

  /** A variable where it is introduced or named; as with every name, keywords are fine if nothing else can stand there. */
  variable(): Variable {
    const start = this.token.start;
    const name = this.name('a variable');
    return { kind: 'variable', name, span: this.spanFrom(start) };
  }

  /** From an offset to the end of what was read last. */
  spanFrom(start: number): Span {
    return { start, end: this.lastEnd };
  }

  expression(): Expression {
    return this.grammar.expression(this);
  }

  /** An expression in which a bar means again, or no more, what it does by itself. */
  expressionWith(barEnds: boolean): Expression {
    const before = this.barEnds;
    this.barEnds = barEnds;
    const expression = this.grammar.expression(this);
    this.barEnds = before;
    return expression;
  }

  /** One level deeper. Nothing is recursive without it, so that no text can exhaust the stack. */
  enter(levels = 1): void {
    this.#depth += levels;
    if (this.#depth > LIMITS.cypherDepthMax) throw this.tooDeep(this.token.start);
  }

  /** @throws FacetError LIMIT_EXCEEDED */
  countClause(): void {
    this.#clauses += 1;
    if (this.#clauses <= LIMITS.cypherClausesMax) return;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `The query has more than ${LIMITS.cypherClausesMax} clauses (cypherClausesMax)`,
      { hint: 'Send data as a parameter and take it apart by UNWIND.' },
    );
  }

  leave(levels = 1): void {
    this.#depth -= levels;
  }

  /** A nested query, with its depth and without what holds only in the expression around. */
  nestedQuery(kind: QueryKind): RegularQuery {
    this.enter(LEVELS_OF_QUERY);
    const { barEnds, readingIn } = this;
    this.barEnds = false;
    if (kind !== 'call') this.readingIn = kind;
    const query = this.grammar.query(this, kind);
    this.barEnds = barEnds;
    this.readingIn = readingIn;
    this.leave(LEVELS_OF_QUERY);
    return query;
  }

  // ---- Errors

  /** `line 3, column 7` */
  place(offset: number): string {
    let line = 1;
    let lineStart = 0;
    for (let at = this.text.indexOf('\n'); at >= 0 && at < offset; at = this.text.indexOf('\n', at + 1)) {
      line++;
      lineStart = at + 1;
    }
    return `line ${line}, column ${offset - lineStart + 1}`;
  }

  /** An error at the next token, which cannot stand here. `expected` is a short list of what could. */
  unexpected(expected: string, hint?: string): CypherError {
    const { token } = this;
    const span = { start: token.start, end: token.end };
    const place = `at ${this.place(token.start)}`;
    if (token.fault !== undefined && !(token.fault.isNumber && expected.startsWith('a key'))) {
      return syntaxError(token.fault.reason, `${token.fault.message}, ${place}`, span, token.fault.hint);
    }
    const found =
      token.kind === 'end' ? 'end of the query' : `'${shorten(this.text.slice(token.start, token.end))}'`;
    const reserved =
      token.kind === 'name' && RESERVED.has(token.keyword) && /variable|an expression/.test(expected)
        ? 'A keyword that is meant as a name stands in backticks.'
        : undefined;
    return syntaxError(
      'UnexpectedSyntax',
      `Unexpected ${found} ${place}: expected ${expected}`,
      span,
      hint ?? this.#habit() ?? reserved,
    );
  }

  /** What people type who come from elsewhere, or in a hurry. */
  #habit(): string | undefined {
    const { symbol, keyword, kind, text } = this.token;
    const next = this.peek(1);
    if (symbol === '!' && next.symbol === '=') return "'Not equal' is written <>.";
    if (symbol === '=' && this.text.charAt(this.token.start - 1) === '=') return "'Equal' is written =.";
    if (keyword === 'NOT' && NEGATED.has(next.keyword))
      return `Write NOT before the operand: NOT x ${next.keyword} …`;
    if (kind !== 'name' || keyword !== '') return undefined;
    if (next.keyword === 'BY' && text.toUpperCase() === 'GROUP') {
      return 'There is no GROUP BY: rows are grouped by the items that hold no aggregate.';
    }
    return text.length < LETTERS_TOLD_MIN ? undefined : didYouMean(text.toUpperCase(), MISSPELLED);
  }

  /** Another error of the text: of a span, or from an offset to what was read last. */
  invalid(reason: string, message: string, where: Span | number, hint?: string): CypherError {
    const span = typeof where === 'number' ? this.#spanOrTokenAt(where) : where;
    return syntaxError(reason, `${message}, at ${this.place(span.start)}`, span, hint);
  }

  #spanOrTokenAt(start: number): Span {
    return { start, end: this.lastEnd > start ? this.lastEnd : Math.max(start, this.token.end) };
  }

  /** Cypher, but not Facet's. */
  unsupported(what: string, hint?: string): CypherError {
    const { start, end } = this.token;
    return syntaxError(
      'UnexpectedSyntax',
      `${what} is not supported, at ${this.place(start)}`,
      { start, end },
      hint,
    );
  }

  tooDeep(start: number): CypherError {
    return this.invalid(
      'UnexpectedSyntax',
      `The query is nested deeper than ${LIMITS.cypherDepthMax} levels`,
      start,
      'A long chain of operators counts as well: collect its operands in a list.',
    );
  }
}
