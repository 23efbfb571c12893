/** The operands of expressions: literals, variables, calls, and all that brings its own brackets. */
import type { Case, Expression, Literal, PatternExpression, SubqueryExpression } from './ast.ts';
import {
  functionCall,
  functionNameLength,
  isQuantifier,
  isReduce,
  quantifier,
  reduce,
  refuseOldFunctions,
} from './calls.ts';
import { listOrComprehension, mapLiteral, mapProjection } from './collections.ts';
import { INTEGER_MAGNITUDE_MAX } from './literals.ts';
import { isPattern, isShortest } from './pattern-lookahead.ts';
import type { TokenStream } from './token-stream.ts';
import { RESERVED } from './tokens.ts';

const EXPECTED = 'an expression';

export function atom(stream: TokenStream): Expression {
  const { token } = stream;
  switch (token.kind) {
    case 'name':
      return named(stream);
    case 'quoted-name':
      return variableOrCall(stream);
    case 'integer':
    case 'float':
      return numberLiteral(stream, 1n);
    case 'string':
      stream.advance();
      return { kind: 'literal', value: token.text, span: stream.spanFrom(token.start) };
    case 'parameter':
      stream.advance();
      return { kind: 'parameter', name: token.text, span: stream.spanFrom(token.start) };
    case 'symbol':
      if (token.symbol === '(')
        return isPattern(stream, stream.index) ? pattern(stream) : parenthesized(stream);
      if (token.symbol === '[') return listOrComprehension(stream);
      if (token.symbol === '{') return mapLiteral(stream);
      break;
    default:
  }
  throw stream.unexpected(EXPECTED);
}

/** At a number, with its sign: 2^63 is fine only as the least INTEGER. The span begins at the number. */
export function numberLiteral(stream: TokenStream, sign: 1n | -1n): Literal {
  const { start, number } = stream.advance();
  if (number === INTEGER_MAGNITUDE_MAX && sign > 0n) {
    const source = stream.text.slice(start, stream.lastEnd);
    throw stream.invalid('IntegerOverflow', `${source} does not fit into an INTEGER of 64 bits`, start);
  }
  const value = typeof number === 'bigint' ? sign * number : Number(sign) * number;
  return { kind: 'literal', value, span: stream.spanFrom(start) };
}

function parenthesized(stream: TokenStream): Expression {
  stream.advance();
  const inner = stream.expressionWith(false);
  stream.expect(')', 'an operator or ');
  return inner;
}

function pattern(stream: TokenStream): PatternExpression {
  const path = stream.grammar.pathPattern(stream);
  return { kind: 'pattern', pattern: path, span: path.span };
}

const constant = (stream: TokenStream, value: Literal['value']): Literal => {
  const { start } = stream.advance();
  return { kind: 'literal', value, span: stream.spanFrom(start) };
};

/** At a bare name: perhaps a keyword with a meaning of its own here. */
function named(stream: TokenStream): Expression {
  switch (stream.token.keyword) {
    case '':
      break;
    case 'TRUE':
      return constant(stream, true);
    case 'FALSE':
      return constant(stream, false);
    case 'NULL':
      return constant(stream, null);
    case 'CASE':
      return caseExpression(stream);
    case 'EXISTS':
    case 'COUNT':
    case 'COLLECT':
      if (stream.peek(1).symbol === '{' && stream.peek(2).symbol !== '.') return subquery(stream);
      break;
    case 'ALL':
    case 'ANY':
    case 'NONE':
    case 'SINGLE':
      if (isQuantifier(stream)) return quantifier(stream);
      break;
    case 'REDUCE':
      if (isReduce(stream)) return reduce(stream);
      break;
    case 'SHORTESTPATH':
    case 'ALLSHORTESTPATHS':
      if (isShortest(stream, 0)) return pattern(stream);
      break;
    case 'FILTER':
    case 'EXTRACT':
      refuseOldFunctions(stream);
      break;
    default:
      if (RESERVED.has(stream.token.keyword) && !isNameAllTheSame(stream)) throw stream.unexpected(EXPECTED);
  }
  return variableOrCall(stream);
}

/** Symbols that can stand behind a keyword: they begin an expression, or are all columns. */
const OPENING: ReadonlySet<string> = new Set(['(', '[', '{', '-', '+', '*']);

/** Words that go on with an expression or with a clause, and so show that an operand stands before them. */
const FOLLOWING: ReadonlySet<string> = new Set(
  `AND AS ASC ASCENDING CONTAINS CREATE DELETE DESC DESCENDING DETACH ELSE END ENDS IN IS LIMIT MATCH MERGE OFFSET OPTIONAL
  OR ORDER REMOVE RETURN SET SKIP STARTS THEN UNION UNWIND WHEN WHERE WITH XOR`.split(/\s+/),
);

/** Pairs of words that are keywords all the same. */
const PAIRS: ReadonlySet<string> = new Set(
  'OPTIONAL MATCH|DETACH DELETE|STARTS WITH|ENDS WITH|ON CREATE|ON MATCH|UNION MATCH|UNION RETURN|UNION WITH'.split(
    '|',
  ),
);

/** A reserved word is a variable where the word itself makes no sense: `order.total`, `set, limit`, `limit LIMIT 1`. */
function isNameAllTheSame(stream: TokenStream): boolean {
  const { keyword } = stream.token;
  const next = stream.peek(1);
  if (keyword === 'ORDER' && next.keyword !== 'BY' && next.symbol !== '') return true;
  if (next.symbol !== '') return !OPENING.has(next.symbol);
  if (next.kind === 'end') return true;
  return FOLLOWING.has(next.keyword) && !PAIRS.has(`${keyword} ${next.keyword}`);
}

function variableOrCall(stream: TokenStream): Expression {
  const length = functionNameLength(stream);
  if (length > 0) return functionCall(stream, length);
  const variable = stream.variable();
  return stream.is('{') ? mapProjection(stream, variable) : variable;
}

/** `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }` */
function subquery(stream: TokenStream): SubqueryExpression {
  const { start, keyword } = stream.advance();
  const form = keyword === 'COUNT' ? 'COUNT' : keyword === 'COLLECT' ? 'COLLECT' : 'EXISTS';
  stream.advance();
  const query = stream.nestedQuery(form);
  stream.expect('}', 'a clause or ');
  return { kind: 'subquery', form, query, span: stream.spanFrom(start) };
}

/** `CASE WHEN p THEN a ELSE b END`, `CASE x WHEN 1, 2 THEN a END` */
function caseExpression(stream: TokenStream): Case {
  const start = stream.token.start;
  stream.advance();
  const subject = stream.isKeyword('WHEN') ? undefined : stream.expressionWith(false);
  const branches: Case['branches'][number][] = [];
  while (stream.acceptKeyword('WHEN')) {
    const whens = [stream.expressionWith(false)];
    while (subject !== undefined && stream.accept(',')) whens.push(stream.expressionWith(false));
    stream.expectKeyword('THEN', 'an operator or ');
    const then = stream.expressionWith(false);
    for (const when of whens) branches.push({ when, then });
  }
  if (branches.length === 0) throw stream.unexpected('WHEN');
  const otherwise = stream.acceptKeyword('ELSE') ? stream.expressionWith(false) : undefined;
  stream.expectKeyword('END', otherwise === undefined ? 'WHEN, ELSE or ' : '');
  return { kind: 'case', subject, branches, otherwise, span: stream.spanFrom(start) };
}
