/** Lists, maps, comprehensions and map projections: what stands in brackets and braces inside an expression. */
import type {
  Expression,
  ListComprehension,
  ListLiteral,
  MapLiteral,
  MapProjection,
  MapProjectionItem,
  PatternComprehension,
  Variable,
} from './ast.ts';
import { isPattern, isShortest } from './pattern-lookahead.ts';
import type { TokenStream } from './token-stream.ts';

/** At `[`: a list, `[x IN list …]`, or `[(a)-->(b) | …]`. */
export function listOrComprehension(
  stream: TokenStream,
): ListLiteral | ListComprehension | PatternComprehension {
  const start = stream.token.start;
  stream.advance();
  const barEnds = stream.barEnds;
  stream.barEnds = false;
  const { kind } = stream.token;
  const isName = kind === 'name' || kind === 'quoted-name';
  const next = stream.peek(1);
  const parsed =
    isName && next.keyword === 'IN' && !/^(?:NULL|TRUE|FALSE)$/.test(stream.token.keyword)
      ? startingWithIn(stream, start)
      : isPattern(stream, stream.index)
        ? startingWithPattern(stream, start)
        : isName && next.symbol === '=' && (isPattern(stream, stream.index + 2) || isShortest(stream, 2))
          ? patternComprehension(stream, start, stream.grammar.pathPattern(stream))
          : listFrom(stream, start, undefined);
  stream.barEnds = barEnds;
  return parsed;
}

/** `[x IN list` is a comprehension unless the list turns out to be an operand of more: `[x IN list AND y, z]`. */
function startingWithIn(stream: TokenStream, start: number): ListLiteral | ListComprehension {
  const variable = stream.variable();
  stream.advance();
  stream.barEnds = true;
  const list = stream.grammar.operand(stream);
  stream.barEnds = false;
  if (!stream.isKeyword('WHERE') && !stream.is('|') && !stream.is(']')) {
    const span = { start: variable.span.start, end: stream.lastEnd };
    const test: Expression = { kind: 'binary', operator: 'IN', left: variable, right: list, span };
    return listFrom(stream, start, stream.grammar.continued(stream, test, span.start));
  }
  const where = stream.acceptKeyword('WHERE') ? stream.expressionWith(true) : undefined;
  const projection = stream.accept('|') ? stream.expression() : undefined;
  stream.expect(']');
  return {
    kind: 'list-comprehension',
    variable: variable.name,
    list,
    where,
    projection,
    span: stream.spanFrom(start),
  };
}

function startingWithPattern(stream: TokenStream, start: number): ListLiteral | PatternComprehension {
  const pattern = stream.grammar.pathPattern(stream);
  if (stream.isKeyword('WHERE') || stream.is('|')) return patternComprehension(stream, start, pattern);
  const first: Expression = { kind: 'pattern', pattern, span: pattern.span };
  return listFrom(stream, start, stream.grammar.continued(stream, first, pattern.span.start));
}

function patternComprehension(
  stream: TokenStream,
  start: number,
  pattern: PatternComprehension['pattern'],
): PatternComprehension {
  const where = stream.acceptKeyword('WHERE') ? stream.expressionWith(true) : undefined;
  stream.expect('|', where === undefined ? 'WHERE or ' : '');
  const projection = stream.expression();
  stream.expect(']');
  return { kind: 'pattern-comprehension', pattern, where, projection, span: stream.spanFrom(start) };
}

/** The rest of a list whose first item may be parsed already. */
function listFrom(stream: TokenStream, start: number, first: Expression | undefined): ListLiteral {
  const items: Expression[] = first === undefined ? [] : [first];
  if (first === undefined && stream.accept(']')) return { kind: 'list', items, span: stream.spanFrom(start) };
  if (first === undefined) items.push(stream.expression());
  while (stream.accept(',')) items.push(stream.expression());
  stream.expect(']', "',' or ");
  return { kind: 'list', items, span: stream.spanFrom(start) };
}

/** At `{`. */
export function mapLiteral(stream: TokenStream): MapLiteral {
  const start = stream.token.start;
  stream.advance();
  const entries: MapLiteral['entries'][number][] = [];
  if (!stream.accept('}')) {
    refuseOldParameter(stream);
    do {
      const key = stream.name("a key or '}'");
      stream.expect(':');
      entries.push({ key, value: stream.expressionWith(false) });
    } while (stream.accept(','));
    stream.expect('}', "',' or ");
  }
  return { kind: 'map', entries, span: stream.spanFrom(start) };
}

/** `{name}` was a parameter once. */
function refuseOldParameter(stream: TokenStream): void {
  if (stream.peek(1).symbol !== '}') return;
  const { kind, start, end } = stream.token;
  if (kind !== 'name' && kind !== 'quoted-name' && kind !== 'integer') return;
  const name = stream.text.slice(start, end);
  throw stream.unexpected('a key and its value', `A parameter is written $${name}, no longer {${name}}.`);
}

/** At `{` behind a variable. */
export function mapProjection(stream: TokenStream, subject: Variable): MapProjection {
  stream.advance();
  const items: MapProjectionItem[] = [];
  if (!stream.accept('}')) {
    do items.push(projectionItem(stream));
    while (stream.accept(','));
    stream.expect('}', "',' or ");
  }
  return { kind: 'map-projection', subject, items, span: stream.spanFrom(subject.span.start) };
}

function projectionItem(stream: TokenStream): MapProjectionItem {
  if (stream.accept('.')) {
    if (stream.accept('*')) return { kind: 'all-properties' };
    return { kind: 'property', key: stream.name("a key or '*'") };
  }
  const variable = stream.variable();
  if (!stream.accept(':')) return { kind: 'variable', variable };
  return { kind: 'entry', key: variable.name, value: stream.expressionWith(false) };
}
