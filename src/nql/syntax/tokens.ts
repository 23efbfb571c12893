/** What the lexer hands to the parsers. Keywords are words: what a word means depends on where it stands. */

export type TokenKind =
  | 'word'
  /** A name in backticks: never a keyword. */
  | 'quoted-word'
  | 'string'
  | 'integer'
  | 'float'
  | 'symbol'
  /** Text that is no token. It is reported when a parser gets to it, so that the first mistake is the one told. */
  | 'fault'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** The content: a name without backticks, a string with its escapes resolved, a symbol. For a fault: what is wrong. */
  readonly text: string;
  /** A word in upper case, for comparing with keywords; '' for everything else. */
  readonly upper: string;
  /** The magnitude of a number: an integer is at most 2^63, which is legal behind a minus only. */
  readonly number: bigint | number;
  /** Of a fault. */
  readonly hint: string | undefined;
}
