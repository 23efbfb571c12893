/** Why a command could not do its work, as text for standard error and as the exit code of the process. */
import { inspect } from 'node:util';
import { asFacetError, ERROR_CODES, type ErrorCode, FacetError } from '../base/index.ts';

/** Codes of sysexits.h, which service managers know: 69 unavailable, 70 software, 75 try later, 78 configuration. */
const EXIT_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  CONFIG_INVALID: 78,
  STORE_INVALID: 78,
  STORE_UNSUPPORTED: 78,
  NAMESPACE_INVALID: 78,
  STORE_LOCKED: 75,
  STORE_UNUSABLE: 69,
  SCHEMA_FROM_FUTURE: 69,
  MIGRATION_CHANGED: 69,
  LISTEN_FAILED: 69,
  UNAVAILABLE: 69,
  UNAUTHORIZED: 69,
  TOO_MANY_CONNECTIONS: 69,
  INTERNAL_ERROR: 70,
};

/** For everything that has no code of its own above. */
const EXIT_FAILED = 1;
const EXIT_UNKNOWN = 70;

export function exitCodeOf(thrown: unknown): number {
  if (!(thrown instanceof FacetError)) return EXIT_UNKNOWN;
  return EXIT_CODES[thrown.code] ?? EXIT_FAILED;
}

/**
 * What happened and what to do: a line each. With `full`, the stack and the causes as well, for reports of bugs.
 */
export function failureText(thrown: unknown, full: boolean): string {
  const error = asFacetError(thrown);
  const foreign = error === thrown ? undefined : describe(thrown);
  const lines = [`error ${error.code}: ${foreign ?? error.message}`];
  if (error.detail !== undefined) lines.push(`detail: ${error.detail}`);
  lines.push(`hint: ${error.hint ?? adviceOf(error.code, foreign)}`);
  if (full) lines.push(inspect(thrown, { depth: 6 }));
  return `${lines.join('\n')}\n`;
}

function adviceOf(code: ErrorCode, foreign: string | undefined): string {
  if (foreign !== undefined)
    return 'This is a fault of Facet. Run it with --log-level debug for the whole story.';
  return code === 'CONFIG_INVALID' ? 'See facet serve --help.' : ERROR_CODES[code].advice;
}

const describe = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
