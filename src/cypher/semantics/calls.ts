/** Checks calls of functions and aggregates. */
import { syntaxError } from '../cypher-error.ts';
import type { CountStar, FunctionCall, Span } from '../syntax/ast.ts';
import type { Context, Place } from './analysis.ts';
import { wrongType } from './failures.ts';
import type { Scope } from './scope.ts';
import type { FunctionSignature } from './signatures.ts';
import {
  ANY,
  BOOLEAN,
  describeType,
  elementOf,
  INTEGER,
  listOf,
  mayBe,
  NULL,
  type StaticType,
  union,
} from './static-type.ts';
import { didYouMean } from './suggest.ts';

/** For messages: `2`, `1 to 3`, `at least 1`. */
export const describeCount = (least: number, most: number): string => {
  if (most === Number.POSITIVE_INFINITY) return `at least ${least}`;
  return least === most ? `${least}` : `${least} to ${most}`;
};

export const checkCall = (context: Context, call: FunctionCall, scope: Scope, place: Place): StaticType => {
  const { functions } = context.environment;
  const signature = functions.get(call.name.toLowerCase());
  if (signature === undefined) {
    const names = [...functions.values()].map(({ name }) => name);
    throw syntaxError(
      'UnknownFunction',
      `There is no function ${call.name}`,
      call.span,
      didYouMean(call.name, names),
    );
  }
  const given = call.arguments.length;
  if (given < signature.argumentsMin || given > signature.argumentsMax) {
    const wanted = describeCount(signature.argumentsMin, signature.argumentsMax);
    throw syntaxError(
      'InvalidNumberOfArguments',
      `${signature.name} takes ${wanted === '0' ? 'no' : wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${given}`,
      call.span,
    );
  }
  if (call.distinct && !signature.aggregate) {
    throw syntaxError(
      'UnexpectedSyntax',
      `DISTINCT is for aggregates, and ${signature.name} is none`,
      call.span,
    );
  }
  if (place.insideAggregate && !signature.deterministic) {
    throw syntaxError(
      'NonConstantExpression',
      `${signature.name} cannot be used inside an aggregate: each call gives another value`,
      call.span,
    );
  }
  if (signature.name === 'exists') return checkExists(context, call, scope, place);
  // The arguments come first: a name that is out of sight is a better answer than an aggregate out of place.
  const inner: Place = signature.aggregate
    ? { aggregates: false, insideAggregate: true, projected: place.projected }
    : place;
  const types = call.arguments.map((argument) => context.expression(argument, scope, inner));
  if (signature.aggregate) checkAggregate(signature.name, call.span, place);
  checkArguments(signature, call, types);
  return resultType(signature, types);
};

export const checkCountStar = (expression: CountStar, place: Place): StaticType => {
  checkAggregate('count', expression.span, place);
  return INTEGER;
};

const checkAggregate = (name: string, span: Span, place: Place): void => {
  if (place.insideAggregate) {
    throw syntaxError('NestedAggregation', `${name} stands inside another aggregate`, span);
  }
  if (place.aggregates) return;
  throw syntaxError(
    'InvalidAggregation',
    `${name} is an aggregate, which is not possible here`,
    span,
    'Aggregate in a WITH before, and use its result here.',
  );
};

/** `exists(n.name)` and `exists((a)-->(b))`: the one function that takes a pattern. */
const checkExists = (context: Context, call: FunctionCall, scope: Scope, place: Place): StaticType => {
  for (const argument of call.arguments) {
    if (argument.kind === 'pattern') context.predicate(argument, scope, place);
    else context.expression(argument, scope, place);
  }
  return BOOLEAN;
};

const checkArguments = (
  signature: FunctionSignature,
  call: FunctionCall,
  types: readonly StaticType[],
): void => {
  for (const [at, argument] of call.arguments.entries()) {
    const wanted = signature.parameters[Math.min(at, signature.parameters.length - 1)] ?? ANY;
    const type = types[at] ?? NULL;
    if (mayBe(type, wanted.kinds)) continue;
    const which = call.arguments.length === 1 ? 'The argument' : `Argument ${at + 1}`;
    throw wrongType(`${which} of ${signature.name}`, describeType(wanted), type, argument.span);
  }
};

const resultType = ({ result }: FunctionSignature, types: readonly StaticType[]): StaticType => {
  const first = types[0] ?? NULL;
  switch (result) {
    case 'element':
      return elementOf(first);
    case 'first':
      return first;
    case 'list-of-first':
      return listOf(first);
    case 'union': {
      let type = NULL;
      for (const other of types) type = union(type, other);
      return type;
    }
    default:
      return result;
  }
};
