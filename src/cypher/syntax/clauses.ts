/** One clause, told by its first words. */
import type { Clause, ForeachClause, MatchClause, UnwindClause } from './ast.ts';
import { callClause } from './call-clauses.ts';
import { pathPatterns } from './patterns.ts';
import { returnClause, withClause } from './projections.ts';
import type { TokenStream } from './token-stream.ts';
import { createClause, deleteClause, mergeClause, removeClause, setClause } from './update-clauses.ts';

const WRITING: ReadonlySet<string> = new Set([
  'CREATE',
  'MERGE',
  'SET',
  'REMOVE',
  'DELETE',
  'DETACH',
  'NODETACH',
  'FOREACH',
]);

const READING: ReadonlySet<string> = new Set(['MATCH', 'OPTIONAL', 'WITH', 'RETURN', 'UNWIND', 'CALL']);

/** Clauses of other dialects and versions, with what to write instead. */
const UNSUPPORTED: Readonly<Record<string, readonly [what: string, hint: string | undefined]>> = {
  LOAD: ['LOAD CSV', 'Send the rows as a parameter and UNWIND them: UNWIND $rows AS row …'],
  USE: ['USE', 'The connection or the path of the request names the database.'],
  USING: ['USING (a hint for the planner, or PERIODIC COMMIT)', 'Leave it out.'],
  START: ['START', 'Write MATCH (n) WHERE …'],
  FINISH: ['FINISH', 'Leave it out: a query may end with a clause that writes.'],
  INSERT: ['INSERT', 'Write CREATE.'],
  LET: ['LET', 'Write WITH *, expression AS name.'],
  FILTER: ['FILTER', 'Write WITH * WHERE …'],
};

/** The next clause; undefined if the next token begins none. */
export function clause(stream: TokenStream): Clause | undefined {
  const { keyword, start } = stream.token;
  if (keyword === '') return undefined;
  stream.countClause();
  if (stream.readingIn !== undefined && WRITING.has(keyword)) {
    throw stream.invalid(
      'InvalidClauseComposition',
      `${keyword} cannot stand in ${stream.readingIn} { }`,
      start,
    );
  }
  switch (keyword) {
    case 'MATCH':
      return matchClause(stream, start, false);
    case 'OPTIONAL':
      stream.advance();
      if (stream.isKeyword('CALL')) return callClause(stream, start, true);
      if (!stream.isKeyword('MATCH')) throw stream.unexpected('MATCH or CALL');
      return matchClause(stream, start, true);
    case 'WITH':
      return withClause(stream);
    case 'RETURN':
      return returnClause(stream);
    case 'UNWIND':
      return unwindClause(stream);
    case 'CREATE':
      return createClause(stream);
    case 'MERGE':
      return mergeClause(stream);
    case 'SET':
      return setClause(stream);
    case 'REMOVE':
      return removeClause(stream);
    case 'DELETE':
    case 'DETACH':
    case 'NODETACH':
      return deleteClause(stream);
    case 'FOREACH':
      return foreachClause(stream);
    case 'CALL':
      return callClause(stream, start, false);
    default:
  }
  const unsupported = UNSUPPORTED[keyword];
  if (unsupported !== undefined) throw stream.unsupported(...unsupported);
  return undefined;
}

function matchClause(stream: TokenStream, start: number, optional: boolean): MatchClause {
  stream.advance();
  const patterns = pathPatterns(stream);
  if (stream.isKeyword('USING')) throw stream.unsupported('A hint with USING', 'Leave it out.');
  const where = stream.acceptKeyword('WHERE') ? stream.expression() : undefined;
  return { kind: 'match', optional, patterns, where, span: stream.spanFrom(start) };
}

function unwindClause(stream: TokenStream): UnwindClause {
  const { start } = stream.advance();
  const list = stream.expression();
  stream.expectKeyword('AS', 'an operator or ');
  const variable = stream.variable();
  return { kind: 'unwind', list, variable, span: stream.spanFrom(start) };
}

/** `FOREACH (x IN list | SET … CREATE …)` */
function foreachClause(stream: TokenStream): ForeachClause {
  const { start } = stream.advance();
  stream.enter();
  stream.expect('(');
  const variable = stream.variable();
  stream.expectKeyword('IN');
  const list = stream.expressionWith(true);
  stream.expect('|', 'an operator or ');
  const clauses: Clause[] = [];
  while (!stream.is(')')) {
    const { keyword, start: inner } = stream.token;
    if (READING.has(keyword)) {
      const message = `${keyword} cannot stand in FOREACH: only clauses that write can`;
      throw stream.invalid('InvalidClauseComposition', message, inner);
    }
    const written = clause(stream);
    if (written === undefined) throw stream.unexpected(clauses.length > 0 ? "a clause or ')'" : 'a clause');
    clauses.push(written);
  }
  if (clauses.length === 0) throw stream.unexpected('a clause that writes');
  stream.advance();
  stream.leave();
  return { kind: 'foreach', variable, list, clauses, span: stream.spanFrom(start) };
}
