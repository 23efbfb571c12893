/** What a schema says about an input, in the words of the client: its names of the fields, units of bounds. */
import type { z } from 'zod';
import { FacetError } from '../base/index.ts';

/**
 * The first complaint of a schema as an error of ours: a missing field has a code of its own.
 * @param fieldName how the dialect spells a field of the operation
 */
export function inputError(error: z.ZodError, fieldName: (name: string) => string): FacetError {
  const issue = error.issues[0];
  const path = issue?.path.map((part) => fieldName(String(part))).join('.') ?? '';
  const missing = issue?.code === 'invalid_type' && issue.message.includes('received undefined');
  if (missing) return new FacetError('MISSING_PARAMETER', `'${path}' is required`);
  if (issue?.code === 'unrecognized_keys') {
    const at = path === '' ? '' : ` in '${path}'`;
    return new FacetError(
      'INVALID_PARAMETER',
      `Unknown field${at}: ${issue.keys.map((key) => `'${key}'`).join(', ')}`,
    );
  }
  const subject = path === '' ? 'The input' : `'${path}'`;
  const message = issue?.message ?? 'is not valid';
  // A rule about several fields names them as the operation does; other messages name limits at most.
  const told = issue?.code === 'custom' ? message.replace(FIELD_OF_OURS, fieldName) : message;
  return new FacetError('INVALID_PARAMETER', `${subject}: ${told}${unitOf(issue, path)}`);
}

const FIELD_OF_OURS = /\b[a-z]+(?:[A-Z][a-z0-9]*)+\b/g;

/** The unit of a bound, where neither the name on the wire nor the message says that it is milliseconds. */
function unitOf(issue: z.core.$ZodIssue | undefined, path: string): string {
  if (issue?.code !== 'too_big' && issue?.code !== 'too_small') return '';
  const inMs = /Ms(?:Min|Max)?$/.test(String(issue.path.at(-1)));
  return inMs && !/ms$/i.test(path) && !/\bms\b/.test(issue.message) ? ' (in milliseconds)' : '';
}
