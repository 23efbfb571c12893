/** Rows as a table that is not wider than the terminal: long cells are cut, and with many columns each row is a block. Pure. */
import type { Json } from '../../base/index.ts';
import { escapeControls, renderTable, shownCell, type TableColumn } from '../table.ts';
import { displayWidth } from '../width.ts';

/** A column that is cut to less says nothing. */
const COLUMN_MIN = 8;
/** Blanks and bar between two columns. */
const GAP = 3;

/** @param widthMax columns of the terminal; undefined for what is no terminal */
export function fittedTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Json[])[],
  widthMax: number | undefined,
): string {
  if (widthMax === undefined) return renderTable(columns, rows);
  const texts = rows.map((row) => columns.map((_, at) => shownCell(row[at] ?? null)));
  const widths = columns.map((column, at) =>
    texts.reduce(
      (widest, row) => Math.max(widest, displayWidth(row[at] ?? '')),
      displayWidth(escapeControls(column.name)),
    ),
  );
  const room = widthMax - 1 - GAP * (columns.length - 1);
  if (sum(widths) <= room) return renderTable(columns, rows);
  if (sum(widths.map((width) => Math.min(width, COLUMN_MIN))) > room) return blocks(columns, texts, widthMax);
  const allowed = shrunk(widths, room);
  // Cut texts are no cells any more: what was NULL has been written by now.
  return renderTable(
    columns.map(({ name, type }, at) => ({ name: cut(escapeControls(name), allowed[at] ?? 0), type })),
    texts.map((row) => row.map((text, at) => cut(text, allowed[at] ?? 0))),
    'written',
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Takes from the widest columns until all fit. */
function shrunk(widths: readonly number[], room: number): readonly number[] {
  let most = Math.max(...widths);
  while (most > COLUMN_MIN && sum(widths.map((width) => Math.min(width, most))) > room) most--;
  return widths.map((width) => Math.min(width, most));
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let taken = 0;
  for (const character of text) {
    taken += displayWidth(character);
    if (taken > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** `[row 1]`, and a line for each column. */
function blocks(
  columns: readonly TableColumn[],
  texts: readonly (readonly string[])[],
  widthMax: number,
): string {
  const names = columns.map(({ name }) => escapeControls(name));
  const widest = Math.min(Math.max(...names.map(displayWidth)), Math.floor(widthMax / 2));
  const lines = texts.flatMap((row, number) => [
    `[row ${number + 1}]`,
    ...names.map((name, at) => {
      const head = cut(name, widest);
      const label = ` ${head}${' '.repeat(widest - displayWidth(head))} | `;
      return `${label}${cut(row[at] ?? '', Math.max(COLUMN_MIN, widthMax - displayWidth(label)))}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}
