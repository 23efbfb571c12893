/** `=`, `<>`, the orders, and chains of them. */
import type { ComparisonOperator } from '../../syntax/ast.ts';
import { compare } from '../../values/comparison.ts';
import { equals } from '../../values/equality.ts';
import type { Truth } from '../../values/logic.ts';
import type { Value } from '../../values/value.ts';
import type { Evaluate } from './evaluate.ts';

export type Relate = (left: Value, right: Value) => Truth;

function unequal(left: Value, right: Value): Truth {
  const same = equals(left, right);
  return same === null ? null : !same;
}

function less(left: Value, right: Value): Truth {
  const order = compare(left, right);
  return order === null ? null : order < 0;
}

function lessOrEqual(left: Value, right: Value): Truth {
  const order = compare(left, right);
  return order === null ? null : order <= 0;
}

function greater(left: Value, right: Value): Truth {
  const order = compare(left, right);
  return order === null ? null : order > 0;
}

function greaterOrEqual(left: Value, right: Value): Truth {
  const order = compare(left, right);
  return order === null ? null : order >= 0;
}

const RELATIONS: Readonly<Record<ComparisonOperator, Relate>> = {
  '=': equals,
  '<>': unequal,
  '<': less,
  '<=': lessOrEqual,
  '>': greater,
  '>=': greaterOrEqual,
};

interface Link {
  readonly operator: ComparisonOperator;
  readonly operand: Evaluate;
}

export function comparison(first: Evaluate, links: readonly Link[]): Evaluate {
  const [only] = links;
  if (only === undefined) return first;
  if (links.length > 1) return chain(first, links);
  const { operand } = only;
  const relate = RELATIONS[only.operator];
  return (row, context) => relate(first(row, context), operand(row, context));
}

/** Each operand once; what follows a link that is false is not evaluated. */
function chain(first: Evaluate, links: readonly Link[]): Evaluate {
  const steps = links.map(({ operator, operand }) => ({ relate: RELATIONS[operator], operand }));
  return (row, context) => {
    let left = first(row, context);
    let result: Truth = true;
    for (const { relate, operand } of steps) {
      const right = operand(row, context);
      const holds = relate(left, right);
      if (holds === false) return false;
      if (holds === null) result = null;
      left = right;
    }
    return result;
  };
}
