/** What is wrong with a statement of the Neumann query language: a Facet error that also knows its place in the text. */
import { type ErrorCode, FacetError } from '../base/index.ts';
import { placeOf, type Span } from './syntax/span.ts';

/** The codes a statement can be refused with while it is read. */
export type StatementErrorCode = Extract<
  ErrorCode,
  'INVALID_STATEMENT' | 'LIMIT_EXCEEDED' | 'FEATURE_NOT_SUPPORTED' | 'PAYLOAD_TOO_LARGE'
>;

export interface StatementFault {
  /** What is wrong, without the place: `Unexpected 'x'`. */
  readonly what: string;
  /** What could stand there instead, if anything could: `a number`. */
  readonly expected?: string | undefined;
  readonly hint?: string | undefined;
}

export class StatementError extends FacetError {
  /** The part of the text that is wrong. */
  readonly span: Span;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly expected: string | undefined;

  /** @param text the whole statement */
  constructor(code: StatementErrorCode, text: string, span: Span, { what, expected, hint }: StatementFault) {
    const { line, column } = placeOf(text, span.start);
    const place = `at line ${line}, column ${column}`;
    super(code, expected === undefined ? `${what}, ${place}` : `${what} ${place}: expected ${expected}`, {
      hint,
      position: span.start + 1,
    });
    this.span = span;
    this.line = line;
    this.column = column;
    this.expected = expected;
  }
}
