/** Clauses that write: CREATE, MERGE, SET, REMOVE, DELETE. */
import type {
  CreateClause,
  DeleteClause,
  Expression,
  Index,
  MergeClause,
  Property,
  RemoveClause,
  RemoveItem,
  SetClause,
  SetItem,
  Variable,
} from './ast.ts';
import { target } from './expressions.ts';
import { labelNames } from './label-expressions.ts';
import { pathPattern, pathPatterns } from './patterns.ts';
import type { TokenStream } from './token-stream.ts';

export function createClause(stream: TokenStream): CreateClause {
  const { start } = stream.advance();
  if (stream.isKeyword('UNIQUE') && stream.peek(1).symbol !== '=') {
    throw stream.unsupported('CREATE UNIQUE', 'MERGE creates what is not there yet.');
  }
  const patterns = pathPatterns(stream);
  return { kind: 'create', patterns, span: stream.spanFrom(start) };
}

export function mergeClause(stream: TokenStream): MergeClause {
  const { start } = stream.advance();
  const pattern = pathPattern(stream);
  const onCreate: SetItem[] = [];
  const onMatch: SetItem[] = [];
  while (stream.acceptKeyword('ON')) {
    const items = stream.isKeyword('CREATE') ? onCreate : onMatch;
    if (!stream.acceptKeyword('CREATE')) stream.expectKeyword('MATCH', 'CREATE or ');
    stream.expectKeyword('SET');
    setItems(stream, items);
  }
  return { kind: 'merge', pattern, onCreate, onMatch, span: stream.spanFrom(start) };
}

export function setClause(stream: TokenStream): SetClause {
  const { start } = stream.advance();
  const items: SetItem[] = [];
  setItems(stream, items);
  return { kind: 'set', items, span: stream.spanFrom(start) };
}

function setItems(stream: TokenStream, items: SetItem[]): void {
  do items.push(setItem(stream));
  while (stream.accept(','));
}

function setItem(stream: TokenStream): SetItem {
  const { start } = stream.token;
  const changed = changedThing(stream);
  if (changed.kind === 'variable') {
    const variable = changed;
    if (stream.is(':')) {
      const labels = labelNames(stream);
      return { kind: 'labels', variable, labels, span: stream.spanFrom(start) };
    }
    const kind = stream.accept('+=') ? 'merge' : 'replace';
    if (kind === 'replace') stream.expect('=', "'.', ':', '+=' or ");
    const value = stream.expression();
    return { kind, variable, value, span: stream.spanFrom(start) };
  }
  stream.expect('=', "'.' or ");
  const value = stream.expression();
  const span = stream.spanFrom(start);
  return changed.kind === 'property'
    ? { kind: 'property', target: changed, value, span }
    : { kind: 'dynamic-property', target: changed, value, span };
}

/** A variable, a property, or a property whose name is computed. */
function changedThing(stream: TokenStream): Variable | Property | Index {
  const { start } = stream.token;
  const changed: Expression = target(stream);
  if (changed.kind === 'variable' || changed.kind === 'property' || changed.kind === 'index') return changed;
  throw stream.invalid('UnexpectedSyntax', 'Only variables and properties can be changed', start);
}

export function removeClause(stream: TokenStream): RemoveClause {
  const { start } = stream.advance();
  const items: RemoveItem[] = [];
  do items.push(removeItem(stream));
  while (stream.accept(','));
  return { kind: 'remove', items, span: stream.spanFrom(start) };
}

function removeItem(stream: TokenStream): RemoveItem {
  const { start } = stream.token;
  const changed = changedThing(stream);
  if (changed.kind === 'property') return { kind: 'property', target: changed, span: stream.spanFrom(start) };
  if (changed.kind === 'index') {
    return { kind: 'dynamic-property', target: changed, span: stream.spanFrom(start) };
  }
  if (!stream.is(':')) throw stream.unexpected("'.' and a property, or ':' and a label");
  const labels = labelNames(stream);
  return { kind: 'labels', variable: changed, labels, span: stream.spanFrom(start) };
}

/** `DELETE`, `DETACH DELETE`, `NODETACH DELETE`; the last is what DELETE means anyway. */
export function deleteClause(stream: TokenStream): DeleteClause {
  const { start } = stream.token;
  const detach = stream.acceptKeyword('DETACH');
  if (!detach) stream.acceptKeyword('NODETACH');
  stream.expectKeyword('DELETE');
  const expressions = [stream.expression()];
  while (stream.accept(',')) expressions.push(stream.expression());
  return { kind: 'delete', detach, expressions, span: stream.spanFrom(start) };
}
