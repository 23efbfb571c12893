/** Names, keys and ids: what statements call things by. */
import type { Reader } from './reader.ts';
import type { Span } from './span.ts';

/** A label, a type, a property, a table, a collection: as it was written, in any case of letters. */
export interface Name {
  readonly text: string;
  /** In backticks or quotes, so that SQL must not fold it to lower case. */
  readonly isQuoted: boolean;
  readonly span: Span;
}

/** A text that something is stored under, such as `user:alice`. */
export interface Key {
  readonly text: string;
  readonly span: Span;
}

/** A node by its number, or by the key of the entity it belongs to. */
export type NodeReference =
  | { readonly by: 'id'; readonly id: bigint; readonly span: Span }
  | { readonly by: 'key'; readonly key: string; readonly span: Span };

/** The number of an edge. */
export interface EdgeId {
  readonly id: bigint;
  readonly span: Span;
}

const BACKTICKS = 'A name with other characters, or one that is a keyword here, stands in backticks.';
const QUOTES = "A key with other characters than letters, digits and _ stands in quotes: 'user:alice'.";

/** @param what is there, for the message: `a label` */
export function name(reader: Reader, what: string): Name {
  const { kind, start } = reader.token;
  if (kind !== 'word' && kind !== 'quoted-word') throw reader.unexpected(what, [], BACKTICKS);
  const { text } = reader.advance();
  return { text, isQuoted: kind === 'quoted-word', span: reader.spanFrom(start) };
}

/** A name that may be left out. The words that can follow instead need backticks to be names. */
export function optionalName(reader: Reader, followers: readonly string[]): Name | undefined {
  const { kind, upper } = reader.token;
  if (kind === 'quoted-word' || (kind === 'word' && !followers.includes(upper)))
    return name(reader, 'a name');
  return undefined;
}

/** A name where nothing but one can stand, so that it may be in quotes as well. */
export function nameOrText(reader: Reader, what: string): Name {
  if (reader.token.kind !== 'string') return name(reader, what);
  const { start } = reader.token;
  const { text } = reader.advance();
  if (text === '') throw reader.invalid(reader.spanFrom(start), `${what} is empty`);
  return { text, isQuoted: true, span: reader.spanFrom(start) };
}

/** A text in quotes or a bare word. */
export function key(reader: Reader, what: string): Key {
  const { kind, start } = reader.token;
  if (kind !== 'word' && kind !== 'quoted-word' && kind !== 'string')
    throw reader.unexpected(what, [], QUOTES);
  const { text } = reader.advance();
  return { text, span: reader.spanFrom(start) };
}

/** A key that may be bare with colons in it, `doc:1`, in forms that have no other use for them. */
export function keyWithColons(reader: Reader, what: string): Key {
  const first = key(reader, what);
  if (reader.text.charAt(first.span.start) === "'" || reader.text.charAt(first.span.start) === '"')
    return first;
  let text = first.text;
  while (
    reader.is(':') &&
    reader.token.start === reader.lastEnd &&
    reader.peek(1).start === reader.token.end
  ) {
    reader.advance();
    if (reader.token.kind !== 'integer' && reader.token.kind !== 'word')
      throw reader.unexpected('the rest of the key', [], QUOTES);
    text += `:${reader.advance().text}`;
  }
  return { text, span: reader.spanFrom(first.span.start) };
}

export function nodeReference(reader: Reader): NodeReference {
  const { kind, number, start } = reader.token;
  if (kind === 'integer' && typeof number === 'bigint') return { by: 'id', ...identifier(reader, number) };
  const { text } = key(reader, "the number of a node or the key of an entity such as 'user:alice'");
  return { by: 'key', key: text, span: reader.spanFrom(start) };
}

export function edgeId(reader: Reader): EdgeId {
  const { kind, number } = reader.token;
  if (kind !== 'integer' || typeof number !== 'bigint') throw reader.unexpected('the number of an edge');
  return identifier(reader, number);
}

const ID_MAX = 2n ** 63n - 1n;

function identifier(reader: Reader, id: bigint): { readonly id: bigint; readonly span: Span } {
  const { start } = reader.advance();
  const span = reader.spanFrom(start);
  if (id > ID_MAX) throw reader.invalid(span, 'No id is larger than 9223372036854775807');
  return { id, span };
}

/** Between the two ends of an edge or a path. */
export function arrow(reader: Reader): void {
  if (!reader.accept('->') && !reader.acceptWords('TO')) throw reader.unexpected("'->' or TO");
}
