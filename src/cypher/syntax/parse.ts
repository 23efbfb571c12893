/** The door of the parser: Cypher text to its syntax tree. */
import type { Statement } from './ast.ts';
import { continued, expression, operand } from './expressions.ts';
import { lex } from './lexer.ts';
import { pathPattern } from './patterns.ts';
import { regularQuery } from './queries.ts';
import { schemaCommand } from './schema-commands.ts';
import { type Grammar, TokenStream } from './token-stream.ts';

const GRAMMAR: Grammar = { expression, operand, continued, pathPattern, query: regularQuery };

/**
 * One statement: a query or a schema command, perhaps behind EXPLAIN or PROFILE, perhaps with `;` at its end. Takes
 * time and memory linear in the length of the text. Throws a CypherError of type SyntaxError at compile time, whose span
 * is where the text goes wrong.
 */
export function parse(text: string): Statement {
  const stream = new TokenStream(text, lex(text), GRAMMAR);
  const mode = modeOf(stream);
  if (stream.isAtEnd) throw stream.unexpected('a query');
  const body = schemaCommand(stream) ?? regularQuery(stream, 'whole');
  if (stream.accept(';') && !stream.isAtEnd) {
    throw stream.unexpected('the end of the query', 'A request holds one statement.');
  }
  if (!stream.isAtEnd) {
    const isQuery = body.kind === 'query';
    throw stream.unexpected(
      isQuery ? "an operator, ',', a clause or the end of the query" : 'the end of the command',
    );
  }
  return { mode, body, text };
}

function modeOf(stream: TokenStream): Statement['mode'] {
  if (stream.isKeyword('CYPHER')) {
    throw stream.unsupported('CYPHER with options', 'Leave it out: there is one version and one planner.');
  }
  if (stream.acceptKeyword('EXPLAIN')) return 'EXPLAIN';
  if (stream.acceptKeyword('PROFILE')) return 'PROFILE';
  return 'RUN';
}
