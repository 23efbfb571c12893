/** From a text to the statement it is: which parser, by the first word. */
import { didYouMean, LIMITS } from '../base/index.ts';
import { SQL_VERBS, sqlStatement } from './sql/sql.ts';
import type { Statement } from './statement.ts';
import { StatementError } from './statement-error.ts';
import { aggregateStatement } from './statements/aggregates.ts';
import { ALGORITHM_WORDS, algorithmStatement } from './statements/algorithms.ts';
import { batchStatement } from './statements/batches.ts';
import { blobListStatement } from './statements/blob-lists.ts';
import { blobStatement } from './statements/blobs.ts';
import { cacheStatement } from './statements/cache.ts';
import {
  clusterStatement,
  countWordStatement,
  describeStatement,
  showStatement,
} from './statements/catalog.ts';
import { checkpointStatement, checkpointsStatement, rollbackStatement } from './statements/checkpoints.ts';
import { constraintStatement } from './statements/constraints.ts';
import { edgeStatement } from './statements/edges.ts';
import { embedStatement } from './statements/embeddings.ts';
import { entityStatement } from './statements/entities.ts';
import { explainStatement, startsExplain } from './statements/explain.ts';
import { findStatement } from './statements/find.ts';
import { graphIndexStatement } from './statements/graph-indexes.ts';
import { neighborsStatement } from './statements/neighbors.ts';
import { nodeStatement } from './statements/nodes.ts';
import { pathStatement } from './statements/paths.ts';
import { REFUSED_WORDS, refusedStatement } from './statements/refused.ts';
import { similarStatement } from './statements/similar.ts';
import { vaultStatement } from './statements/vault.ts';
import { choose } from './syntax/clauses.ts';
import { Reader } from './syntax/reader.ts';
import { shorten } from './syntax/span.ts';

type Parser = (reader: Reader) => Statement;

/** What follows GRAPH; some of it stands alone as well. */
const OF_GRAPH: Readonly<Record<string, Parser>> = {
  CONSTRAINT: constraintStatement,
  INDEX: graphIndexStatement,
  AGGREGATE: aggregateStatement,
  BATCH: batchStatement,
};

/** Each is given the reader behind its word. */
const PARSERS: Readonly<Record<string, Parser>> = {
  NODE: nodeStatement,
  EDGE: edgeStatement,
  NEIGHBORS: neighborsStatement,
  PATH: pathStatement,
  GRAPH: graphStatement,
  CONSTRAINT: constraintStatement,
  AGGREGATE: aggregateStatement,
  BATCH: batchStatement,
  EMBED: embedStatement,
  SIMILAR: similarStatement,
  FIND: findStatement,
  ENTITY: entityStatement,
  BLOB: blobStatement,
  BLOBS: blobListStatement,
  CHECKPOINT: checkpointStatement,
  CHECKPOINTS: checkpointsStatement,
  ROLLBACK: rollbackStatement,
  CACHE: cacheStatement,
  VAULT: vaultStatement,
  SHOW: showStatement,
  DESCRIBE: describeStatement,
  COUNT: countWordStatement,
  CLUSTER: clusterStatement,
};

/** Words that a statement can begin with, for completion and for suggestions. */
export const STATEMENT_WORDS: readonly string[] = [
  ...new Set([...Object.keys(PARSERS), ...ALGORITHM_WORDS, ...SQL_VERBS, ...REFUSED_WORDS]),
].sort();

/**
 * The statement that a text is, read to its end, in time and memory linear in its length. Nothing is looked up: whether
 * what it names exists is for the one who runs it. What is known but not served is a statement of kind `refused`.
 * @throws StatementError INVALID_STATEMENT where the text goes wrong; LIMIT_EXCEEDED or PAYLOAD_TOO_LARGE naming the bound
 */
export function readStatement(text: string): Statement {
  checkSize(text);
  const reader = new Reader(text);
  let isFirst = true;
  while (reader.accept(';')) isFirst = false;
  if (reader.isAtEnd) throw reader.invalid(reader.token, 'The statement is empty');
  const refused = refusedStatement(reader);
  if (refused !== undefined) return refused;
  const { upper } = reader.token;
  const parser = startsExplain(reader)
    ? explainStatement
    : Object.hasOwn(PARSERS, upper)
      ? PARSERS[upper]
      : undefined;
  if (parser !== undefined) {
    reader.advance();
    return finished(reader, parser(reader));
  }
  if (upper === 'EXPLAIN' && Object.hasOwn(PARSERS, reader.peek(1).upper)) {
    reader.advance();
    throw reader.unexpected('FIND, SIMILAR or a statement of SQL');
  }
  if (ALGORITHM_WORDS.includes(upper)) return finished(reader, algorithmStatement(reader));
  if (SQL_VERBS.includes(upper)) return sqlStatement(reader, isFirst);
  throw unknown(reader);
}

function graphStatement(reader: Reader): Statement {
  if (ALGORITHM_WORDS.includes(reader.token.upper)) return algorithmStatement(reader);
  const algorithms = ALGORITHM_WORDS.map((word) => [word, () => algorithmStatement(reader)] as const);
  const others = Object.entries(OF_GRAPH).map(([word, parser]) => [word, () => parser(reader)] as const);
  return choose<Statement>(reader, Object.fromEntries([...algorithms, ...others]));
}

/** What is refused may go on in a way that nobody has read. */
function finished(reader: Reader, statement: Statement): Statement {
  if (statement.kind !== 'refused') reader.finish();
  return statement;
}

function checkSize(text: string): void {
  const most = LIMITS.nqlTextBytesMax;
  // A UTF-16 unit is at most three bytes of UTF-8, so that most texts need no counting.
  if (text.length * 3 <= most || Buffer.byteLength(text) <= most) return;
  throw new StatementError(
    'PAYLOAD_TOO_LARGE',
    '',
    { start: 0, end: 0 },
    {
      what: `The statement is larger than ${most} bytes (nqlTextBytesMax)`,
      hint: 'Send data in several statements, and artifacts by BlobService.Upload.',
    },
  );
}

function unknown(reader: Reader): StatementError {
  const { kind, upper, text } = reader.token;
  if (kind !== 'word') return reader.unexpected('a statement');
  return reader.invalid(
    reader.token,
    `Unknown statement '${shorten(text)}'`,
    didYouMean(upper.slice(0, WORD_MAX), STATEMENT_WORDS) ??
      'The reference of the query language lists all statements.',
  );
}

/** Letters that are compared with known words; longer ones are none. */
const WORD_MAX = 40;
