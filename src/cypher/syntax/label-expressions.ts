/** Label expressions: `:A|B&!C`, `:A:B`, `%`, in patterns and behind expressions. */
import type { LabelExpression } from './ast.ts';
import type { TokenStream } from './token-stream.ts';

/**
 * What follows the first colon. `|` binds least, then `&` and its older spelling `:`, then `!`. The older `|:` is `|`.
 */
export function labelExpression(stream: TokenStream): LabelExpression {
  const first = conjunction(stream);
  if (!isAlternative(stream)) return first;
  const operands = [first];
  while (isAlternative(stream)) {
    stream.advance();
    stream.accept(':');
    operands.push(conjunction(stream));
  }
  return { kind: 'or', operands };
}

/**
 * A bar that joins labels. Where a bar ends the expression, `x:A|B|y` has two: then only the last one does.
 */
function isAlternative(stream: TokenStream): boolean {
  if (!stream.is('|')) return false;
  if (!stream.barEnds) return true;
  const { kind } = stream.peek(1);
  return (kind === 'name' || kind === 'quoted-name') && stream.peek(2).symbol === '|';
}

function conjunction(stream: TokenStream): LabelExpression {
  const first = term(stream);
  if (!stream.is('&') && !stream.is(':')) return first;
  const operands = [first];
  while (stream.accept('&') || stream.accept(':')) operands.push(term(stream));
  return { kind: 'and', operands };
}

function term(stream: TokenStream): LabelExpression {
  if (stream.accept('!')) {
    stream.enter();
    const operand = term(stream);
    stream.leave();
    return { kind: 'not', operand };
  }
  if (stream.accept('%')) return { kind: 'wildcard' };
  if (stream.is('(')) return inParentheses(stream);
  return { kind: 'label', name: labelName(stream) };
}

function inParentheses(stream: TokenStream): LabelExpression {
  stream.advance();
  stream.enter();
  const before = stream.barEnds;
  stream.barEnds = false;
  const inner = labelExpression(stream);
  stream.barEnds = before;
  stream.leave();
  stream.expect(')', "'&', '|' or ");
  return inner;
}

/** `:A:B` of SET and REMOVE: names only, since there is nothing to choose from. */
export function labelNames(stream: TokenStream): string[] {
  const names: string[] = [];
  while (stream.accept(':') || (names.length > 0 && stream.accept('&'))) names.push(labelName(stream));
  return names;
}

/** Newer dialects compute labels: `:$($expression)`, `:$name`. */
function labelName(stream: TokenStream): string {
  const { start, kind } = stream.token;
  if (kind !== 'name' && kind !== 'quoted-name' && stream.text.charAt(start) === '$') {
    throw stream.unsupported('A label that is computed', 'Write the label itself.');
  }
  return stream.name('a label or type');
}
