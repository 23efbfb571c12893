/** `=~` as an expression: a pattern that is constant is compiled once, another one when it changes. */
import { placed } from '../../cypher-error.ts';
import type { Span } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { compileRegex } from '../regex/index.ts';
import { constantOf, type Evaluate } from './evaluate.ts';

/** Unknown unless both sides are strings. */
export function matching(text: Evaluate, pattern: Evaluate, span: Span): Evaluate {
  const fixed = constantOf(pattern);
  let last: string | undefined;
  let matches: (text: string) => boolean = () => false;
  const test = (value: Value, source: Value): Value => {
    try {
      return matched(value, source);
    } catch (thrown) {
      throw placed(thrown, span);
    }
  };
  const matched = (value: Value, source: Value): Value => {
    if (typeof value !== 'string' || typeof source !== 'string') return null;
    if (source !== last) {
      matches = compileRegex(source);
      last = source;
    }
    return matches(value);
  };
  if (fixed !== undefined) return (row, context) => test(text(row, context), fixed.value);
  return (row, context) => test(text(row, context), pattern(row, context));
}
