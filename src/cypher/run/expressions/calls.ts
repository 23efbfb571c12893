/**
 * Calls of scalar functions. Null arguments are dealt with here, so that most functions never see one; a call whose
 * arguments are all constant is made once per query, on its first use, since only then are clock and zone known.
 */
import { placed, syntaxError } from '../../cypher-error.ts';
import type { FunctionCall, Span } from '../../syntax/ast.ts';
import { isList, isMap } from '../../values/kinds.ts';
import { made, worked } from '../../values/meter.ts';
import type { Value } from '../../values/value.ts';
import { SCALAR_BYTES } from '../../values/weight.ts';
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
  const evaluate = plain(found, compiled, span);
  return found.stability === 'stable' && compiled.every(isConstant) ? oncePerQuery(evaluate) : evaluate;
}

function plain(found: ScalarFunction, compiled: readonly Evaluate[], span: Span): Evaluate {
  const { one, two, many, nulls } = found;
  const [first, second] = compiled;
  const strict = nulls === 'null';
  if (one !== undefined && first !== undefined) {
    return (row, context) => {
      const value = first(row, context);
      if (strict && value === null) return null;
      try {
        return counted(one(value, context), value);
      } catch (thrown) {
        throw placed(thrown, span);
      }
    };
  }
  if (two !== undefined && first !== undefined && second !== undefined) {
    return (row, context) => {
      const left = first(row, context);
      const right = second(row, context);
      if (strict && (left === null || right === null)) return null;
      try {
        return counted(two(left, right, context), left);
      } catch (thrown) {
        throw placed(thrown, span);
      }
    };
  }
  if (many === undefined) throw new TypeError(`the function ${found.name} has no code for its arguments`);
  return (row, context) => {
    const values: Value[] = [];
    for (const argument of compiled) values.push(argument(row, context));
    if (strict && values.includes(null)) return null;
    try {
      return counted(many(values, context), values[0] ?? null);
    } catch (thrown) {
      throw placed(thrown, span);
    }
  };
}

/** Below this nobody counts. */
const SHORT_TEXT = 256;

/** What a function made of something; reading a text takes a step for some characters. */
function counted(result: Value, from: Value): Value {
  if (typeof from === 'string' && from.length > SHORT_TEXT) worked(from.length >> 4);
  if (typeof result === 'string') {
    if (result.length > SHORT_TEXT) made(result.length);
  } else if (typeof result === 'object' && result !== null && result !== from) {
    if (isList(result)) {
      worked(result.length);
      made(SCALAR_BYTES * (1 + result.length));
    } else if (isMap(result)) made(2 * SCALAR_BYTES * (1 + result.size));
  }
  return result;
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
