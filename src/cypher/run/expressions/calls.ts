/**
 * Calls of scalar functions. Null arguments are dealt with here, so that most functions never see one; a call whose
 * arguments are all constant is made once per query, on its first use, since only then are clock and zone known.
 */
import { syntaxError } from '../../cypher-error.ts';
import type { FunctionCall } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import type { QueryContext } from '../context.ts';
import { AGGREGATES, FUNCTIONS, type ScalarFunction } from '../functions/index.ts';
import { type Evaluate, isConstant } from './evaluate.ts';

/** @throws SyntaxError for calls that the analysis of the query would have refused */
export function call({ name, span, ...rest }: FunctionCall, compiled: readonly Evaluate[]): Evaluate {
  const found = FUNCTIONS.get(name.toLowerCase());
  if (found === undefined && AGGREGATES.has(name.toLowerCase())) {
    throw syntaxError('InvalidAggregation', `${name}() is an aggregate and cannot stand here`, span);
  }
  if (found === undefined) throw syntaxError('UnknownFunction', `there is no function ${name}()`, span);
  const given = rest.arguments.length;
  if (given < found.argumentsMin || given > found.argumentsMax) {
    throw syntaxError('InvalidNumberOfArguments', `${found.name}() does not take ${given} arguments`, span);
  }
  if (found.name === 'coalesce') return coalesce(compiled);
  // The pattern itself says whether it exists.
  if (found.name === 'exists' && rest.arguments[0]?.kind === 'pattern') return existence(compiled);
  const evaluate = plain(found, compiled);
  return found.stability === 'stable' && compiled.every(isConstant) ? oncePerQuery(evaluate) : evaluate;
}

function plain(found: ScalarFunction, compiled: readonly Evaluate[]): Evaluate {
  const { one, two, many, nulls } = found;
  const [first, second] = compiled;
  const strict = nulls === 'null';
  if (one !== undefined && first !== undefined) {
    if (!strict) return (row, context) => one(first(row, context), context);
    return (row, context) => {
      const value = first(row, context);
      return value === null ? null : one(value, context);
    };
  }
  if (two !== undefined && first !== undefined && second !== undefined) {
    return (row, context) => {
      const left = first(row, context);
      const right = second(row, context);
      return strict && (left === null || right === null) ? null : two(left, right, context);
    };
  }
  if (many === undefined) throw new TypeError(`the function ${found.name} has no code for its arguments`);
  return (row, context) => {
    const values: Value[] = [];
    for (const argument of compiled) values.push(argument(row, context));
    return strict && values.includes(null) ? null : many(values, context);
  };
}

/** Arguments behind the first one that is not null are not evaluated. */
const coalesce =
  (compiled: readonly Evaluate[]): Evaluate =>
  (row, context) => {
    for (const argument of compiled) {
      const value = argument(row, context);
      if (value !== null) return value;
    }
    return null;
  };

const existence =
  ([pattern]: readonly Evaluate[]): Evaluate =>
  (row, context) => {
    const value = pattern?.(row, context) ?? null;
    return typeof value === 'boolean' ? value : value !== null;
  };

function oncePerQuery(evaluate: Evaluate): Evaluate {
  const values = new WeakMap<QueryContext, { readonly value: Value }>();
  return (row, context) => {
    let known = values.get(context);
    if (known === undefined) {
      known = { value: evaluate(row, context) };
      values.set(context, known);
    }
    return known.value;
  };
}
