/**
 * Vectors in SQL texts of clients, for servers without pgvector: `VECTOR(3)` as a type becomes the domain `vector.d3`,
 * and a literal `'[1,2,3]'` that is a vector becomes `'{1,2,3}'`. Both are as long as what was written, so positions in
 * errors stay right. Strings, comments and names are left alone: what is replaced are whole tokens. Pure.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { readTokens, type SqlPiece } from '../../engine/index.ts';

export interface VectorText {
  readonly sql: string;
  /** Lengths of vectors that the text has as types. */
  readonly dimensions: readonly number[];
}

const WORTH_READING = /\bvector\b|<[=#-]>/i;

/** False when there is nothing to do for sure. */
export const mayHaveVectors = (sql: string): boolean => WORTH_READING.test(sql);

/** After these words a parenthesis follows a function, not a type. */
const NO_TYPE_AFTER = new Set(
  `SELECT DISTINCT FROM JOIN WHERE AND OR NOT ON BY HAVING CASE WHEN THEN ELSE IN LIKE ILIKE BETWEEN IS VALUES SET
  RETURNING DEFAULT CHECK USING LIMIT OFFSET UNION ALL EXCEPT INTERSECT INTO TABLE INSERT UPDATE DELETE EXISTS INDEX
  ANY SOME FILTER OVER PARTITION CREATE DROP CALL DO FUNCTION REFERENCES`.split(/\s+/),
);

/** A whole list of numbers in brackets, in quotes. */
const LIST = /^'\s*\[[\s\d.,eE+-]*\]\s*'$/;

/**
 * @throws INVALID_TYPE for a column of type VECTOR without its length, or with one that is not possible
 */
export function vectorText(sql: string): VectorText {
  if (!mayHaveVectors(sql)) return { sql, dimensions: [] };
  const pieces = readTokens(sql);
  const dimensions = new Set<number>();
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  const definition = /^(CREATE|ALTER)$/i.test(pieces[0]?.text ?? '');
  pieces.forEach((piece, at) => {
    if (isList(piece) && isVector(pieces, at)) {
      edits.push({ from: piece.from, to: piece.to, text: piece.text.replace('[', '{').replace(']', '}') });
    }
    if (!isTypeName(pieces, at)) return;
    const length = pieces[at + 2];
    const close = pieces[at + 3];
    if (pieces[at + 1]?.text !== '(') {
      if (definition && isColumnType(pieces, at)) throw withoutLength();
      return;
    }
    if (length === undefined || close?.text !== ')' || !/^\d+$/.test(length.text)) return;
    const number = Number(length.text);
    if (number < 1 || number > LIMITS.vectorDimensionsMax) throw outOfRange(length.text, piece.from);
    dimensions.add(number);
    edits.push({ from: piece.from, to: close.to, text: `vector.d${number}` });
  });
  return { sql: edited(sql, edits), dimensions: [...dimensions] };
}

const isList = ({ text }: SqlPiece): boolean => text.startsWith("'") && LIST.test(text);

/** `'[…]'::vector`, `CAST('[…]' AS vector…)`, `vector '[…]'`, and operands of the distance operators. */
function isVector(pieces: readonly SqlPiece[], at: number): boolean {
  const [before, next, second] = [pieces[at - 1], pieces[at + 1], pieces[at + 2]];
  if (isWord(before, 'VECTOR')) return true;
  if (next?.text === '::' || isWord(next, 'AS')) return isWord(second, 'VECTOR');
  return isDistance(before) || isDistance(next);
}

const isDistance = (piece: SqlPiece | undefined): boolean =>
  piece !== undefined && (piece.text === '<=>' || piece.text === '<->' || piece.text === '<#>');

const isWord = (piece: SqlPiece | undefined, word: string): boolean => piece?.text.toUpperCase() === word;

/** The word VECTOR where a type stands: behind a cast, or behind the name of a column. */
function isTypeName(pieces: readonly SqlPiece[], at: number): boolean {
  const piece = pieces[at];
  if (!isWord(piece, 'VECTOR')) return false;
  const before = pieces[at - 1];
  if (before === undefined) return false;
  if (before.text === '::') return true;
  if (!/^["\p{L}_]/u.test(before.text)) return false;
  return !NO_TYPE_AFTER.has(before.text.toUpperCase());
}

/** `name VECTOR,` or `name VECTOR)`, and not `ADD VECTOR` or `INDEX vector ON`, where it is a name. */
function isColumnType(pieces: readonly SqlPiece[], at: number): boolean {
  const next = pieces[at + 1]?.text.toUpperCase();
  const ends =
    next === undefined ||
    [',', ')', ';', 'NOT', 'NULL', 'DEFAULT', 'PRIMARY', 'UNIQUE', 'CHECK'].includes(next);
  const before = pieces[at - 1]?.text.toUpperCase() ?? '';
  const names = [
    'ADD',
    'COLUMN',
    'ALTER',
    'EXTENSION',
    'SCHEMA',
    'DOMAIN',
    'TO',
    'AS',
    'VIEW',
    '::',
    'EXISTS',
    'RENAME',
    'KEY',
  ];
  return ends && !names.includes(before);
}

/** The pieces in between stay, and room that is left over becomes space. */
function edited(
  sql: string,
  edits: readonly { readonly from: number; readonly to: number; readonly text: string }[],
): string {
  let result = '';
  let at = 0;
  for (const { from, to, text } of edits) {
    result += sql.slice(at, from) + text.padEnd(to - from);
    at = to;
  }
  return result + sql.slice(at);
}

const withoutLength = (): FacetError =>
  new FacetError(
    'INVALID_TYPE',
    'A column of type VECTOR needs the number of dimensions, such as VECTOR(768)',
  );

const outOfRange = (written: string, from: number): FacetError =>
  new FacetError('INVALID_TYPE', `VECTOR(${written}): 1 to ${LIMITS.vectorDimensionsMax} dimensions`, {
    position: from + 1,
  });
