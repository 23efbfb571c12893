/** Statements of the Neumann query language in a form that tests can write down: without places, maps as objects. */
import { expect } from 'vitest';
import { readStatement, StatementError } from '../../src/nql/index.ts';

/** The statement without spans and without members that are undefined; a bare name, key or id is its text. */
export const read = (text: string): unknown => plain(readStatement(text));

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { span: _, isQuoted, ...rest } = value as Record<string, unknown>;
  const members = Object.entries(rest).filter(([, item]) => item !== undefined);
  const [only] = members;
  const isText = members.length === 1 && only?.[0] === 'text';
  if (isText) return isQuoted === true ? { quoted: only[1] } : only[1];
  if (rest.by === 'id') return rest.id;
  if (rest.by === 'key') return plain(rest.key);
  if (rest.by === 'vector') return plain(rest.vector);
  if (Array.isArray(rest.components)) return rest.components;
  return Object.fromEntries(members.map(([key, item]) => [key, plain(item)]));
}

/** The text of what `text` is refused with, and the part of it that the error points at: `message >part<` */
export function refuses(text: string): string {
  try {
    readStatement(text);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    const { start, end } = error.span;
    expect(error.position).toBe(start + 1);
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return `${error.message} >${text.slice(start, end)}<${hint}`;
  }
  return expect.fail(`${text} is not refused`);
}
