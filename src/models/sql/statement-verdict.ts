/**
 * Which SQL statements are taken, by their first words: decided before PostgreSQL sees the text. Sessions are shared
 * between callers, so what lives in a session (settings, prepared statements, cursors, temporary tables) only makes
 * sense inside a transaction, where the session belongs to one caller. Transactions have operations of their own,
 * and bulk copies have no channel for their data. Pure.
 *
 * Not the guard of a read-only caller: that is PostgreSQL's read-only transaction. Only statements that could switch
 * it off are refused here.
 */
import { type ErrorCode, FacetError, type Role, roleAllows } from '../../base/index.ts';
import { type SqlText, scanSql } from '../../engine/index.ts';

export interface VerdictCircumstances {
  readonly inTransaction: boolean;
  readonly role: Role;
}

/** Statements of every day, taken without a closer look. */
const PLAIN = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'VALUES', 'TABLE']);

const CONTROL = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ABORT', 'ROLLBACK']);
const SAVEPOINTS = new Set(['SAVEPOINT', 'RELEASE']);

const CONTROL_HINT = 'Begin, commit and roll back by the transaction operations, not in SQL text.';
const IN_TRANSACTION = 'Begin a transaction and run it there: it ends with the transaction.';

/** Statements that outlive their call in the session, and what to do instead. */
const SESSION: Readonly<Record<string, string>> = {
  SET: 'Begin a transaction and use SET LOCAL there; for a time limit use timeoutMs.',
  RESET: 'Settings never outlive a call or transaction, so there is nothing to reset.',
  PREPARE: 'Use the operation sql.prepare.',
  EXECUTE: 'Use the operation sql.execute.',
  DEALLOCATE: 'Use the operation sql.deallocate.',
  DECLARE: `${IN_TRANSACTION} To read a large result, ask for it as a stream.`,
  FETCH: `${IN_TRANSACTION} To read a large result, ask for it as a stream.`,
  MOVE: IN_TRANSACTION,
  CLOSE: IN_TRANSACTION,
  LOAD: 'Libraries are loaded by the configuration of PostgreSQL.',
};

const DEFINING = new Set(['CREATE', 'ALTER', 'DROP']);
const SERVER_OBJECTS = new Set(['DATABASE', 'ROLE', 'USER', 'GROUP', 'TABLESPACE', 'SYSTEM']);

/** What could lift the read-only mode of a transaction, or end it from within. */
const MODE_CHANGING = new Set(['SET', 'RESET', 'DO', 'CALL']);

/**
 * Undefined when the statement may go to PostgreSQL, else why not: INVALID_SQL, TRANSACTION_CONTROL_NOT_ALLOWED,
 * FEATURE_NOT_SUPPORTED, READ_ONLY_TRANSACTION or FORBIDDEN.
 * @param sql the text that `text` was read from
 */
export function statementVerdict(
  sql: string,
  text: SqlText,
  circumstances: VerdictCircumstances,
): FacetError | undefined {
  if (text.statements === 1 && PLAIN.has(text.verb) && !(text.into && text.temporary)) return undefined;
  if (text.statements === 0) return new FacetError('INVALID_SQL', 'The SQL text is empty');
  const words = wordsOf(sql);
  if (text.statements > 1 && !hasStandardBody(words)) {
    return new FacetError('INVALID_SQL', 'The SQL text has multiple statements; send them one by one', {
      hint: 'To make several statements one unit, begin a transaction.',
    });
  }
  const verb = words[0] ?? '';
  return (
    controlVerdict(verb, words, circumstances.inTransaction) ??
    channelVerdict(verb, words) ??
    readOnlyVerdict(verb, circumstances.role) ??
    serverVerdict(verb, words, circumstances.role) ??
    sessionVerdict(verb, words, circumstances.inTransaction)
  );
}

function controlVerdict(
  verb: string,
  words: readonly string[],
  inTransaction: boolean,
): FacetError | undefined {
  const toSavepoint = SAVEPOINTS.has(verb) || (verb === 'ROLLBACK' && isRollbackTo(words));
  if (toSavepoint) {
    return inTransaction ? undefined : control(`${verb} works inside a transaction only`, CONTROL_HINT);
  }
  if (CONTROL.has(verb)) return control(`${verb} is not taken as SQL text`, CONTROL_HINT);
  if (verb === 'PREPARE' && words[1] === 'TRANSACTION') {
    return control(
      'PREPARE TRANSACTION is not offered: nobody would finish it if you were gone',
      CONTROL_HINT,
    );
  }
  if (verb === 'SET' && setsTransaction(words) && !inTransaction) {
    return control(
      'SET TRANSACTION works inside a transaction only',
      'Give the isolation level when the transaction begins.',
    );
  }
  return undefined;
}

const control = (message: string, hint: string): FacetError =>
  new FacetError('TRANSACTION_CONTROL_NOT_ALLOWED', message, { hint });

/** ROLLBACK [WORK | TRANSACTION] TO [SAVEPOINT] name */
const isRollbackTo = (words: readonly string[]): boolean =>
  words[1] === 'TO' || ((words[1] === 'WORK' || words[1] === 'TRANSACTION') && words[2] === 'TO');

const setsTransaction = (words: readonly string[]): boolean =>
  words[1] === 'TRANSACTION' || (words[1] === 'LOCAL' && words[2] === 'TRANSACTION');

/** Statements whose other half would travel beside the answer. */
function channelVerdict(verb: string, words: readonly string[]): FacetError | undefined {
  if (verb === 'COPY' && (words.includes('STDIN') || words.includes('STDOUT'))) {
    return words.includes('STDIN')
      ? unsupported(
          'COPY FROM STDIN is not offered',
          'Use INSERT … SELECT * FROM unnest($1::int[], $2::text[]).',
        )
      : unsupported('COPY TO STDOUT is not offered', 'Ask for the rows as a stream.');
  }
  if (verb === 'LISTEN' || verb === 'UNLISTEN') {
    return unsupported(`${verb} is not offered: sessions are shared, so nobody would hear`, 'NOTIFY works.');
  }
  return undefined;
}

function readOnlyVerdict(verb: string, role: Role): FacetError | undefined {
  if (role !== 'read' || !MODE_CHANGING.has(verb)) return undefined;
  return new FacetError('READ_ONLY_TRANSACTION', `${verb} is not open to a principal that may only read`);
}

/** What belongs to the whole server and not to one namespace. */
function serverVerdict(verb: string, words: readonly string[], role: Role): FacetError | undefined {
  const object = words[1] ?? '';
  const isServerWide = DEFINING.has(verb) && SERVER_OBJECTS.has(object) && words[2] !== 'MAPPING';
  if (!isServerWide || roleAllows(role, 'admin')) return undefined;
  return new FacetError('FORBIDDEN', `${verb} ${object} needs role admin`);
}

function sessionVerdict(
  verb: string,
  words: readonly string[],
  inTransaction: boolean,
): FacetError | undefined {
  // These two would take away the statements that the server itself has prepared in the session.
  if (verb === 'DISCARD' || (verb === 'DEALLOCATE' && words.includes('ALL'))) {
    return unsupported(`${verb} is not offered: sessions are shared and cleaned by the server`);
  }
  if (inTransaction) return undefined;
  const instead = SESSION[verb];
  if (instead !== undefined) {
    return unsupported(`${verb} is not offered outside a transaction: sessions are shared`, instead);
  }
  if (makesTemporary(verb, words)) {
    return unsupported(
      'Temporary tables are not offered outside a transaction: sessions are shared',
      IN_TRANSACTION,
    );
  }
  return undefined;
}

const unsupported = (message: string, hint?: string): FacetError =>
  new FacetError('FEATURE_NOT_SUPPORTED' satisfies ErrorCode, message, { hint });

/** CREATE [OR REPLACE] [GLOBAL | LOCAL] TEMP …, CREATE … pg_temp.name, SELECT … INTO TEMP name */
function makesTemporary(verb: string, words: readonly string[]): boolean {
  const isTemporary = (word: string | undefined): boolean => word === 'TEMP' || word === 'TEMPORARY';
  if (verb === 'CREATE') {
    const object = words.findIndex((word) => word === 'TABLE' || word === 'VIEW' || word === 'SEQUENCE');
    return object !== -1 && (words.slice(1, object).some(isTemporary) || words[object + 1] === 'PG_TEMP');
  }
  const into = words.indexOf('INTO');
  if (into === -1) return false;
  const target =
    words[into + 1] === 'GLOBAL' || words[into + 1] === 'LOCAL' ? words[into + 2] : words[into + 1];
  return isTemporary(target) || target === 'PG_TEMP';
}

/** CREATE FUNCTION … BEGIN ATOMIC …; …; END is one statement; whether it ends there, PostgreSQL says. */
const hasStandardBody = (words: readonly string[]): boolean =>
  words[0] === 'CREATE' && words.some((word, at) => word === 'BEGIN' && words[at + 1] === 'ATOMIC');

/** Names and keywords in upper case; quoted names are left out, so that none of them passes for a keyword. */
function wordsOf(sql: string): string[] {
  const words: string[] = [];
  for (const token of scanSql(sql)) {
    if (token.kind === 'word' && !token.quoted) words.push(token.text.toUpperCase());
  }
  return words;
}
