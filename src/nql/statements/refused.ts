/** Statements that are known by name and not served: transactions, the chain, patterns. Each says what to use instead. */
import { StatementError } from '../statement-error.ts';
import type { Reader } from '../syntax/reader.ts';
import type { Span } from '../syntax/span.ts';

/** For the executor to refuse: only the words that name it have been read. */
export interface Refused {
  readonly kind: 'refused';
  /** `CHAIN` */
  readonly name: string;
  /** A sentence without its point. */
  readonly reason: string;
  readonly hint: string | undefined;
  readonly span: Span;
}

/** What begins with any of these words; a symbol stands as itself. */
interface Rule {
  readonly begins: readonly (readonly string[])[];
  readonly reason: string;
  readonly hint: string;
}

const TRANSACTION = 'Statements of this language commit one by one';
const TRANSACTION_HINT = 'Write one SQL statement that does all, or use a transaction of the REST interface.';
const CHAIN = 'There is no chain of blocks here: PostgreSQL keeps the log';
const CHAIN_HINT = 'CHECKPOINT and ROLLBACK TO keep and restore states of the data.';
const PATTERN = 'Patterns are matched by Cypher';
const PATTERN_HINT = 'Send it as Cypher; in the shell, switch to it by \\cypher.';

/** The first that fits counts. */
const RULES: readonly Rule[] = [
  {
    begins: [['BEGIN', 'CHAIN'], ['COMMIT', 'CHAIN'], ['ROLLBACK', 'CHAIN'], ['CHAIN']],
    reason: CHAIN,
    hint: CHAIN_HINT,
  },
  {
    begins: [
      ['BEGIN'],
      ['START'],
      ['COMMIT'],
      ['END'],
      ['ABORT'],
      ['SAVEPOINT'],
      ['RELEASE'],
      ['ROLLBACK', 'TO', 'SAVEPOINT'],
    ],
    reason: TRANSACTION,
    hint: TRANSACTION_HINT,
  },
  {
    begins: [
      ['SHOW', 'CODEBOOK'],
      ['ANALYZE', 'CODEBOOK'],
    ],
    reason: 'Vectors are stored as they are, without a codebook',
    hint: 'SHOW VECTOR INDEX tells how they are searched.',
  },
  {
    begins: [
      ['CLUSTER', 'CONNECT'],
      ['CLUSTER', 'DISCONNECT'],
    ],
    reason: 'Servers join a cluster by their configuration',
    hint: 'CLUSTER NODES tells who has joined.',
  },
  {
    begins: [['MATCH'], ['OPTIONAL'], ['MERGE', '('], ['CREATE', '('], ['DETACH'], ['GRAPH', 'PATTERN']],
    reason: PATTERN,
    hint: PATTERN_HINT,
  },
];

export function refusedStatement(reader: Reader): Refused | undefined {
  if (!FIRST_WORDS.has(reader.token.upper)) return undefined;
  for (const { begins, reason, hint } of RULES) {
    const words = begins.find((begin) =>
      begin.every((word, at) => reader.isWord(word, at) || reader.is(word, at)),
    );
    if (words !== undefined) return refused(reader, words, reason, hint);
  }
  if (!reader.isWord('ROLLBACK') || reader.isWord('TO', 1)) return undefined;
  return refused(reader, ['ROLLBACK'], TRANSACTION, TRANSACTION_HINT);
}

function refused(reader: Reader, words: readonly string[], reason: string, hint: string): Refused {
  const { start } = reader.token;
  return {
    kind: 'refused',
    name: nameOf(words),
    reason,
    hint,
    span: { start, end: reader.peek(words.length - 1).end },
  };
}

const nameOf = (words: readonly string[]): string => words.join(' ').replace(/\($/, '(…)');

/** What to throw for a refused statement. */
export const refusal = ({ name, reason, hint, span }: Refused, text: string): StatementError =>
  new StatementError('FEATURE_NOT_SUPPORTED', text, span, {
    what: `${name} is not supported: ${reason}`,
    hint,
  });

const FIRST_WORDS: ReadonlySet<string> = new Set(
  RULES.flatMap(({ begins }) => begins.map(([first = '']) => first)),
);

/** First words that lead here. */
export const REFUSED_WORDS: readonly string[] = [...FIRST_WORDS];

/** For the reference page: what is refused, why, and what to use. */
export const REFUSALS: readonly {
  readonly names: readonly string[];
  readonly reason: string;
  readonly hint: string;
}[] = RULES.map(({ begins, reason, hint }) => ({ names: begins.map(nameOf), reason, hint }));
