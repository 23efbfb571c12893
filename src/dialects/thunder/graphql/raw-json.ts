/**
 * JSON that is text already, and the writing of answers around it. Cells come from PostgreSQL as text with all their
 * digits; as JavaScript values they would lose some.
 */

/** The JSON text of a value. */
export class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The JSON text of the data of an answer: what graphql-js completed, with RawJson for leaves. Names of members are names of
 * GraphQL, which need no escapes.
 */
export function dataText(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const element of value) text += text === '' ? dataText(element) : `,${dataText(element)}`;
    return `[${text}]`;
  }
  for (const name in value) {
    const member = dataText((value as Readonly<Record<string, unknown>>)[name]);
    text += text === '' ? `"${name}":${member}` : `,"${name}":${member}`;
  }
  return `{${text}}`;
}
