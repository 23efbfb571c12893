/**
 * Conditions: what stands behind WHERE. NOT binds tighter than AND, and AND tighter than OR, as in SQL. Comparing with
 * NULL is the same as IS NULL and IS NOT NULL, so that no condition is unknown only because of how it is written.
 */
import { type Clause, clause } from './clauses.ts';
import { name } from './names.ts';
import type { Reader } from './reader.ts';
import type { Span } from './span.ts';
import { type Scalar, scalar, type Value, value } from './values.ts';

/** A property or a column. */
export interface Field {
  readonly name: string;
  /** In backticks, so that SQL must not fold it. */
  readonly isQuoted: boolean;
  /** What stands before a point: the name or alias of a table, a variable. Conditions are about one thing, so it says nothing. */
  readonly qualifier: string | undefined;
  readonly span: Span;
}

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Parts of a chain `a AND b AND c` are one list. `span` is the whole condition. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[]; readonly span: Span }
  | { readonly kind: 'not'; readonly part: Condition; readonly span: Span }
  | {
      readonly kind: 'comparison';
      readonly field: Field;
      readonly comparator: Comparator;
      /** Never null. */
      readonly value: Exclude<Value, null>;
      readonly span: Span;
    }
  | { readonly kind: 'in'; readonly field: Field; readonly values: readonly Scalar[]; readonly span: Span }
  /** `%` stands for any characters and `_` for one, and a backslash takes that meaning from them. */
  | { readonly kind: 'like'; readonly field: Field; readonly pattern: string; readonly span: Span }
  /** Both bounds belong to it. */
  | {
      readonly kind: 'between';
      readonly field: Field;
      readonly low: Exclude<Scalar, null>;
      readonly high: Exclude<Scalar, null>;
      readonly span: Span;
    }
  /** The field is missing or null, or the opposite. */
  | { readonly kind: 'null'; readonly field: Field; readonly isNegated: boolean; readonly span: Span }
  /** The text of the field has `text` in it, at its beginning or at its end. */
  | {
      readonly kind: 'contains' | 'starts-with' | 'ends-with';
      readonly field: Field;
      readonly text: string;
      readonly span: Span;
    };

const COMPARATORS: ReadonlyMap<string, Comparator> = new Map([
  ['=', '='],
  ['==', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

const OPERATORS = ['IN', 'LIKE', 'BETWEEN', 'IS', 'CONTAINS', 'STARTS', 'ENDS', 'NOT'];

export function condition(reader: Reader): Condition {
  return chain(reader, 'or', () => chain(reader, 'and', () => negation(reader)));
}

/** `WHERE condition` */
export const whereClause = (reader: Reader, read: (found: Condition) => void): Clause =>
  clause('WHERE', () => read(condition(reader)));

function chain(reader: Reader, kind: 'and' | 'or', part: () => Condition): Condition {
  const { start } = reader.token;
  const first = part();
  const word = kind.toUpperCase();
  if (!reader.isWord(word)) return first;
  const parts = [first];
  while (reader.acceptWords(word)) parts.push(part());
  return { kind, parts, span: reader.spanFrom(start) };
}

function negation(reader: Reader): Condition {
  const { start } = reader.token;
  if (reader.isWord('NOT') && !isField(reader)) {
    return reader.nested(() => {
      reader.advance();
      const part = negation(reader);
      return { kind: 'not', part, span: reader.spanFrom(start) };
    });
  }
  if (!reader.is('(')) return predicate(reader);
  return reader.nested(() => {
    reader.advance();
    const inner = condition(reader);
    reader.expect(')', 'AND, OR or ');
    return inner;
  });
}

/** A keyword before a comparison is the name of a field. */
const isField = (reader: Reader): boolean =>
  COMPARATORS.has(reader.peek(1).text) && reader.peek(1).kind === 'symbol';

function predicate(reader: Reader): Condition {
  const found = field(reader);
  const comparator = reader.token.kind === 'symbol' ? COMPARATORS.get(reader.token.text) : undefined;
  if (comparator !== undefined) {
    reader.advance();
    return comparison(reader, found, comparator);
  }
  if (reader.acceptWords('IS')) {
    const isNegated = reader.acceptWords('NOT');
    reader.expectWord('NULL');
    return { kind: 'null', field: found, isNegated, span: reader.spanFrom(found.span.start) };
  }
  if (!reader.acceptWords('NOT')) return operation(reader, found);
  if (!reader.isWord('IN') && !reader.isWord('LIKE') && !reader.isWord('BETWEEN')) {
    throw reader.unexpected('IN, LIKE or BETWEEN', ['IN', 'LIKE', 'BETWEEN']);
  }
  const part = operation(reader, found);
  return { kind: 'not', part, span: part.span };
}

function comparison(reader: Reader, left: Field, comparator: Comparator): Condition {
  const { start } = reader.token;
  const right = value(reader);
  const span = reader.spanFrom(left.span.start);
  if (right !== null) return { kind: 'comparison', field: left, comparator, value: right, span };
  if (comparator === '=' || comparator === '<>') {
    return { kind: 'null', field: left, isNegated: comparator === '<>', span };
  }
  throw reader.invalid(
    reader.spanFrom(start),
    `Nothing is ${comparator} NULL`,
    'Write IS NULL or IS NOT NULL.',
  );
}

function operation(reader: Reader, left: Field): Condition {
  const { start } = left.span;
  if (reader.acceptWords('IN')) {
    const isBracket = reader.accept('[');
    if (!isBracket) reader.expect('(', 'a list: ');
    const values = reader.list(isBracket ? ']' : ')', () => scalar(reader));
    return { kind: 'in', field: left, values, span: reader.spanFrom(start) };
  }
  if (reader.acceptWords('LIKE')) {
    return { kind: 'like', field: left, pattern: text(reader, 'a pattern'), span: reader.spanFrom(start) };
  }
  if (reader.acceptWords('BETWEEN')) {
    const low = bound(reader);
    reader.expectWord('AND');
    return { kind: 'between', field: left, low, high: bound(reader), span: reader.spanFrom(start) };
  }
  const kind = reader.acceptWords('CONTAINS')
    ? 'contains'
    : reader.acceptWords('STARTS', 'WITH')
      ? 'starts-with'
      : reader.acceptWords('ENDS', 'WITH')
        ? 'ends-with'
        : undefined;
  if (kind === undefined) {
    throw reader.unexpected(
      'a comparison, IN, LIKE, BETWEEN, IS NULL, CONTAINS, STARTS WITH or ENDS WITH',
      OPERATORS,
    );
  }
  return { kind, field: left, text: text(reader, 'a text'), span: reader.spanFrom(start) };
}

function bound(reader: Reader): Exclude<Scalar, null> {
  const { start } = reader.token;
  const found = scalar(reader);
  if (found === null) throw reader.invalid(reader.spanFrom(start), 'A bound of BETWEEN is not NULL');
  return found;
}

function text(reader: Reader, what: string): string {
  if (reader.token.kind !== 'string') throw reader.unexpected(`${what} in quotes`);
  return reader.advance().text;
}

function field(reader: Reader): Field {
  const { start } = reader.token;
  if (reader.token.kind === 'string') {
    throw reader.unexpected(
      'the name of a property',
      [],
      'Quotes make a text. A name stands bare or in backticks.',
    );
  }
  const first = name(reader, 'the name of a property');
  if (!reader.accept('.')) {
    return { name: first.text, isQuoted: first.isQuoted, qualifier: undefined, span: reader.spanFrom(start) };
  }
  const second = name(reader, 'the name of a property');
  return {
    name: second.text,
    isQuoted: second.isQuoted,
    qualifier: first.text,
    span: reader.spanFrom(start),
  };
}
