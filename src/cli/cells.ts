/**
 * A cell of an answer as the text that a person or a file gets. Numbers keep the digits that the server sent:
 * they were parsed exactly and are written back letter for letter.
 */
import { type Json, stringifyExactJson } from '../base/index.ts';

/** Text of a cell; null stays null, because tables and CSV files write it in ways of their own. */
export function cellText(cell: Json): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  return stringifyExactJson(cell);
}

/** The names, with `_2`, `_3` … added to repeated ones, so that each can be the key of an object. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let number = 2;
    while (taken.has(`${name}_${number}`)) number++;
    const unique = `${name}_${number}`;
    taken.add(unique);
    return unique;
  });
}

/** One row as a JSON object on one line. `names` are unique. */
export function jsonLine(names: readonly string[], row: readonly Json[]): string {
  const members = names.map((name, at) => `${JSON.stringify(name)}:${stringifyExactJson(row[at] ?? null)}`);
  return `{${members.join(',')}}\n`;
}

/** One record of a CSV file (RFC 4180, CRLF at its end). NULL is an empty field, an empty text is `""`. */
export function csvRecord(row: readonly Json[]): string {
  return `${row.map(csvField).join(',')}\r\n`;
}

function csvField(cell: Json): string {
  const text = cellText(cell);
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
