/** Tokens of a SQL text as they are written, with their places, for those who replace some of them. */
import { scanPlaces } from './sql-scanner.ts';

export interface SqlPiece {
  /** As written: names with their quotes, strings with theirs. `::` and operators are whole. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const OPERATOR = /^[-+*/<>=~!@#%^&|`?:]$/;

/** The tokens of `sql`, without comments and space. Runs of operator characters are one piece. */
export function readTokens(sql: string): readonly SqlPiece[] {
  const pieces: SqlPiece[] = [];
  for (const { from, to } of scanPlaces(sql)) {
    const text = sql.slice(from, to);
    const last = pieces.at(-1);
    if (last !== undefined && last.to === from && OPERATOR.test(text) && OPERATOR.test(last.text.slice(-1))) {
      pieces[pieces.length - 1] = { text: last.text + text, from: last.from, to };
    } else {
      pieces.push({ text, from, to });
    }
  }
  return pieces;
}
