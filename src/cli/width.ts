/**
 * How many columns of a terminal a text takes. Letters of East Asia and pictographs take two, marks that combine
 * with the letter before them take none (Unicode Standard Annex 11, in ranges broad enough for alignment).
 */

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;

/** First and last code point of what terminals draw two columns wide. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], // Hangul Jamo
  [0x2e80, 0x303e], // CJK radicals and punctuation
  [0x3041, 0x33ff], // Kana to CJK compatibility
  [0x3400, 0x4dbf], // CJK extension A
  [0x4e00, 0x9fff], // CJK ideographs
  [0xa000, 0xa4cf], // Yi
  [0xac00, 0xd7a3], // Hangul syllables
  [0xf900, 0xfaff], // CJK compatibility ideographs
  [0xfe30, 0xfe6f], // CJK compatibility forms
  [0xff00, 0xff60], // Full-width forms
  [0xffe0, 0xffe6],
  [0x1f1e6, 0x1f1ff], // Flags
  [0x1f300, 0x1faff], // Pictographs
  [0x20000, 0x3fffd], // CJK extensions B and later
];

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns that the text takes on a terminal. Control characters are the caller's to escape. */
export function displayWidth(text: string): number {
  // Most cells are plain letters and digits, and segmenting is slow.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0;
  // U+FE0F asks for the picture form of a character that also has a text form.
  if (grapheme.includes('\ufe0f') && PICTOGRAPH.test(grapheme)) return 2;
  if (WIDE.some(([first, last]) => code >= first && code <= last)) return 2;
  return ZERO.test(String.fromCodePoint(code)) ? 0 : 1;
}
