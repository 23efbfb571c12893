/** Patterns: paths, nodes and relationships, as MATCH, CREATE and MERGE have them and as expressions hold them. */
import type {
  LabelExpression,
  MapLiteral,
  NodePattern,
  Parameter,
  PathPattern,
  RelationshipPattern,
  Variable,
} from './ast.ts';
import { mapLiteral } from './collections.ts';
import { labelExpression } from './label-expressions.ts';
import { isShortest } from './pattern-lookahead.ts';
import type { TokenStream } from './token-stream.ts';
import type { Token } from './tokens.ts';

/** `pattern, pattern, …` */
export function pathPatterns(stream: TokenStream): PathPattern[] {
  const patterns = [pathPattern(stream)];
  while (stream.accept(',')) patterns.push(pathPattern(stream));
  return patterns;
}

/** `p = (a)-->(b)`, `shortestPath((a)-[*]-(b))`, `((a)-->(b))` */
export function pathPattern(stream: TokenStream): PathPattern {
  const start = stream.token.start;
  const { barEnds } = stream;
  stream.barEnds = false;
  let variable: Variable | undefined;
  if (isName(stream.token) && stream.peek(1).symbol === '=') {
    variable = stream.variable();
    stream.advance();
  }
  const shortest = isShortest(stream, 0)
    ? stream.isKeyword('SHORTESTPATH')
      ? 'shortestPath'
      : 'allShortestPaths'
    : undefined;
  if (shortest !== undefined) {
    stream.advance();
    stream.advance();
  }
  const nodes: NodePattern[] = [];
  const relationships: RelationshipPattern[] = [];
  element(stream, nodes, relationships);
  if (shortest !== undefined) stream.expect(')', 'a relationship or ');
  stream.barEnds = barEnds;
  return { variable, shortest, nodes, relationships, span: stream.spanFrom(start) };
}

/** A chain of nodes and relationships, perhaps in parentheses that mean nothing. */
function element(stream: TokenStream, nodes: NodePattern[], relationships: RelationshipPattern[]): void {
  if (stream.is('(') && opensElement(stream)) {
    stream.advance();
    stream.enter();
    element(stream, nodes, relationships);
    stream.leave();
    stream.expect(')', 'a relationship or ');
    if (stream.is('{') || stream.is('+') || stream.is('*') || stream.is('-') || stream.is('<')) {
      throw stream.unsupported(
        'A quantified part of a path',
        'A relationship of variable length is -[:T*1..3]->.',
      );
    }
    return;
  }
  refuseSelectors(stream);
  nodes.push(nodePattern(stream));
  while (stream.is('-') || stream.is('<')) {
    relationships.push(relationshipPattern(stream));
    if (stream.is('+') || stream.is('*') || stream.is('{')) {
      throw stream.unsupported(
        'A quantifier behind a relationship',
        'Variable length is written -[:T*1..3]->.',
      );
    }
    nodes.push(nodePattern(stream));
  }
}

/** `((` or `(p = (`: the outer parenthesis is no node. */
function opensElement(stream: TokenStream): boolean {
  if (stream.peek(1).symbol === '(') return true;
  if (!isName(stream.peek(1)) || stream.peek(2).symbol !== '=') return false;
  stream.advance();
  throw stream.unsupported('A path variable inside parentheses');
}

/** `SHORTEST 1 (a)-…`, `ANY (a)-…`. */
function refuseSelectors(stream: TokenStream): void {
  if (stream.isKeyword('SHORTEST') || stream.isKeyword('ANY') || stream.isKeyword('ALL')) {
    throw stream.unsupported(
      `The path selector ${stream.token.keyword}`,
      'Write shortestPath((a)-[*]->(b)) or allShortestPaths(…).',
    );
  }
}

const isName = (token: Token): boolean => token.kind === 'name' || token.kind === 'quoted-name';

/** WHERE is a variable if what follows could stand behind one. */
const isWhere = (stream: TokenStream): boolean =>
  stream.isKeyword('WHERE') && !/^[):{*\]]$/.test(stream.peek(1).symbol);

function nodePattern(stream: TokenStream): NodePattern {
  const start = stream.token.start;
  if (!stream.accept('(')) throw stream.unexpected('a node in parentheses, such as (n)');
  const variable = isName(stream.token) && !isWhere(stream) ? stream.variable() : undefined;
  let labels: LabelExpression | undefined;
  if (stream.accept(':') || stream.acceptKeyword('IS')) labels = labelExpression(stream);
  const properties = propertiesOf(stream);
  const where = stream.acceptKeyword('WHERE') ? stream.expression() : undefined;
  stream.expect(
    ')',
    variable === undefined && labels === undefined ? 'a variable, a label, properties or ' : '',
  );
  return { variable, labels, properties, where, span: stream.spanFrom(start) };
}

function propertiesOf(stream: TokenStream): MapLiteral | Parameter | undefined {
  if (stream.is('{')) return mapLiteral(stream);
  if (stream.token.kind !== 'parameter') return undefined;
  const start = stream.token.start;
  const name = stream.advance().text;
  return { kind: 'parameter', name, span: stream.spanFrom(start) };
}

/** From the first dash or arrowhead to the last. */
function relationshipPattern(stream: TokenStream): RelationshipPattern {
  const start = stream.token.start;
  const pointsLeft = stream.accept('<');
  stream.expect('-');
  const detail = stream.accept('[') ? relationshipDetail(stream) : NO_DETAIL;
  stream.expect('-', detail === NO_DETAIL ? "'[' or " : '');
  const pointsRight = stream.accept('>');
  const direction = pointsLeft === pointsRight ? 'both' : pointsLeft ? 'left' : 'right';
  return { ...detail, direction, span: stream.spanFrom(start) };
}

type RelationshipDetail = Omit<RelationshipPattern, 'direction' | 'span'>;

const NO_DETAIL: RelationshipDetail = {
  variable: undefined,
  types: undefined,
  properties: undefined,
  where: undefined,
  length: undefined,
};

function relationshipDetail(stream: TokenStream): RelationshipDetail {
  const variable = isName(stream.token) && !isWhere(stream) ? stream.variable() : undefined;
  const types = stream.accept(':') || stream.acceptKeyword('IS') ? labelExpression(stream) : undefined;
  if (stream.is('..')) {
    throw invalidRelationship(stream, 'A variable length begins with an asterisk, such as *1..3');
  }
  const length = stream.accept('*') ? lengthOf(stream) : undefined;
  const properties = propertiesOf(stream);
  const where = stream.acceptKeyword('WHERE') ? stream.expression() : undefined;
  stream.expect(']');
  return { variable, types, properties, where, length };
}

/** What follows the asterisk: nothing, `2`, `1..3`, `1..`, `..3`, `..`. */
function lengthOf(stream: TokenStream): RelationshipPattern['length'] {
  const min = bound(stream);
  if (!stream.accept('..')) return { min, max: min };
  return { min, max: bound(stream) };
}

function bound(stream: TokenStream): number | undefined {
  const { kind, number } = stream.token;
  if (stream.is('-')) throw invalidRelationship(stream, 'A length of a path cannot be negative');
  if (kind === 'float') throw invalidRelationship(stream, 'A length of a path is an INTEGER');
  if (kind === 'parameter') {
    throw invalidRelationship(stream, 'A length of a path is written into the query and is no parameter');
  }
  if (kind !== 'integer') return undefined;
  stream.advance();
  return Number(number);
}

const invalidRelationship = (stream: TokenStream, message: string): Error =>
  stream.invalid('InvalidRelationshipPattern', message, stream.token.start);
