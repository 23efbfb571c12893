/**
 * Expressions by precedence climbing. From what binds least to what binds most: OR, XOR, AND, NOT, comparisons, the
 * predicates (IN, STARTS WITH, =~, IS NULL), addition, multiplication, power, sign, and what is written behind an
 * operand. All operators of two operands associate to the left, `^` too; `-3 ^ 2` is 9.
 */
import { LIMITS } from '../../base/index.ts';
import type { BinaryOperator, Comparison, ComparisonOperator, Expression } from './ast.ts';
import { atom, numberLiteral } from './atoms.ts';
import { labelExpression } from './label-expressions.ts';
import type { TokenStream } from './token-stream.ts';

const LEVEL_OR = 1;
const LEVEL_XOR = 2;
const LEVEL_AND = 3;
const LEVEL_COMPARISON = 5;
const LEVEL_PREDICATE = 6;
const LEVEL_ADDITION = 7;
const LEVEL_MULTIPLICATION = 8;
const LEVEL_POWER = 9;
const LEVEL_SIGN = 10;

type Operator = BinaryOperator | ComparisonOperator;

const SYMBOLS: ReadonlyMap<string, Operator> = new Map(
  ['=', '<>', '<', '<=', '>', '>=', '=~', '+', '-', '||', '*', '/', '%', '^'].map((symbol) => [
    symbol,
    symbol as Operator,
  ]),
);

const LEVELS: Readonly<Record<Operator, number>> = {
  OR: LEVEL_OR,
  XOR: LEVEL_XOR,
  AND: LEVEL_AND,
  '=': LEVEL_COMPARISON,
  '<>': LEVEL_COMPARISON,
  '<': LEVEL_COMPARISON,
  '<=': LEVEL_COMPARISON,
  '>': LEVEL_COMPARISON,
  '>=': LEVEL_COMPARISON,
  IN: LEVEL_PREDICATE,
  'STARTS WITH': LEVEL_PREDICATE,
  'ENDS WITH': LEVEL_PREDICATE,
  CONTAINS: LEVEL_PREDICATE,
  '=~': LEVEL_PREDICATE,
  '+': LEVEL_ADDITION,
  '-': LEVEL_ADDITION,
  '||': LEVEL_ADDITION,
  '*': LEVEL_MULTIPLICATION,
  '/': LEVEL_MULTIPLICATION,
  '%': LEVEL_MULTIPLICATION,
  '^': LEVEL_POWER,
};

/** A whole expression. */
export const expression = (stream: TokenStream): Expression => climb(stream, LEVEL_OR);

/** An expression without comparisons, predicates and boolean operators. */
export const operand = (stream: TokenStream): Expression => climb(stream, LEVEL_ADDITION);

/** Goes on with an expression whose first operand, `left`, is parsed already and began at `start`. */
export const continued = (stream: TokenStream, left: Expression, start: number): Expression =>
  operators(stream, left, start, LEVEL_OR);

/** An expression of operators that bind as `least` or closer. Keeps `stream.height`. */
function climb(stream: TokenStream, least: number): Expression {
  stream.enter();
  const around = stream.height;
  stream.height = 0;
  const start = stream.token.start;
  const parsed = operators(stream, prefixed(stream, start), start, least);
  if (stream.height < around) stream.height = around;
  stream.leave();
  return parsed;
}

/** The operator at the next token, which may be one of two words; undefined if there is none. Reads nothing. */
function operatorAt(stream: TokenStream): Operator | undefined {
  const { token } = stream;
  if (token.symbol !== '') return SYMBOLS.get(token.symbol);
  switch (token.keyword) {
    case 'AND':
    case 'OR':
    case 'XOR':
    case 'IN':
    case 'CONTAINS':
      return token.keyword;
    case 'STARTS':
      return stream.peek(1).keyword === 'WITH' ? 'STARTS WITH' : undefined;
    case 'ENDS':
      return stream.peek(1).keyword === 'WITH' ? 'ENDS WITH' : undefined;
    default:
      return undefined;
  }
}

function operators(stream: TokenStream, first: Expression, start: number, least: number): Expression {
  let left = first;
  for (;;) {
    if (stream.isKeyword('IS') && least <= LEVEL_PREDICATE) {
      left = nullTest(stream, left, start);
      continue;
    }
    const operator = operatorAt(stream);
    if (operator === undefined) return left;
    const level = LEVELS[operator];
    if (level < least) return left;
    if (level <= LEVEL_AND) left = booleanChain(stream, left, start, operator as 'OR' | 'XOR' | 'AND', level);
    else if (level === LEVEL_COMPARISON) left = comparison(stream, left, start, operator);
    else {
      stream.advance();
      if (operator === 'STARTS WITH' || operator === 'ENDS WITH') stream.advance();
      const height = stream.height;
      stream.height = 0;
      const right = climb(stream, level + 1);
      taller(stream, height);
      const span = stream.spanFrom(start);
      left = { kind: 'binary', operator: operator as BinaryOperator, left, right, span };
    }
  }
}

/** One more level above the operands; `height` is that of the left one. */
function taller(stream: TokenStream, height: number): void {
  stream.height = Math.max(stream.height, height) + 1;
  if (stream.height > LIMITS.cypherDepthMax) throw stream.tooDeep(stream.lastEnd);
}

/** `a < b <= c` is one node. */
function comparison(stream: TokenStream, first: Expression, start: number, operator: Operator): Comparison {
  const links: Comparison['links'][number][] = [];
  const height = stream.height;
  let next: Operator | undefined = operator;
  while (next !== undefined && LEVELS[next] === LEVEL_COMPARISON) {
    stream.advance();
    links.push({ operator: next as ComparisonOperator, operand: climb(stream, LEVEL_PREDICATE) });
    next = operatorAt(stream);
  }
  taller(stream, height);
  return { kind: 'comparison', first, links, span: stream.spanFrom(start) };
}

/**
 * `a OR b OR c …` of one operator, as a balanced tree: generated queries have thousands of them. The three operators are
 * associative in ternary logic as well, and the operands keep their order.
 */
function booleanChain(
  stream: TokenStream,
  first: Expression,
  start: number,
  operator: 'OR' | 'XOR' | 'AND',
  level: number,
): Expression {
  const operands: Placed[] = [{ expression: first, start, end: stream.lastEnd }];
  while (stream.acceptKeyword(operator)) {
    const from = stream.token.start;
    const next = climb(stream, level + 1);
    operands.push({ expression: next, start: from, end: stream.lastEnd });
  }
  stream.height += Math.ceil(Math.log2(operands.length)) - 1;
  taller(stream, 0);
  return balanced(operator, operands, 0, operands.length).expression;
}

/** With its parentheses, which the span of an expression leaves out. */
interface Placed {
  readonly expression: Expression;
  readonly start: number;
  readonly end: number;
}

function balanced(operator: BinaryOperator, operands: readonly Placed[], from: number, to: number): Placed {
  const only = operands[from];
  if (only === undefined) throw new RangeError('A chain of operators has operands');
  if (to - from === 1) return only;
  const middle = (from + to + 1) >> 1;
  const left = balanced(operator, operands, from, middle);
  const right = balanced(operator, operands, middle, to);
  const span = { start: left.start, end: right.end };
  return {
    expression: { kind: 'binary', operator, left: left.expression, right: right.expression, span },
    ...span,
  };
}

/** At IS: `IS NULL`, `IS NOT NULL`. */
function nullTest(stream: TokenStream, tested: Expression, start: number): Expression {
  stream.advance();
  const negated = stream.acceptKeyword('NOT');
  if (stream.is('::') || stream.isKeyword('TYPED')) throw stream.unsupported('A test of the type with IS ::');
  if (stream.isKeyword('NORMALIZED')) throw stream.unsupported('IS NORMALIZED');
  stream.expectKeyword('NULL', negated ? '' : 'NOT NULL or ');
  taller(stream, 0);
  return { kind: 'null-test', operand: tested, negated, span: stream.spanFrom(start) };
}

/** An operand with its NOT or signs before it. */
function prefixed(stream: TokenStream, start: number): Expression {
  if (stream.isKeyword('NOT')) return negation(stream, start);
  if (stream.is('-') || stream.is('+')) return signed(stream, start);
  return withPostfixes(stream, atom(stream), start, true);
}

function negation(stream: TokenStream, start: number): Expression {
  stream.advance();
  const inner = climb(stream, LEVEL_COMPARISON);
  taller(stream, 0);
  return { kind: 'unary', operator: 'NOT', operand: inner, span: stream.spanFrom(start) };
}

/** A minus and a number are one literal, unless something is written behind the number. */
function signed(stream: TokenStream, start: number): Expression {
  const operator = stream.advance().symbol === '-' ? '-' : '+';
  const { kind } = stream.token;
  if (operator === '-' && (kind === 'integer' || kind === 'float')) {
    const { symbol } = stream.peek(1);
    if (symbol !== '.' && symbol !== '[' && symbol !== ':') {
      return { ...numberLiteral(stream, -1n), span: stream.spanFrom(start) };
    }
  }
  const inner = climb(stream, LEVEL_SIGN);
  taller(stream, 0);
  return { kind: 'unary', operator, operand: inner, span: stream.spanFrom(start) };
}

/** What SET and REMOVE change: an operand with its properties, but without a test of labels. */
export function target(stream: TokenStream): Expression {
  const start = stream.token.start;
  stream.height = 0;
  return withPostfixes(stream, atom(stream), start, false);
}

/** `.key`, `[index]`, `[from..to]`, `:Label` */
function withPostfixes(stream: TokenStream, base: Expression, start: number, labels: boolean): Expression {
  let object = base;
  for (;;) {
    if (stream.accept('.')) {
      const key = stream.name('a key');
      object = { kind: 'property', object, key, span: stream.spanFrom(start) };
    } else if (stream.is('[')) object = subscript(stream, object, start);
    else if (labels && stream.is(':')) {
      stream.advance();
      object = { kind: 'label-test', object, labels: labelExpression(stream), span: stream.spanFrom(start) };
    } else return object;
    taller(stream, 0);
  }
}

function subscript(stream: TokenStream, object: Expression, start: number): Expression {
  stream.advance();
  const from = stream.is('..') ? undefined : stream.expressionWith(false);
  if (!stream.accept('..')) {
    stream.expect(']', "'..' or ");
    if (from === undefined) throw stream.unexpected('an index');
    return { kind: 'index', object, index: from, span: stream.spanFrom(start) };
  }
  const to = stream.is(']') ? undefined : stream.expressionWith(false);
  stream.expect(']');
  return { kind: 'slice', object, from, to, span: stream.spanFrom(start) };
}
