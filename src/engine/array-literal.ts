/** PostgreSQL's text form of an array, so that a list travels as one parameter. */
import type { Parameter } from './contract.ts';

/** A (nested) list of text values; null stays NULL. */
export type ArrayElement = Parameter | readonly ArrayElement[];

/**
 * The array literal of `values`, such as `{"a","b",NULL}`. Every text is quoted, so that empty strings, `NULL` as
 * a word, commas and braces keep their meaning. Nested lists must have equal lengths; PostgreSQL refuses others.
 */
export function arrayLiteral(values: readonly ArrayElement[]): string {
  const pieces: string[] = [];
  for (const value of values) {
    if (value === null) pieces.push('NULL');
    else if (typeof value === 'string') pieces.push(quoted(value));
    else pieces.push(arrayLiteral(value));
  }
  return `{${pieces.join(',')}}`;
}

/** Backslashes first, for those that are put before quotes are not the value's. Most texts have none of one or of both. */
function quoted(value: string): string {
  const text = value.includes('\\') ? value.replaceAll('\\', '\\\\') : value;
  return `"${text.includes('"') ? text.replaceAll('"', '\\"') : text}"`;
}
