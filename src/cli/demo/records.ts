/**
 * Reads the text format of the OpenFlights files: CSV without a head line, where a field may stand in quotes, a
 * quote inside is doubled or has a backslash before it, a backslash takes the next character as it is, and `\N`
 * outside of quotes is "no value". Pure; what a record means is for clean.ts.
 */

export interface DatRecord {
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Null where the file says `\N`. */
  readonly fields: readonly (string | null)[];
  /** Set when the record cannot be read as written: its fields are then not to be trusted. */
  readonly fault?: string;
}

/** The records of a file's text, in order. Empty lines are none. */
export function* readRecords(text: string): Generator<DatRecord> {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = readRecord(text, at, line);
    if (record.fields.length > 1 || record.fields[0] !== '') yield record;
    for (; at < record.end; at++) if (text[at] === '\n') line++;
  }
}

interface FieldEnd {
  readonly value: string | null;
  readonly end: number;
  readonly fault?: string;
}

function readRecord(text: string, start: number, line: number): DatRecord & { readonly end: number } {
  const fields: (string | null)[] = [];
  let fault: string | undefined;
  let at = start;
  for (;;) {
    const field = text[at] === '"' ? readQuoted(text, at) : readPlain(text, at);
    fields.push(field.value);
    fault ??= field.fault;
    at = field.end;
    if (text[at] !== ',') break;
    at++;
  }
  if (text[at] === '\r') at++;
  return { line, fields, end: at + 1, ...(fault === undefined ? {} : { fault }) };
}

/** A field without quotes: up to the comma or the end of the line. */
function readPlain(text: string, start: number): FieldEnd {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++;
  // The carriage return belongs to the end of the line.
  if (text[end] !== ',' && text[end - 1] === '\r' && end > start) end--;
  const value = text.slice(start, end);
  return { value: value === '\\N' ? null : value.replace(/\\(.)/g, '$1'), end };
}

/** A field in quotes; `start` is at the first of them. */
function readQuoted(text: string, start: number): FieldEnd {
  let value = '';
  let at = start + 1;
  while (at < text.length) {
    const char = text[at];
    if (char === '\\' && at + 1 < text.length) {
      value += text[at + 1];
      at += 2;
    } else if (char !== '"') {
      value += char;
      at++;
    } else if (text[at + 1] === '"') {
      value += '"';
      at += 2;
    } else {
      return afterQuote(text, at + 1, value);
    }
  }
  return { value, end: at, fault: 'a quote is not closed' };
}

/** What follows a closing quote must end the field. */
function afterQuote(text: string, at: number, value: string): FieldEnd {
  const next = text[at];
  if (next === undefined || next === ',' || next === '\n' || next === '\r') return { value, end: at };
  const rest = readPlain(text, at);
  return { value: value + (rest.value ?? '\\N'), end: rest.end, fault: 'text after a closing quote' };
}
