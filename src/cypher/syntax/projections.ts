/** What WITH and RETURN share: items, ORDER BY, SKIP, LIMIT. */
import type { Expression, Projection, ProjectionItem, ReturnClause, SortItem, WithClause } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

export function returnClause(stream: TokenStream): ReturnClause {
  const { start } = stream.advance();
  const body = projection(stream);
  return { kind: 'return', ...body, span: stream.spanFrom(start) };
}

export function withClause(stream: TokenStream): WithClause {
  const { start } = stream.advance();
  const body = projection(stream);
  const where = stream.acceptKeyword('WHERE') ? stream.expression() : undefined;
  return { kind: 'with', ...body, where, span: stream.spanFrom(start) };
}

function projection(stream: TokenStream): Projection {
  const distinct = stream.acceptKeyword('DISTINCT');
  const star = stream.accept('*');
  const items: ProjectionItem[] = [];
  if (!star || stream.accept(',')) {
    do items.push(item(stream));
    while (stream.accept(','));
  }
  const orderBy = stream.acceptKeyword('ORDER') ? sortItems(stream) : [];
  const skip = stream.acceptKeyword('SKIP') || acceptOffset(stream) ? stream.expression() : undefined;
  const limit = stream.acceptKeyword('LIMIT') ? stream.expression() : undefined;
  if (limit !== undefined && (stream.isKeyword('SKIP') || stream.isKeyword('OFFSET'))) {
    throw stream.unexpected('a clause', 'SKIP stands before LIMIT.');
  }
  return { distinct, star, items, orderBy, skip, limit };
}

/** OFFSET is another word for SKIP, but no keyword elsewhere. */
const acceptOffset = (stream: TokenStream): boolean => stream.acceptKeyword('OFFSET');

function item(stream: TokenStream): ProjectionItem {
  const { start } = stream.token;
  const expression: Expression = stream.expression();
  const written = stream.text.slice(start, stream.lastEnd);
  const alias = stream.acceptKeyword('AS') ? stream.variable().name : undefined;
  return { expression, alias, name: alias ?? written, span: stream.spanFrom(start) };
}

function sortItems(stream: TokenStream): SortItem[] {
  stream.expectKeyword('BY');
  const items: SortItem[] = [];
  do {
    const { start } = stream.token;
    const expression = stream.expression();
    const descending = stream.acceptKeyword('DESC') || stream.acceptKeyword('DESCENDING');
    if (!descending && !stream.acceptKeyword('ASC')) stream.acceptKeyword('ASCENDING');
    items.push({ expression, descending, span: stream.spanFrom(start) });
  } while (stream.accept(','));
  return items;
}
