/** Where a truth value is wanted: operands of logic, WHERE, the conditions of lists and of CASE. */
import { type CypherError, runtimeTypeError } from '../../cypher-error.ts';
import type { Span } from '../../syntax/ast.ts';
import type { Truth } from '../../values/logic.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';

const notTruth = (value: Value, span: Span | undefined): CypherError =>
  runtimeTypeError('InvalidArgumentType', `a condition is a Boolean or null, not ${typeName(value)}`, span);

/** @throws TypeError InvalidArgumentType */
export function truth(value: Value, span?: Span): Truth {
  if (typeof value === 'boolean' || value === null) return value;
  throw notTruth(value, span);
}

/**
 * Whether a row passes: true does, false and null do not.
 * @throws TypeError InvalidArgumentType
 */
export function passes(value: Value, span?: Span): boolean {
  if (value === true) return true;
  if (value === false || value === null) return false;
  throw notTruth(value, span);
}
