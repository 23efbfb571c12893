/** Properties by name: `{ key: value, … }`, or `key = value, …` without braces. */
import type { Reader } from './reader.ts';
import { type Value, value } from './values.ts';

/** In the order of the text; no name is there twice. */
export type Properties = ReadonlyMap<string, Value>;

export const NO_PROPERTIES: Properties = new Map();

/** Both spellings, or nothing. */
export function optionalProperties(reader: Reader): Properties {
  if (reader.is('{')) return propertyMap(reader);
  return startsAssignment(reader) ? assignments(reader) : NO_PROPERTIES;
}

/** Both spellings, one of which must be there. */
export function properties(reader: Reader): Properties {
  if (reader.is('{')) return propertyMap(reader);
  if (startsAssignment(reader)) return assignments(reader);
  throw reader.unexpected("properties: '{' or key = value");
}

export function startsAssignment(reader: Reader): boolean {
  const { kind } = reader.token;
  return (kind === 'word' || kind === 'quoted-word') && reader.is('=', 1);
}

/**
 * In braces.
 * @param special reads values that have a meaning of their own, by their keys; true if it did
 */
export function propertyMap(reader: Reader, special: (key: string) => boolean = () => false): Properties {
  const found = new Map<string, Value>();
  const seen = new Set<string>();
  reader.expect('{');
  reader.list('}', () => {
    const { start } = reader.token;
    const key = propertyKey(reader);
    if (seen.has(key)) throw reader.invalid(reader.spanFrom(start), `The property '${key}' is given twice`);
    seen.add(key);
    reader.expect(':');
    if (!special(key)) found.set(key, value(reader));
  });
  return found;
}

function assignments(reader: Reader): Properties {
  const found = new Map<string, Value>();
  do {
    const { start } = reader.token;
    const key = propertyKey(reader);
    if (found.has(key)) throw reader.invalid(reader.spanFrom(start), `The property '${key}' is given twice`);
    reader.expect('=');
    found.set(key, value(reader));
  } while (reader.accept(','));
  return found;
}

function propertyKey(reader: Reader): string {
  const { kind, text } = reader.token;
  const isName = kind === 'word' || kind === 'quoted-word' || kind === 'string';
  if (!isName || text === '') throw reader.unexpected('the name of a property');
  return reader.advance().text;
}
