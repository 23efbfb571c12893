/** Names inside SQL text. Values never go this way: they are parameters. */
import { FacetError } from '../base/index.ts';

/**
 * `name` as a quoted identifier, whatever characters it has.
 * @throws INVALID_PARAMETER for an empty name or one with a NUL character, which PostgreSQL cannot store.
 */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new FacetError(
      'INVALID_PARAMETER',
      'A name in SQL must have at least one character and no NUL character',
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** `text` as a string literal, for the few statements that take no parameters, such as COMMENT. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}
