/** SKIP and LIMIT. Their numbers are computed once per run, without a row. */
import { CypherError } from '../../cypher-error.ts';
import type { Expression } from '../../syntax/ast.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { Slots } from '../row.ts';
import type { Batches, Operator, Run } from '../run.ts';

export type Count = (run: Run) => number;

export function compileCount(expression: Expression, clause: string, environment: PlanEnvironment): Count {
  const evaluate: Evaluate = new ExpressionCompiler(environment).compile(expression, new Slots());
  return (run) => {
    const value = evaluate([], run.context);
    if (typeof value !== 'bigint') {
      throw new CypherError('SyntaxError', 'runtime', 'InvalidArgumentType', `${clause} takes an INTEGER`, {
        span: expression.span,
      });
    }
    if (value < 0n) {
      const message = `${clause} takes no negative number: ${value}`;
      throw new CypherError('SyntaxError', 'runtime', 'NegativeIntegerArgument', message, {
        span: expression.span,
      });
    }
    return value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(value);
  };
}

export const skipRows = (count: Count): Operator =>
  async function* skip(input, run): Batches {
    let left = count(run);
    for await (const batch of input) {
      if (left >= batch.length) left -= batch.length;
      else {
        yield left === 0 ? batch : batch.slice(left);
        left = 0;
      }
    }
  };

/** Asks for rows even when none are wanted: a clause before it may write, and it writes when it is asked. */
export const limitRows = (count: Count): Operator =>
  async function* limit(input, run): Batches {
    let left = count(run);
    for await (const batch of input) {
      if (left > 0) yield batch.length <= left ? batch : batch.slice(0, left);
      left -= batch.length;
      if (left <= 0) return;
    }
  };
