/** CALL: procedures and subqueries. */
import type { CallClause, CallSubqueryClause, Expression, Variable, YieldItem } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/** At CALL, whose OPTIONAL, if any, was read and began at `start`. */
export function callClause(
  stream: TokenStream,
  start: number,
  optional: boolean,
): CallClause | CallSubqueryClause {
  stream.advance();
  if (stream.is('{') || stream.is('(')) return callSubquery(stream, start, optional);
  let name = stream.name("the name of a procedure, '(' or '{'");
  while (stream.accept('.')) name += `.${stream.name('the name of a procedure')}`;
  const parameters = stream.is('(') ? argumentsOf(stream) : undefined;
  const yields = stream.acceptKeyword('YIELD') ? yieldItems(stream) : undefined;
  const where = yields !== undefined && stream.acceptKeyword('WHERE') ? stream.expression() : undefined;
  const span = stream.spanFrom(start);
  return { kind: 'call-procedure', name, optional, arguments: parameters, yields, where, span };
}

function argumentsOf(stream: TokenStream): Expression[] {
  stream.advance();
  const parameters: Expression[] = [];
  if (stream.accept(')')) return parameters;
  do parameters.push(stream.expression());
  while (stream.accept(','));
  stream.expect(')', "',' or ");
  return parameters;
}

function yieldItems(stream: TokenStream): '*' | YieldItem[] {
  if (stream.accept('*')) return '*';
  if (stream.accept('-')) return [];
  const items: YieldItem[] = [];
  do {
    const { start } = stream.token;
    const field = stream.name('a field of the result');
    const plain: Variable = { kind: 'variable', name: field, span: stream.spanFrom(start) };
    const variable = stream.acceptKeyword('AS') ? stream.variable() : plain;
    items.push({ field, variable, span: stream.spanFrom(start) });
  } while (stream.accept(','));
  return items;
}

/** `CALL { … }`, `CALL (a, b) { … }`, `CALL (*) { … }` */
function callSubquery(stream: TokenStream, start: number, optional: boolean): CallSubqueryClause {
  const imports = stream.is('(') ? importsOf(stream) : undefined;
  stream.expect('{');
  const query = stream.nestedQuery('call');
  stream.expect('}', 'a clause or ');
  if (stream.isKeyword('IN')) {
    throw stream.unsupported(
      'CALL { … } IN TRANSACTIONS',
      'Send the batches one by one, in transactions of their own.',
    );
  }
  return { kind: 'call-subquery', optional, imports, query, span: stream.spanFrom(start) };
}

function importsOf(stream: TokenStream): '*' | Variable[] {
  stream.advance();
  if (stream.accept('*')) {
    stream.expect(')');
    return '*';
  }
  const imports: Variable[] = [];
  if (stream.accept(')')) return imports;
  do imports.push(stream.variable());
  while (stream.accept(','));
  stream.expect(')', "',' or ");
  return imports;
}
