/** Where expressions look into the graph, for whoever wants to find those values beforehand. */
import { childrenOf } from '../../semantics/tree.ts';
import type { Expression } from '../../syntax/ast.ts';
import type { PatternLike } from './evaluate.ts';

export interface PatternPlace {
  readonly expression: PatternLike;
  /** Local variables around it, of comprehensions and the like: with any of them it is not the same for a whole row. */
  readonly locals: readonly string[];
}

/** Everything that looks into the graph, outermost only, in the order of the text. */
export function patternPlaces(expression: Expression): readonly PatternPlace[] {
  const found: PatternPlace[] = [];
  const visit = (at: Expression, locals: readonly string[]): void => {
    if (at.kind === 'pattern' || at.kind === 'pattern-comprehension' || at.kind === 'subquery') {
      found.push({ expression: at, locals });
      return;
    }
    for (const { expression: inner, binds } of childrenOf(at)) visit(inner, [...locals, ...binds]);
  };
  visit(expression, []);
  return found;
}

/** The expressions of `patternPlaces`. */
export const collectPatternExpressions = (expression: Expression): readonly PatternLike[] =>
  patternPlaces(expression).map((place) => place.expression);
