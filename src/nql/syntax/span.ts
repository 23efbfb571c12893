/** A part of a statement's text, kept with what was read from it, so that later errors can point at it. */

/** Offsets in UTF-16 units from 0; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where an offset is for people: both count from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeOf(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** Letters of a statement that a message quotes: enough to find the place by. */
const QUOTED_MAX = 40;

export function shorten(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ');
  return line.length <= QUOTED_MAX ? line : `${line.slice(0, QUOTED_MAX - 1)}…`;
}
