/**
 * What can be said of a SQL text without a database: its verb, how many statements it holds, which functions it
 * seems to call. A scanner, not a parser: it knows PostgreSQL's comments, quotes and dollar quotes, so that it is
 * not misled by what stands inside them, and takes the cautious reading where only a parser could tell.
 */
import { ESCAPED_NAME, type SqlToken, scanSql } from './sql-scanner.ts';

export interface SqlText {
  /** First keyword in upper case; of the main statement when the text begins with WITH. Empty for an empty text. */
  readonly verb: string;
  /** The very first keyword, such as WITH. */
  readonly leading: string;
  /** The keyword after the verb, such as TABLE in CREATE TABLE. */
  readonly second: string;
  readonly third: string;
  /** Statements between semicolons; empty ones do not count. */
  readonly statements: number;
  /** Names that stand before a parenthesis like a call, lower-case unless quoted, with their schema if written. */
  readonly functions: readonly string[];
  /** SELECT … INTO makes a table. */
  readonly into: boolean;
  /** FOR UPDATE, FOR SHARE and their kin. */
  readonly locking: boolean;
  /** Names temporary objects. */
  readonly temporary: boolean;
  /** INSERT, UPDATE, DELETE or MERGE inside WITH. */
  readonly dataModifyingWith: boolean;
  readonly returning: boolean;
  /**
   * EXPLAIN of something that is not a plain query or change: CREATE TABLE AS, SELECT INTO, EXECUTE. With ANALYZE it
   * would make its table even where PostgreSQL only allows reads.
   */
  readonly explainsCreation: boolean;
  /**
   * True when the statement itself leaves nothing in the session: no setting, lock, temporary table, cursor or
   * prepared statement. The functions it calls may still.
   */
  readonly sessionSafe: boolean;
}

const MAIN_VERBS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'VALUES', 'TABLE']);
const WRITERS = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const SESSION_SAFE_VERBS = new Set([
  ...MAIN_VERBS,
  'EXPLAIN',
  'SHOW',
  'CREATE',
  'ALTER',
  'DROP',
  'TRUNCATE',
  'COMMENT',
  'GRANT',
  'REVOKE',
  'ANALYZE',
  'VACUUM',
  'REINDEX',
  'CLUSTER',
  'REFRESH',
  'IMPORT',
  'CHECKPOINT',
  '',
]);

/** After these a name with a parenthesis is a table, a type or an alias with its columns, never a call. */
const NAMES_FOLLOW = new Set(['INTO', 'TABLE', 'EXISTS', 'REFERENCES', 'AS']);

/** Reserved words: before a parenthesis they cannot be the name of a function. */
const RESERVED = new Set(
  `ALL AND ANY ARRAY AS ASC BETWEEN BOTH BY CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS DEFAULT
  DEFERRABLE DESC DISTINCT DO ELSE END EXCEPT EXISTS EXTRACT FALSE FETCH FOR FOREIGN FROM FULL GRANT GROUP GROUPING
  HAVING ILIKE IN INITIALLY INNER INTERSECT INTO IS JOIN LATERAL LEADING LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON
  ONLY OR ORDER OUTER PLACING PRIMARY REFERENCES RETURNING RIGHT ROW SELECT SIMILAR SOME TABLE THEN TO TRAILING TRUE
  UNION UNIQUE USING VALUES VARIADIC WHEN WHERE WINDOW WITH`.split(/\s+/),
);

/** Reads `sql`; never throws, in time linear in its length. */
export function readSqlText(sql: string): SqlText {
  let leading = '';
  let verb = '';
  let second = '';
  let third = '';
  let statements = 0;
  let inStatement = false;
  let depth = 0;
  let into = false;
  let locking = false;
  let temporary = false;
  let writers = 0;
  let returning = false;
  let indexing = false;
  let settings = false;
  let creation = false;
  const functions = new Set<string>();
  /** The keyword or name before the current token, and the one before the name chain that is being read. */
  let previousWord = '';
  let chain = '';
  let beforeChain = '';
  let afterDot = false;

  const onWord = (token: SqlToken): void => {
    const word = token.quoted ? '' : token.text.toUpperCase();
    const name = token.quoted ? token.text : token.text.toLowerCase();
    if (afterDot) chain = `${chain}.${name}`;
    else {
      beforeChain = previousWord;
      chain = name;
    }
    // A name in Unicode escapes may be any name.
    if (name.startsWith('pg_temp') || name === ESCAPED_NAME) temporary = true;
    // Its rule makes an UPDATE change settings of the session.
    if (name === 'pg_settings') settings = true;
    if (word !== '' && !afterDot) {
      if (statements === 1) onKeyword(word);
      if (word === 'TEMP' || word === 'TEMPORARY') temporary = true;
    }
    previousWord = afterDot ? '' : word;
  };

  const onKeyword = (word: string): void => {
    if (leading === '') {
      leading = word;
      if (word !== 'WITH') verb = word;
    } else if (verb === '') {
      if (depth === 0 && MAIN_VERBS.has(word)) verb = word;
    } else if (second === '') {
      second = word;
    } else if (third === '') {
      third = word;
    }
    if (word === 'CREATE' || word === 'EXECUTE') creation = true;
    if (word === 'INTO') {
      into = true;
      if (previousWord !== 'INSERT' && previousWord !== 'MERGE') creation = true;
    } else if (word === 'RETURNING') returning = true;
    else if (word === 'INDEX') indexing = true;
    else if (previousWord === 'FOR' && /^(UPDATE|SHARE|NO|KEY)$/.test(word)) locking = true;
    else if (WRITERS.has(word) && previousWord !== 'FOR' && previousWord !== 'KEY') writers++;
  };

  for (const token of scanSql(sql)) {
    if (token.kind === 'semicolon' && depth <= 0) {
      inStatement = false;
      depth = 0;
      continue;
    }
    if (!inStatement) {
      inStatement = true;
      statements++;
      previousWord = '';
      chain = '';
    }
    switch (token.kind) {
      case 'word':
        onWord(token);
        afterDot = false;
        continue;
      case 'dot':
        afterDot = chain !== '';
        continue;
      case 'open':
        // A text may open with parentheses: (SELECT 1) UNION (SELECT 2).
        if (leading !== '') depth++;
        if (chain !== '' && isCall(chain, previousWord, beforeChain, verb === 'CREATE' && indexing))
          functions.add(chain);
        previousWord = '(';
        break;
      case 'close':
        if (depth > 0) depth--;
        previousWord = '';
        break;
      default:
        previousWord = '';
    }
    chain = '';
    afterDot = false;
  }

  const reads = verb === 'SELECT' || verb === 'VALUES' || verb === 'TABLE';
  if (verb === '' && leading === 'WITH') verb = 'WITH';
  return {
    verb,
    leading,
    second,
    third,
    statements,
    functions: [...functions],
    into: into && reads,
    locking,
    temporary,
    dataModifyingWith: writers > (WRITERS.has(verb) ? 1 : 0) && leading === 'WITH',
    returning,
    explainsCreation: verb === 'EXPLAIN' && creation,
    sessionSafe: statements <= 1 && !temporary && !(settings && !reads) && SESSION_SAFE_VERBS.has(verb),
  };
}

/** `beforeChain` is the word before the whole dotted name. In CREATE INDEX the table and method have parentheses too. */
function isCall(chain: string, lastWord: string, beforeChain: string, indexing: boolean): boolean {
  if (NAMES_FOLLOW.has(beforeChain)) return false;
  if (indexing && (beforeChain === 'ON' || beforeChain === 'USING')) return false;
  return chain.includes('.') || !RESERVED.has(lastWord);
}
