/** AND, OR, XOR and NOT. The right operand is left alone when the left one decides. */
import type { Span } from '../../syntax/ast.ts';
import type { Evaluate } from './evaluate.ts';
import { truth } from './predicate.ts';

export function conjunction(left: Evaluate, right: Evaluate, span: Span): Evaluate {
  return (row, context) => {
    const first = truth(left(row, context), span);
    if (first === false) return false;
    const second = truth(right(row, context), span);
    return second === false ? false : first === null ? null : second;
  };
}

export function disjunction(left: Evaluate, right: Evaluate, span: Span): Evaluate {
  return (row, context) => {
    const first = truth(left(row, context), span);
    if (first === true) return true;
    const second = truth(right(row, context), span);
    return second === true ? true : first === null ? null : second;
  };
}

export function exclusion(left: Evaluate, right: Evaluate, span: Span): Evaluate {
  return (row, context) => {
    const first = truth(left(row, context), span);
    const second = truth(right(row, context), span);
    return first === null || second === null ? null : first !== second;
  };
}

export function negation(operand: Evaluate, span: Span): Evaluate {
  return (row, context) => {
    const value = truth(operand(row, context), span);
    return value === null ? null : !value;
  };
}
