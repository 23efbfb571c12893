/**
 * What Cypher raises: openCypher's error types, phases and details, on top of a Facet code. The TCK names every error
 * by these three, and drivers decide by the type whether a query is worth sending again.
 */
import { type ErrorCode, FacetError } from '../base/index.ts';
import type { Span } from './syntax/ast.ts';

export type CypherErrorType =
  | 'SyntaxError'
  | 'SemanticError'
  | 'TypeError'
  | 'ArgumentError'
  | 'ArithmeticError'
  | 'EntityNotFound'
  | 'ParameterMissing'
  | 'ProcedureError'
  | 'PropertyNotFound'
  | 'ConstraintVerificationFailed'
  | 'ConstraintValidationFailed';

/** `compile time` is before any row is read: while the query is prepared. */
export type CypherPhase = 'compile time' | 'runtime';

const CODE_OF_TYPE: Readonly<Record<CypherErrorType, ErrorCode>> = {
  SyntaxError: 'INVALID_CYPHER',
  SemanticError: 'CYPHER_SEMANTIC_ERROR',
  TypeError: 'CYPHER_TYPE_ERROR',
  ArgumentError: 'CYPHER_ARGUMENT_ERROR',
  ArithmeticError: 'CYPHER_ARITHMETIC_ERROR',
  EntityNotFound: 'ENTITY_NOT_FOUND',
  ParameterMissing: 'PARAMETER_MISSING',
  ProcedureError: 'PROCEDURE_ERROR',
  PropertyNotFound: 'PROPERTY_NOT_FOUND',
  ConstraintVerificationFailed: 'GRAPH_CONSTRAINT_VIOLATION',
  ConstraintValidationFailed: 'GRAPH_CONSTRAINT_VIOLATION',
};

export class CypherError extends FacetError {
  readonly type: CypherErrorType;
  readonly phase: CypherPhase;
  /** openCypher's detail, such as `UndefinedVariable`. */
  readonly reason: string;
  readonly span: Span | undefined;

  constructor(
    type: CypherErrorType,
    phase: CypherPhase,
    reason: string,
    message: string,
    where: { readonly span?: Span | undefined; readonly hint?: string | undefined } = {},
  ) {
    super(CODE_OF_TYPE[type], message, {
      hint: where.hint,
      position: where.span === undefined ? undefined : where.span.start + 1,
    });
    this.type = type;
    this.phase = phase;
    this.reason = reason;
    this.span = where.span;
  }
}

/**
 * What is thrown for `thrown` by an expression that stands at `span`: the same, with the place if it has none yet. So
 * the innermost expression of those that an error passes through says where it happened.
 */
export function placed(thrown: unknown, span: Span): unknown {
  if (!(thrown instanceof CypherError) || thrown.phase !== 'runtime' || thrown.span !== undefined)
    return thrown;
  const { type, phase, reason, message, hint } = thrown;
  return new CypherError(type, phase, reason, message, { span, hint });
}

/** A mistake in the text or its meaning, found before anything runs. */
export const syntaxError = (reason: string, message: string, span?: Span, hint?: string): CypherError =>
  new CypherError('SyntaxError', 'compile time', reason, message, { span, hint });

export const runtimeTypeError = (reason: string, message: string, span?: Span): CypherError =>
  new CypherError('TypeError', 'runtime', reason, message, { span });

export const argumentError = (reason: string, message: string, span?: Span): CypherError =>
  new CypherError('ArgumentError', 'runtime', reason, message, { span });

export const arithmeticError = (reason: string, message: string, span?: Span): CypherError =>
  new CypherError('ArithmeticError', 'runtime', reason, message, { span });
