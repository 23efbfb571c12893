/** Reads PostgreSQL's text form of a composite value, `(1,"a ""b""",)`: how triggers note a row. Pure. */
import { FacetError } from '../../../base/index.ts';
import type { Cell } from '../../cell.ts';

/** Characters that the parts of a quoted field end at. */
const SPECIAL = /["\\]/g;

/**
 * The fields in their order; null where nothing stands, which an empty text never is. Of a type without columns one null.
 * @throws CHANGES_UNAVAILABLE for what is no composite value
 */
export function readRowText(text: string): Cell[] {
  if (!text.startsWith('(')) throw garbled(text);
  const cells: Cell[] = [];
  let at = 1;
  for (;;) {
    if (text[at] === '"') {
      const field = quotedField(text, at);
      cells.push(field.value);
      at = field.end;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== ')') end++;
      cells.push(end === at ? null : text.slice(at, end));
      at = end;
    }
    const separator = text[at];
    at++;
    if (separator === ',') continue;
    if (separator !== ')' || at !== text.length) throw garbled(text);
    return cells;
  }
}

/** `at`: its opening quotation mark. Quotation marks and backslashes inside are doubled. */
function quotedField(text: string, at: number): { readonly value: string; readonly end: number } {
  let value = '';
  let from = at + 1;
  SPECIAL.lastIndex = from;
  for (let match = SPECIAL.exec(text); match !== null; match = SPECIAL.exec(text)) {
    const [special] = match;
    const next = match.index + 1;
    if (text[next] !== special) {
      if (special === '\\') throw garbled(text);
      return { value: value + text.slice(from, match.index), end: next };
    }
    value += text.slice(from, next);
    from = next + 1;
    SPECIAL.lastIndex = from;
  }
  throw garbled(text);
}

const garbled = (text: string): FacetError =>
  new FacetError('CHANGES_UNAVAILABLE', `A noted row does not parse: ${text.slice(0, 40)}`);
