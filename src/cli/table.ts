/**
 * Rows as an aligned table of text. Pure: takes cells, gives a string.
 *
 * NULL is written `NULL`; a text that reads the same is put into quotes, so that the two can be told apart. Control
 * characters and the marks that reorder text are written as escapes: data must not be able to drive a terminal.
 */
import type { Json } from '../base/index.ts';
import { cellText } from './cells.ts';
import { displayWidth } from './width.ts';

export interface TableColumn {
  readonly name: string;
  /** Type name of the server; numbers stand on the right. */
  readonly type: string;
}

/**
 * The table with a head line and a rule, each line ended by a newline.
 * @param as `written`: the cells are texts of `shownCell`, maybe cut
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Json[])[],
  as: 'values' | 'written' = 'values',
): string {
  const body = rows.map((row) =>
    columns.map((_, at) => (as === 'written' ? String(row[at] ?? '') : shownCell(row[at] ?? null))),
  );
  const head = columns.map((column) => escapeControls(column.name));
  const widths = head.map((name, at) =>
    body.reduce((widest, row) => Math.max(widest, displayWidth(row[at] ?? '')), displayWidth(name)),
  );
  const line = (cells: readonly string[], rightAligns: readonly boolean[]): string =>
    ` ${cells.map((cell, at) => pad(cell, widths[at] ?? 0, rightAligns[at] === true)).join(' | ')}`.trimEnd();

  const numeric = columns.map((column) => isNumeric(column.type));
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return `${[line(head, numeric), rule, ...body.map((row) => line(row, numeric))].join('\n')}\n`;
}

const isNumeric = (type: string): boolean => /^(Int|Float|Decimal)/.test(type);

/** A cell on one line: NULL, and a text that reads the same in quotes. */
export function shownCell(cell: Json): string {
  const text = cellText(cell);
  if (text === null) return 'NULL';
  return /^'*NULL'*$/.test(text) ? `'${text}'` : escapeControls(text);
}

function pad(text: string, width: number, right: boolean): string {
  const gap = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? gap + text : text + gap;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The text on one line and without power over the terminal. */
export function escapeControls(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.charCodeAt(0);
    return (
      ESCAPES[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`)
    );
  });
}
