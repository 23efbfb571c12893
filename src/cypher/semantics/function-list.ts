/** The functions of Cypher as text, for people who ask the database what it offers. */
import { FUNCTION_SIGNATURES, type FunctionSignature } from './signatures.ts';
import { describeType } from './static-type.ts';

export interface ListedFunction {
  /** In its usual spelling. */
  readonly name: string;
  /** Such as `substring(STRING, INTEGER, [INTEGER]) :: STRING`. */
  readonly signature: string;
  readonly aggregating: boolean;
}

const RESULTS = {
  element: 'an element of the list',
  first: 'the type of the first argument',
  union: 'the type of an argument',
  'list-of-first': 'LIST of the first argument',
} as const;

/** All functions, sorted by their names. */
export const listFunctions = (): readonly ListedFunction[] =>
  [...FUNCTION_SIGNATURES.values()]
    .map((one) => ({ name: one.name, signature: signatureText(one), aggregating: one.aggregate }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));

function signatureText({ name, argumentsMin, argumentsMax, parameters, result }: FunctionSignature): string {
  const shown = parameters.map((type, at) =>
    at < argumentsMin ? describeType(type) : `[${describeType(type)}]`,
  );
  if (argumentsMax > parameters.length) shown.push('...');
  const gives = typeof result === 'string' ? RESULTS[result] : describeType(result);
  return `${name}(${shown.join(', ')}) :: ${gives}`;
}
