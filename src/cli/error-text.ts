/** Errors as a person at a terminal reads them. Pure: gives the text, prints nothing. */

import { NoServerError } from './http.ts';
import { ServerError } from './server-error.ts';
import { escapeControls } from './table.ts';
import { displayWidth } from './width.ts';

export interface Failure {
  /** Lines for standard error, ended by a newline. */
  readonly text: string;
  /** 1: the server or the input says no. 2: no server. */
  readonly exitCode: 1 | 2;
}

/** Characters shown on each side of the place of an error in a long line. */
const CONTEXT_CHARACTERS = 60;

/** What to print for anything a command may throw. `sql` is the statement, when there was one. */
export function failureOf(thrown: unknown, sql?: string): Failure {
  if (thrown instanceof NoServerError) return { text: `${thrown.message}\n`, exitCode: 2 };
  if (thrown instanceof ServerError) return { text: serverErrorText(thrown, sql), exitCode: 1 };
  return { text: `error: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`, exitCode: 1 };
}

function serverErrorText(error: ServerError, sql: string | undefined): string {
  const lines = [`error ${error.code}: ${error.message}`];
  if (sql !== undefined && error.position !== undefined) lines.push(...caretLines(sql, error.position));
  if (error.detail !== undefined) lines.push(`detail: ${error.detail}`);
  if (error.hint !== undefined && error.hint !== error.detail) lines.push(`hint: ${error.hint}`);
  if (error.requestId !== undefined) lines.push(`request: ${error.requestId}`);
  return `${lines.map(keepPrintable).join('\n')}\n`;
}

/** Line breaks stay: messages of functions in the database may have several lines. */
const keepPrintable = (text: string): string => text.split('\n').map(escapeControls).join('\n');

/**
 * The line of `sql` that holds character `position` (from 1, as PostgreSQL counts: code points), and a caret
 * under it. Nothing when the position is outside the text.
 */
export function caretLines(sql: string, position: number): string[] {
  const characters = [...sql];
  if (position < 1 || position > characters.length + 1) return [];
  const at = position - 1;
  const start = at === 0 ? 0 : characters.lastIndexOf('\n', at - 1) + 1;
  const nextBreak = characters.indexOf('\n', at);
  const end = nextBreak === -1 ? characters.length : nextBreak;
  const from = Math.max(start, at - CONTEXT_CHARACTERS);
  const to = Math.min(end, at + CONTEXT_CHARACTERS);

  const number = characters.slice(0, start).filter((char) => char === '\n').length + 1;
  const label = `line ${number}: ${from > start ? '…' : ''}`;
  const before = escapeControls(characters.slice(from, at).join(''));
  const after = escapeControls(characters.slice(at, to).join(''));
  return [
    `${label}${before}${after}${to < end ? '…' : ''}`,
    `${' '.repeat(displayWidth(label) + displayWidth(before))}^`,
  ];
}
