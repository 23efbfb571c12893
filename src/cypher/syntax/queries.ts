/** Queries: clauses in a row, UNION between them, and the order in which clauses may stand. */
import type { Clause, MatchClause, RegularQuery, SingleQuery } from './ast.ts';
import { clause } from './clauses.ts';
import { isShortest } from './pattern-lookahead.ts';
import { pathPatterns } from './patterns.ts';
import type { QueryKind, TokenStream } from './token-stream.ts';

export function regularQuery(stream: TokenStream, kind: QueryKind): RegularQuery {
  const { start } = stream.token;
  if (isPatternBody(stream, kind)) return patternBody(stream);
  const parts = [singleQuery(stream, kind)];
  const unions: RegularQuery['unions'][number][] = [];
  while (stream.isKeyword('UNION')) {
    const { start: unionStart } = stream.token;
    const union = unionAt(stream);
    if (unions.length > 0 && unions[0] !== union) {
      throw stream.invalid(
        'InvalidClauseComposition',
        'UNION and UNION ALL cannot be mixed in one query',
        unionStart,
      );
    }
    unions.push(union);
    parts.push(singleQuery(stream, kind));
  }
  checkYieldAll(stream, parts, kind);
  return { kind: 'query', parts, unions, span: stream.spanFrom(start) };
}

/** `UNION`, `UNION DISTINCT`, `UNION ALL` */
function unionAt(stream: TokenStream): 'UNION' | 'UNION ALL' {
  stream.advance();
  if (stream.acceptKeyword('ALL')) return 'UNION ALL';
  stream.acceptKeyword('DISTINCT');
  return 'UNION';
}

function singleQuery(stream: TokenStream, kind: QueryKind): SingleQuery {
  const { start } = stream.token;
  const clauses: Clause[] = [];
  let last: Clause | undefined;
  for (let next = clause(stream); next !== undefined; next = clause(stream)) {
    if (last?.kind === 'return') {
      const message = 'RETURN ends a query: nothing but UNION can follow';
      throw stream.invalid('InvalidClauseComposition', message, next.span);
    }
    clauses.push(next);
    last = next;
  }
  if (last === undefined)
    throw stream.unexpected('a clause such as MATCH, CREATE, WITH, UNWIND, CALL or RETURN');
  if (isAtEnd(stream)) checkEnd(stream, last, kind);
  return { clauses, span: stream.spanFrom(start) };
}

/** Anything else here is a mistake in the last clause, and is told as such. */
const isAtEnd = (stream: TokenStream): boolean =>
  stream.isAtEnd || stream.is(';') || stream.is('}') || stream.isKeyword('UNION');

const NAMES: Partial<Record<Clause['kind'], string>> = { match: 'MATCH', unwind: 'UNWIND', with: 'WITH' };

/** A query ends with RETURN, a clause that writes, or CALL. Whether a pattern matches can be asked without RETURN. */
function checkEnd(stream: TokenStream, last: Clause, kind: QueryKind): void {
  if (last.kind === 'return') return;
  if (kind === 'COLLECT') {
    throw stream.invalid('InvalidClauseComposition', 'COLLECT { } ends with RETURN', last.span);
  }
  if (kind === 'EXISTS' || kind === 'COUNT') return;
  const name = NAMES[last.kind];
  if (name === undefined) return;
  throw stream.invalid(
    'InvalidClauseComposition',
    `A query cannot end with ${name}: RETURN or a clause that writes must follow`,
    last.span,
  );
}

/** `YIELD *` is for a call that is the whole statement. */
function checkYieldAll(stream: TokenStream, parts: readonly SingleQuery[], kind: QueryKind): void {
  const isAlone = kind === 'whole' && parts.length === 1 && parts[0]?.clauses.length === 1;
  if (isAlone) return;
  for (const { clauses } of parts) {
    for (const { kind: clauseKind, span, ...call } of clauses) {
      if (clauseKind !== 'call-procedure' || !('yields' in call) || call.yields !== '*') continue;
      throw stream.invalid(
        'UnexpectedSyntax',
        'YIELD * is for a CALL that stands alone: name the fields',
        span,
      );
    }
  }
}

/** `EXISTS { (a)-->(b) WHERE … }`: no clause, just what MATCH would have. */
function isPatternBody(stream: TokenStream, kind: QueryKind): boolean {
  if (kind !== 'EXISTS' && kind !== 'COUNT') return false;
  return stream.is('(') || isShortest(stream, 0) || stream.peek(1).symbol === '=';
}

function patternBody(stream: TokenStream): RegularQuery {
  const { start } = stream.token;
  const patterns = pathPatterns(stream);
  const where = stream.acceptKeyword('WHERE') ? stream.expression() : undefined;
  const span = stream.spanFrom(start);
  const match: MatchClause = { kind: 'match', optional: false, patterns, where, span };
  return { kind: 'query', parts: [{ clauses: [match], span }], unions: [], span };
}
