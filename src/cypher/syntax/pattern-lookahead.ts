/**
 * Whether a parenthesis opens a pattern or an expression: `(a)-[r]-(b)` against `(a)-(b)`. Decided at once by the
 * tokens around the bracket that closes it, so that nothing is ever parsed twice.
 */
import type { TokenStream } from './token-stream.ts';

/** True if at this index a pattern with at least one relationship begins. */
export function isPattern(stream: TokenStream, index: number): boolean {
  const opener = stream.at(index);
  if (opener.symbol !== '(' || opener.match < 0 || !looksLikeNode(stream, index)) return false;
  let at = opener.match + 1;
  const pointsLeft = stream.at(at).symbol === '<';
  if (pointsLeft) at++;
  if (stream.at(at).symbol !== '-') return false;
  at++;
  const next = stream.at(at);
  if (next.symbol === '[') {
    if (pointsLeft) return true;
    if (!looksLikeRelationship(stream, at)) return false;
    const inside = stream.at(at + 1).symbol;
    if (inside === ':' || inside === '*') return true;
    at = next.match;
    if (at < 0) return true;
    at++;
    if (stream.at(at).symbol !== '-') return false;
  } else if (next.symbol !== '-') return false;
  at++;
  if (stream.at(at).symbol === '>') return true;
  return looksLikeNode(stream, at);
}

/** `shortestPath(` or `allShortestPaths(` so many tokens ahead. */
export function isShortest(stream: TokenStream, ahead: number): boolean {
  const { keyword } = stream.peek(ahead);
  return (
    (keyword === 'SHORTESTPATH' || keyword === 'ALLSHORTESTPATHS') && stream.peek(ahead + 1).symbol === '('
  );
}

/** `()`, `(:`, `({`, `(a)`, `(a:`, `(a {`, `(a WHERE`, `(a $map)`. */
function looksLikeNode(stream: TokenStream, index: number): boolean {
  if (stream.at(index).symbol !== '(') return false;
  const first = stream.at(index + 1);
  if (first.symbol === ')' || first.symbol === ':' || first.symbol === '{') return true;
  if (first.keyword === 'WHERE') return true;
  if (first.kind === 'parameter') return stream.at(index + 2).symbol === ')';
  if (first.kind !== 'name' && first.kind !== 'quoted-name') return false;
  const second = stream.at(index + 2);
  return (
    second.symbol === ')' ||
    second.symbol === ':' ||
    second.symbol === '{' ||
    second.keyword === 'WHERE' ||
    second.kind === 'parameter'
  );
}

/** `[]`, `[:`, `[*`, `[{`, `[r]`, `[r:`, `[r*`, `[r {`, `[r WHERE`, `[r $map]`. */
function looksLikeRelationship(stream: TokenStream, index: number): boolean {
  const first = stream.at(index + 1);
  if (first.symbol === ']' || first.symbol === ':' || first.symbol === '*' || first.symbol === '{')
    return true;
  if (first.keyword === 'WHERE') return true;
  if (first.kind !== 'name' && first.kind !== 'quoted-name') return false;
  const second = stream.at(index + 2);
  return (
    second.symbol === ']' ||
    second.symbol === ':' ||
    second.symbol === '*' ||
    second.symbol === '{' ||
    second.keyword === 'WHERE' ||
    second.kind === 'parameter'
  );
}
