/** An SQL expression that a client gives as part of a statement of ours, such as the default of a column. Pure. */
import { FacetError } from '../base/index.ts';
import { scanSql } from '../engine/index.ts';

/**
 * `expression` in parentheses that provably enclose all of it: whatever it says, it stays one operand. Whether it
 * makes sense there, PostgreSQL decides.
 *
 * The text is read together with the parentheses, and only its last token may close the first. A quote, comment or
 * parenthesis that is open at the end would swallow that token, one too many would close it earlier. The line break
 * ends a comment that runs to the end of the line.
 * @throws INVALID_SQL naming `place`
 */
export function enclosedExpression(expression: string, place: string): string {
  const enclosed = `(${expression}\n)`;
  let depth = 0;
  let tokens = 0;
  let closedEarly = false;
  for (const token of scanSql(enclosed)) {
    if (tokens > 0 && depth === 0) closedEarly = true;
    tokens++;
    if (token.kind === 'open') depth++;
    else if (token.kind === 'close') depth--;
    else if (token.kind === 'semicolon') closedEarly = true;
  }
  const empty = tokens === 2;
  if (empty || closedEarly || depth !== 0 || /[\0\ud800-\udfff]/u.test(expression)) {
    throw new FacetError('INVALID_SQL', `${place} is not one SQL expression`, {
      detail: empty ? 'It is empty.' : 'Its quotes, comments or parentheses do not close where it ends.',
    });
  }
  return enclosed;
}
