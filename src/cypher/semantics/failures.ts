/** Errors that several checks raise. */
import { CypherError, syntaxError } from '../cypher-error.ts';
import type { Span } from '../syntax/ast.ts';
import type { Scope } from './scope.ts';
import { describeType, type StaticType } from './static-type.ts';
import { didYouMean } from './suggest.ts';

const visibleNames = (scope: Scope): readonly string[] => {
  const names: string[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.around) names.push(...at.names);
  return names;
};

export const undefinedVariable = (name: string, scope: Scope, span: Span): CypherError =>
  syntaxError(
    'UndefinedVariable',
    `The variable ${name} is not defined`,
    span,
    didYouMean(name, visibleNames(scope)),
  );

export const alreadyBound = (name: string, span: Span): CypherError =>
  syntaxError('VariableAlreadyBound', `The variable ${name} is bound already`, span);

/** `wanted` as in `LIST` or `NODE or MAP`. */
export const wrongType = (what: string, wanted: string, type: StaticType, span: Span): CypherError =>
  syntaxError('InvalidArgumentType', `${what} must be ${wanted}, not ${describeType(type)}`, span);

/** As wrongType; access to elements and properties of what has none is a TypeError of openCypher. */
export const wrongAccess = (what: string, wanted: string, type: StaticType, span: Span): CypherError =>
  new CypherError(
    'TypeError',
    'compile time',
    'InvalidArgumentType',
    `${what} must be ${wanted}, not ${describeType(type)}`,
    { span },
  );

export const invalidComposition = (message: string, span: Span): CypherError =>
  syntaxError('InvalidClauseComposition', message, span);
