/** What documents a form of a statement; declared beside its parser, so that both change together. */

export interface Example {
  readonly statement: string;
  /** Statements that make what it works on, to be run before it. */
  readonly setup?: readonly string[];
}

/** The reference page has one section for each. */
export interface Form {
  /** `NODE CREATE` */
  readonly name: string;
  /** Of the statement it is read as. */
  readonly kind: string;
  /** On one line: keywords in capitals, `[ ]` what may be left out, `|` one of several, `…` and so on. */
  readonly syntax: string;
  /** A sentence, or a few: what it does, what it answers. */
  readonly summary: string;
  readonly examples: readonly Example[];
}
