/** The three languages that the shell speaks, and how far each of them reads a statement. */

export const MODES = ['sql', 'cypher', 'neumann'] as const;
export type Mode = (typeof MODES)[number];

export interface Syntax {
  /** A line is a statement; else it ends with `;`. */
  readonly byLine: boolean;
  /** What begins a comment that the line ends. */
  readonly lineComment: string;
  /** Comments in comments end one by one. */
  readonly nestsComments: boolean;
  /** Each ends what it begins; doubled it stands for itself. */
  readonly quotes: string;
  /** Quotes in which a backslash takes the next character as it is. In SQL only behind E. */
  readonly escapes: string;
  readonly dollarQuotes: boolean;
}

export const SYNTAX: Readonly<Record<Mode, Syntax>> = {
  sql: {
    byLine: false,
    lineComment: '--',
    nestsComments: true,
    quotes: `'"`,
    escapes: '',
    dollarQuotes: true,
  },
  cypher: {
    byLine: false,
    lineComment: '//',
    nestsComments: false,
    quotes: `'"\``,
    escapes: `'"`,
    dollarQuotes: false,
  },
  neumann: {
    byLine: true,
    lineComment: '--',
    nestsComments: false,
    quotes: `'"\``,
    escapes: `'"`,
    dollarQuotes: false,
  },
};
