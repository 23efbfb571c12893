/** What graphd's clients are told of an error: a text. Errors of a query begin with the part of the engine that found them. */
import type { ErrorCode, FacetError } from '../../base/index.ts';
import { CypherError } from '../../cypher/index.ts';
import { codeStatuses, publicMessage } from '../http/index.ts';

/** Faults in the order of the letters of a query; all other faults of its text are found by looking at its meaning. */
const FAULTS_OF_LETTERS: ReadonlySet<string> = new Set([
  'UnexpectedSyntax',
  'InvalidNumberLiteral',
  'InvalidUnicodeCharacter',
  'InvalidUnicodeLiteral',
]);

const NAMES_ITS_FINDER = /^[A-Z]\w* exception: /;

export function errorText(error: FacetError): string {
  const message = publicMessage(error);
  if (!(error instanceof CypherError) || NAMES_ITS_FINDER.test(message)) return message;
  if (error.phase === 'runtime') return `Runtime exception: ${message}`;
  return FAULTS_OF_LETTERS.has(error.reason)
    ? `Parser exception: ${message}`
    : `Binder exception: ${message}`;
}

export const statusOfCode = codeStatuses({ INVALID_JSON: 400 });

/** A statement that fails is an answer like any other; these are about the caller or the server. */
const OF_HTTP: ReadonlySet<FacetError['kind']> = new Set([
  'unauthenticated',
  'forbidden',
  'unavailable',
  'internal',
]);

const CODES_OF_HTTP: ReadonlySet<ErrorCode> = new Set([
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'PAYLOAD_TOO_LARGE',
]);

/** True for what has a status of its own. */
export const isOfHttp = ({ kind, code }: FacetError): boolean => OF_HTTP.has(kind) || CODES_OF_HTTP.has(code);
