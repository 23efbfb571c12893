/** Expressions that look like calls: functions, `count(*)`, quantifiers, reduce. */
import type { CountStar, Expression, FunctionCall, Quantifier, Reduce } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/** At a name. How many tokens the dotted name of a function takes if one is called here, else 0. */
export function functionNameLength(stream: TokenStream): number {
  let length = 1;
  for (;;) {
    const { symbol } = stream.peek(length);
    if (symbol === '(') return length;
    if (symbol !== '.') return 0;
    const { kind } = stream.peek(length + 1);
    if (kind !== 'name' && kind !== 'quoted-name') return 0;
    length += 2;
  }
}

/** `name(a, b)`, `name(DISTINCT a)`, `count(*)`; `length` is what functionNameLength found. */
export function functionCall(stream: TokenStream, length: number): FunctionCall | CountStar {
  const start = stream.token.start;
  const isCount = length === 1 && stream.isKeyword('COUNT');
  let name = '';
  for (let read = 0; read < length; read++) {
    const token = stream.advance();
    name += token.symbol === '' ? token.text : token.symbol;
  }
  stream.advance();
  if (isCount && stream.accept('*')) {
    stream.expect(')');
    return { kind: 'count-star', span: stream.spanFrom(start) };
  }
  const distinct = stream.acceptKeyword('DISTINCT');
  const parameters: Expression[] = [];
  if (distinct || !stream.is(')')) {
    do parameters.push(stream.expressionWith(false));
    while (stream.accept(','));
  }
  stream.expect(')', "',' or ");
  return { kind: 'call', name, distinct, arguments: parameters, span: stream.spanFrom(start) };
}

const QUANTIFIERS: Readonly<Record<string, Quantifier['quantifier']>> = {
  ALL: 'all',
  ANY: 'any',
  NONE: 'none',
  SINGLE: 'single',
};

/** `all(x IN` and the like begin here. A call of a function of that name does not. */
export const isQuantifier = (stream: TokenStream): boolean =>
  QUANTIFIERS[stream.token.keyword] !== undefined && bindsInParentheses(stream);

const bindsInParentheses = (stream: TokenStream): boolean =>
  stream.peek(1).symbol === '(' && stream.peek(2).symbol === '' && stream.peek(3).keyword === 'IN';

export function quantifier(stream: TokenStream): Quantifier {
  const start = stream.token.start;
  const kind = QUANTIFIERS[stream.advance().keyword] ?? 'all';
  stream.advance();
  const variable = stream.variable().name;
  stream.expectKeyword('IN');
  const list = stream.expressionWith(false);
  stream.expectKeyword('WHERE', 'an operator or ');
  const where = stream.expressionWith(false);
  stream.expect(')');
  return { kind: 'quantifier', quantifier: kind, variable, list, where, span: stream.spanFrom(start) };
}

/** `reduce(sum = 0, x IN list | sum + x)` */
export function reduce(stream: TokenStream): Reduce {
  const start = stream.token.start;
  stream.advance();
  stream.advance();
  const accumulator = stream.variable().name;
  stream.expect('=');
  const initial = stream.expressionWith(false);
  stream.expect(',');
  const variable = stream.variable().name;
  stream.expectKeyword('IN');
  const list = stream.expressionWith(true);
  stream.expect('|');
  const expression = stream.expressionWith(false);
  stream.expect(')');
  return { kind: 'reduce', accumulator, initial, variable, list, expression, span: stream.spanFrom(start) };
}

/** `reduce(name =` */
export const isReduce = (stream: TokenStream): boolean =>
  stream.isKeyword('REDUCE') && stream.peek(1).symbol === '(' && stream.peek(3).symbol === '=';

/** Functions of older Cypher that bound a variable; list comprehensions took their place. */
export function refuseOldFunctions(stream: TokenStream): void {
  if (!bindsInParentheses(stream)) return;
  if (stream.isKeyword('FILTER')) {
    throw stream.unsupported('filter(x IN list WHERE …)', 'Write [x IN list WHERE …].');
  }
  if (stream.isKeyword('EXTRACT')) {
    throw stream.unsupported('extract(x IN list | …)', 'Write [x IN list | …].');
  }
}
