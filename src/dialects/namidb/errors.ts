/**
 * FacetError -> HTTP status and error body of the NamiDB HTTP API. A body is `{"error": text}` as there;
 * `code`, and for faults of a query `type`, `detail`, `line` and `column`, are additions. Faults of the client in a query that runs are
 * 400 and not 500.
 */
import type { FacetError } from '../../base/index.ts';
import { CypherError } from '../../cypher/index.ts';
import { canWrite } from '../../models/index.ts';
import { codeStatuses, publicMessage } from '../http/index.ts';

/** JSON of a wrong shape, and what a query did not find. */
export const statusOfCode = codeStatuses(
  { MISSING_PARAMETER: 422, INVALID_PARAMETER: 422, ENTITY_NOT_FOUND: 400, PROPERTY_NOT_FOUND: 400 },
  { limit: 413, unsupported: 400 },
);

/** JSON text of the body. @param query the text that was to be run, where the request had one */
export function errorBody(error: FacetError, query?: string): string {
  const cypher = error instanceof CypherError ? cypherMembers(error, query) : {};
  return JSON.stringify({ error: errorText(error, query), code: error.code, hint: error.hint, ...cypher });
}

/** openCypher's words, and where the text has a place to show, its line and column, both from 1. */
function cypherMembers({ type, reason, span }: CypherError, query: string | undefined): object {
  if (span === undefined || query === undefined) return { type, detail: reason };
  const before = query.slice(0, span.start).split('\n');
  return { type, detail: reason, line: before.length, column: [...(before.at(-1) ?? '')].length + 1 };
}

/** Faults in the order of the letters of a query; all other faults of its text are found by looking at its meaning. */
const FAULTS_OF_LETTERS = new Set([
  'UnexpectedSyntax',
  'InvalidNumberLiteral',
  'InvalidUnicodeCharacter',
  'InvalidUnicodeLiteral',
]);

/** Details of openCypher that the NamiDB HTTP API has a word of its own for. */
const KIND_OF_DETAIL: ReadonlyMap<string, string> = new Map([
  ['UndefinedVariable', 'BindingNotFound'],
  ['VariableAlreadyBound', 'DoubleBinding'],
  ['VariableTypeConflict', 'DoubleBinding'],
  ['DifferentColumnsInUnion', 'InvalidUnion'],
]);

function errorText(error: FacetError, query: string | undefined): string {
  if (error.kind === 'internal') return publicMessage(error);
  if (error.code === 'UNAUTHORIZED') return 'missing or invalid bearer token';
  if (error.code === 'WRITER_FENCED') return `write execution failed: storage: ${error.message}`;
  if (!(error instanceof CypherError)) return error.message;
  const message = `${error.message}${placeOf(error, query)}`;
  if (error.phase === 'runtime') return `${wordOf(query)} execution failed: EvalError: ${message}`;
  if (FAULTS_OF_LETTERS.has(error.reason)) return `parse error: ${message}`;
  return `plan error: ${KIND_OF_DETAIL.get(error.reason) ?? error.reason}: ${message}`;
}

/** ` at [s..e)`, in bytes of UTF-8. */
function placeOf({ span }: CypherError, query: string | undefined): string {
  if (span === undefined || query === undefined) return '';
  const bytes = (to: number): number => Buffer.byteLength(query.slice(0, to));
  return ` at [${bytes(span.start)}..${bytes(span.end)})`;
}

/** `write` for a query that can write. */
const wordOf = (query: string | undefined): string =>
  query !== undefined && canWrite(query) ? 'write' : 'read';
