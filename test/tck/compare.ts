/**
 * Tells whether a result is the one that a table asks for. Rows are compared by the texts of value-text.ts, which are
 * the same exactly for equivalent values, so that a comparison in any order only counts texts, and says which differ.
 */
import type { TckResult } from './engine.ts';
import type { Expected } from './literals.ts';
import { describeValue, textOf } from './value-text.ts';

export interface ExpectedResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Expected[])[];
  readonly rowsInOrder: boolean;
  /** Lists are compared as multisets, those inside of others too. */
  readonly listsInAnyOrder: boolean;
}

/** Rows that a reason shows of what is missing and of what is too much. */
const ROWS_SHOWN = 5;
const CHARACTERS_SHOWN = 400;

/** Undefined if the result is as expected, else what differs. */
export function differenceOf(expected: ExpectedResult, actual: TckResult): string | undefined {
  const columns = columnsDifference(expected.columns, actual.columns);
  if (columns !== undefined) return columns;
  const width = expected.columns.length;
  const crooked = actual.rows.find((row) => row.length !== width);
  if (crooked !== undefined) return `a row has ${crooked.length} values for ${width} columns`;

  const rowText = (row: readonly Expected[]): string =>
    row.map((value) => textOf(value, expected.listsInAnyOrder)).join(' | ');
  const wanted = expected.rows.map(rowText);
  const given = actual.rows.map((row) => rowText(row.map(describeValue)));
  return expected.rowsInOrder ? sequenceDifference(wanted, given) : multisetDifference(wanted, given);
}

function columnsDifference(expected: readonly string[], actual: readonly string[]): string | undefined {
  const same = expected.length === actual.length && expected.every((name, index) => name === actual[index]);
  return same ? undefined : `columns are [${actual.join(' | ')}], expected [${expected.join(' | ')}]`;
}

function sequenceDifference(wanted: readonly string[], given: readonly string[]): string | undefined {
  if (wanted.length !== given.length) {
    const counts = `${given.length} rows, expected ${wanted.length}`;
    return `${counts}; ${multisetDifference(wanted, given) ?? ''}`;
  }
  const at = wanted.findIndex((text, index) => text !== given[index]);
  return at === -1 ? undefined : `row ${at + 1} is ${shown(given[at])}, expected ${shown(wanted[at])}`;
}

function multisetDifference(wanted: readonly string[], given: readonly string[]): string | undefined {
  const balance = new Map<string, number>();
  for (const text of wanted) balance.set(text, (balance.get(text) ?? 0) + 1);
  for (const text of given) balance.set(text, (balance.get(text) ?? 0) - 1);
  const missing: string[] = [];
  const extra: string[] = [];
  for (const [text, count] of balance) {
    for (let left = count; left > 0; left--) missing.push(text);
    for (let left = count; left < 0; left++) extra.push(text);
  }
  if (missing.length === 0 && extra.length === 0) return undefined;
  return [listed('missing', missing), listed('not expected', extra)].filter((part) => part !== '').join('; ');
}

function listed(title: string, texts: readonly string[]): string {
  if (texts.length === 0) return '';
  const more = texts.length > ROWS_SHOWN ? `, and ${texts.length - ROWS_SHOWN} more` : '';
  return `${title}: ${texts.slice(0, ROWS_SHOWN).map(shown).join(', ')}${more}`;
}

function shown(text = ''): string {
  return text.length > CHARACTERS_SHOWN
    ? `${text.slice(0, CHARACTERS_SHOWN)}…`
    : text === ''
      ? '(no columns)'
      : text;
}
