/** Commands for indexes and constraints: CREATE, DROP, SHOW. */
import type { SchemaCommand, Span } from './ast.ts';
import { schemaType } from './schema-types.ts';
import type { TokenStream } from './token-stream.ts';

type CreateIndex = Extract<SchemaCommand, { readonly kind: 'create-index' }>;
type CreateConstraint = Extract<SchemaCommand, { readonly kind: 'create-constraint' }>;

const INDEX_TYPES: Readonly<Record<string, CreateIndex['type']>> = {
  RANGE: 'RANGE',
  TEXT: 'TEXT',
  POINT: 'POINT',
  LOOKUP: 'LOOKUP',
  FULLTEXT: 'FULLTEXT',
  VECTOR: 'VECTOR',
};

/** Things that other servers create, drop and show by Cypher. */
const ADMINISTRATION = new Set(['DATABASE', 'ALIAS', 'ROLE', 'SERVER', 'USER', 'BTREE', 'OR']);

/** The schema command at the next token; undefined if a query stands there. */
export function schemaCommand(stream: TokenStream): SchemaCommand | undefined {
  const next = stream.peek(1);
  switch (stream.token.keyword) {
    case 'CREATE':
      return next.symbol === '(' || stream.peek(2).symbol === '=' ? undefined : create(stream);
    case 'DROP':
      return drop(stream);
    case 'SHOW':
      return show(stream);
    case 'ALTER':
    case 'GRANT':
    case 'DENY':
    case 'REVOKE':
    case 'TERMINATE':
      throw stream.unsupported(stream.token.keyword);
    default:
      return undefined;
  }
}

function create(stream: TokenStream): SchemaCommand | undefined {
  const { start } = stream.token;
  const { keyword } = stream.peek(1);
  if (keyword === 'CONSTRAINT') {
    stream.advance();
    stream.advance();
    return createConstraint(stream, start);
  }
  const type = INDEX_TYPES[keyword];
  if (keyword === 'INDEX' || (type !== undefined && stream.peek(2).keyword === 'INDEX')) {
    stream.advance();
    if (type !== undefined) stream.advance();
    stream.advance();
    return createIndex(stream, start, type ?? 'RANGE');
  }
  if (ADMINISTRATION.has(keyword)) {
    const what = keyword === 'OR' ? 'CREATE OR REPLACE' : `CREATE ${keyword}`;
    throw stream.unsupported(what);
  }
  return undefined;
}

/** An optional name, then IF NOT EXISTS. */
function nameAndGuard(stream: TokenStream): { name: string | undefined; ifNotExists: boolean } {
  if (stream.isKeyword('ON') && (stream.peek(1).symbol === ':' || stream.peek(1).symbol === '(')) {
    throw stream.unsupported('The older form with ON', 'Write … FOR (n:Label) ON (n.property) or REQUIRE ….');
  }
  const isNamed =
    stream.token.kind === 'quoted-name' ||
    (stream.token.kind === 'name' &&
      !(stream.isKeyword('IF') && stream.peek(1).keyword === 'NOT') &&
      !(stream.isKeyword('FOR') && stream.peek(1).symbol === '('));
  const name = isNamed ? stream.name('a name') : undefined;
  if (stream.token.kind === 'parameter') throw stream.unsupported('A parameter for a name');
  const ifNotExists = stream.acceptKeyword('IF');
  if (ifNotExists) {
    stream.expectKeyword('NOT');
    stream.expectKeyword('EXISTS');
  }
  return { name, ifNotExists };
}

interface Subject {
  readonly entity: 'node' | 'relationship';
  readonly variable: string;
  /** '' if there is none: then it is about all nodes, or all relationships. */
  readonly label: string;
}

/** `FOR (n:Label)`, `FOR ()-[r:TYPE]-()`; beyond other servers also without a label or type. */
function subject(stream: TokenStream): Subject {
  stream.expectKeyword('FOR', 'a name, IF NOT EXISTS or ');
  stream.expect('(');
  if (!stream.accept(')')) {
    const named = variableAndLabel(stream);
    stream.expect(')');
    return { entity: 'node', ...named };
  }
  stream.accept('<');
  stream.expect('-');
  stream.expect('[');
  const named = variableAndLabel(stream);
  stream.expect(']');
  stream.expect('-');
  stream.accept('>');
  stream.expect('(');
  stream.expect(')');
  return { entity: 'relationship', ...named };
}

function variableAndLabel(stream: TokenStream): { variable: string; label: string } {
  const variable = stream.variable().name;
  const label = stream.accept(':') ? labelOrType(stream) : '';
  if (stream.is('|')) throw stream.unsupported('An index on several labels', 'Create one for each label.');
  return { variable, label };
}

function labelOrType(stream: TokenStream): string {
  const { start } = stream.token;
  const name = stream.name('a label or type');
  if (name === '') throw stream.invalid('InvalidName', 'The name of a label or type is empty', start);
  return name;
}

function createIndex(stream: TokenStream, start: number, type: CreateIndex['type']): CreateIndex {
  const { name, ifNotExists } = nameAndGuard(stream);
  const { entity, variable, label } = subject(stream);
  stream.expectKeyword('ON');
  const properties = type === 'LOOKUP' ? lookedUp(stream) : indexedProperties(stream, variable, type);
  const span = commandSpan(stream, start);
  return { kind: 'create-index', name, ifNotExists, type, entity, label, properties, span };
}

/** `EACH labels(n)`, `EACH type(r)`: no property. */
function lookedUp(stream: TokenStream): string[] {
  stream.acceptKeyword('EACH');
  stream.name('labels(…) or type(…)');
  stream.expect('(');
  stream.variable();
  stream.expect(')');
  return [];
}

function indexedProperties(stream: TokenStream, variable: string, type: CreateIndex['type']): string[] {
  if (type !== 'FULLTEXT') return properties(stream, variable, '(', ')');
  stream.expectKeyword('EACH');
  return properties(stream, variable, '[', ']');
}

/** `(n.a, n.b)` */
function properties(stream: TokenStream, variable: string, opener: string, closer: string): string[] {
  stream.expect(opener);
  const keys: string[] = [];
  do keys.push(property(stream, variable));
  while (stream.accept(','));
  stream.expect(closer, "',' or ");
  return keys;
}

/** `n.a`, of the variable behind FOR. */
function property(stream: TokenStream, variable: string): string {
  const { start } = stream.token;
  const owner = stream.variable().name;
  if (owner !== variable) {
    throw stream.invalid(
      'UndefinedVariable',
      `'${owner}' is not the variable behind FOR, '${variable}'`,
      start,
    );
  }
  stream.expect('.');
  return stream.name('a key');
}

function createConstraint(stream: TokenStream, start: number): CreateConstraint {
  const { name, ifNotExists } = nameAndGuard(stream);
  const { entity, variable, label } = subject(stream);
  if (stream.isKeyword('ASSERT')) throw stream.unsupported('ASSERT', 'Write REQUIRE.');
  stream.expectKeyword('REQUIRE');
  const keys = stream.is('(') ? properties(stream, variable, '(', ')') : [property(stream, variable)];
  const required = requirement(stream, entity);
  const span = commandSpan(stream, start);
  return {
    kind: 'create-constraint',
    name,
    ifNotExists,
    ...required,
    entity,
    label,
    properties: keys,
    span,
  };
}

/** `IS UNIQUE`, `IS NOT NULL`, `IS [NODE | RELATIONSHIP] KEY | UNIQUE`, `IS :: TYPE`, `IS TYPED TYPE` */
function requirement(
  stream: TokenStream,
  entity: Subject['entity'],
): Pick<CreateConstraint, 'requires' | 'propertyType'> {
  stream.expectKeyword('IS');
  if (stream.accept('::') || stream.acceptKeyword('TYPED')) {
    return { requires: 'TYPE', propertyType: schemaType(stream) };
  }
  if (stream.acceptKeyword('NOT')) {
    stream.expectKeyword('NULL');
    return { requires: 'NOT NULL', propertyType: undefined };
  }
  const { keyword } = stream.token;
  const said =
    keyword === 'NODE'
      ? 'node'
      : keyword === 'RELATIONSHIP' || keyword === 'REL'
        ? 'relationship'
        : undefined;
  if (said !== undefined && said !== entity) {
    throw stream.unexpected(entity === 'node' ? 'NODE KEY' : 'RELATIONSHIP KEY');
  }
  if (said !== undefined) stream.advance();
  if (stream.acceptKeyword('UNIQUE')) return { requires: 'UNIQUE', propertyType: undefined };
  stream.expectKeyword(
    'KEY',
    said === undefined ? "UNIQUE, NOT NULL, NODE KEY, RELATIONSHIP KEY, '::' or " : '',
  );
  return { requires: 'KEY', propertyType: undefined };
}

function drop(stream: TokenStream): SchemaCommand {
  const { start } = stream.advance();
  const kind = stream.isKeyword('INDEX') ? 'drop-index' : 'drop-constraint';
  if (ADMINISTRATION.has(stream.token.keyword)) throw stream.unsupported(`DROP ${stream.token.keyword}`);
  if (!stream.acceptKeyword('INDEX')) stream.expectKeyword('CONSTRAINT', 'INDEX or ');
  if (stream.isKeyword('ON') && (stream.peek(1).symbol === ':' || stream.peek(1).symbol === '(')) {
    throw stream.unsupported(
      'The older form with ON',
      'Drop it by its name, which SHOW INDEXES or SHOW CONSTRAINTS tells.',
    );
  }
  const name = stream.name('a name');
  const ifExists = stream.acceptKeyword('IF');
  if (ifExists) stream.expectKeyword('EXISTS');
  return { kind, name, ifExists, span: commandSpan(stream, start) };
}

/** `SHOW [ALL] INDEXES`, `SHOW [ALL] CONSTRAINTS`, each in the singular too. */
function show(stream: TokenStream): SchemaCommand {
  const { start } = stream.advance();
  stream.acceptKeyword('ALL');
  const { keyword } = stream.token;
  const isIndexes = keyword === 'INDEX' || keyword === 'INDEXES';
  if (!isIndexes && keyword !== 'CONSTRAINT' && keyword !== 'CONSTRAINTS') {
    const { kind, text } = stream.token;
    if (kind !== 'name') throw stream.unexpected('INDEXES or CONSTRAINTS');
    throw stream.unsupported(`SHOW ${text.toUpperCase()}`, 'There are SHOW INDEXES and SHOW CONSTRAINTS.');
  }
  stream.advance();
  if (stream.isKeyword('YIELD') || stream.isKeyword('WHERE')) {
    throw stream.unsupported(`SHOW with ${stream.token.keyword}`);
  }
  return { kind: isIndexes ? 'show-indexes' : 'show-constraints', span: commandSpan(stream, start) };
}

function commandSpan(stream: TokenStream, start: number): Span {
  if (stream.isKeyword('OPTIONS'))
    throw stream.unsupported('OPTIONS of an index or constraint', 'Leave it out.');
  return stream.spanFrom(start);
}
