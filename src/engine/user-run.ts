/** Runs a client's statement where routing.ts says, and learns from how it went. */
import { FacetError, LIMITS, monotonicMs } from '../base/index.ts';
import { command } from './command.ts';
import type { Parameter, ResultSet, Transaction, UserRunOptions } from './contract.ts';
import { countsRows, type Execution, execute } from './execute.ts';
import { type InterruptOptions, interruptOptions } from './interrupt.ts';
import type { Lane } from './lane.ts';
import type { Pool } from './pool.ts';
import { executeInPool } from './pooled-run.ts';
import type { PortalRequest } from './portal.ts';
import type { Route, Router } from './routing.ts';
import { noteSavepoint } from './savepoints.ts';
import type { SchemaChange } from './schema-watch.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';
import type { SqlText } from './sql-text.ts';
import type { Transactions } from './transactions.ts';

/** What running needs of a database. */
export interface UserRunner {
  readonly pool: Pool;
  readonly readLane: Lane;
  readonly router: Router;
  readonly transactions: Transactions;
  readonly schemaChanged: (what: SchemaChange) => void;
  scopeOf(transaction: Transaction): Scope;
  note(statement: string, startedMs: number, ok: boolean): void;
}

/** The name of all statements of clients in metrics and logs. */
export const USER_STATEMENT = 'sql.user';

export function runUserStatement(
  runner: UserRunner,
  sql: string,
  parameters: readonly Parameter[],
  options: UserRunOptions,
): Promise<ResultSet> {
  const route = runner.router.route(sql);
  const refusal = refusalOf(route, parameters, options);
  if (refusal !== undefined) return Promise.reject(refusal);
  if (options.transaction !== undefined) return runInTransaction(runner, route, parameters, options);
  // The search path is of a transaction, which sessions of the lane do not begin.
  if (options.builtInsOnly === true || !runner.router.goesOverLane(route)) {
    return runInPool(runner, route, parameters, options);
  }
  const startedMs = monotonicMs();
  return new Promise((resolve, reject) => {
    const run = { ...bounds(options), ...waiting(options), named: route.named };
    runner.readLane.run(route.sql, parameters, run, (outcome) => {
      if (!(outcome instanceof FacetError)) {
        runner.note(USER_STATEMENT, startedMs, true);
        runner.router.noteLaneRun(route, outcome.rows.length);
        resolve(outcome);
      } else if (runner.router.demotes(route, outcome)) {
        // A read that only the lane could not do. Its own timeout goes on from where it is.
        resolve(runInPool(runner, route, parameters, options, startedMs));
      } else {
        runner.note(USER_STATEMENT, startedMs, false);
        reject(outcome);
      }
    });
  });
}

/** Why the statement is refused before PostgreSQL sees it. */
export function refusalOf(
  route: Route,
  parameters: readonly Parameter[],
  options: UserRunOptions,
): FacetError | undefined {
  if (route.refusal !== undefined) return route.refusal;
  if (parameters.length > LIMITS.sqlParametersMax) {
    return new FacetError(
      'LIMIT_EXCEEDED',
      `${parameters.length} parameters are more than ${LIMITS.sqlParametersMax} (sqlParametersMax)`,
    );
  }
  for (const [index, parameter] of parameters.entries()) {
    if (parameter !== null && !isText(parameter)) {
      return new FacetError(
        'INVALID_VALUE',
        `Parameter $${index + 1} has a NUL character or half of a surrogate pair, which text cannot hold`,
      );
    }
  }
  if (controlsTransaction(route, options)) {
    return new FacetError(
      'TRANSACTION_CONTROL_NOT_ALLOWED',
      `${route.text.verb} is not a statement to run here: begin, commit and roll back by the transaction operations`,
    );
  }
  const readOnly = options.readOnly === true || options.transaction?.readOnly === true;
  if (readOnly && options.composed !== true && mayWriteInReadOnly(route.text)) {
    return new FacetError(
      'READ_ONLY_TRANSACTION',
      `cannot execute ${route.text.verb} in a read-only transaction`,
      { sqlState: '25006' },
    );
  }
  return undefined;
}

/**
 * PostgreSQL itself refuses most writes in a read-only transaction. Not EXPLAIN ANALYZE CREATE TABLE AS; and verbs
 * beyond the list could leave that mode before the first snapshot, as a DO block can.
 */
const mayWriteInReadOnly = (text: SqlText): boolean =>
  !READ_ONLY_VERBS.has(text.verb) || text.explainsCreation;

const READ_ONLY_VERBS = new Set(['SELECT', 'WITH', 'VALUES', 'TABLE', 'EXPLAIN', 'SHOW', '']);
const CONTROL = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT']);
const SAVEPOINTS = new Set(['SAVEPOINT', 'RELEASE']);

/** Savepoints are for transactions; the beginning and end of one is never a matter of SQL text. */
function controlsTransaction(route: Route, options: UserRunOptions): boolean {
  const { verb, second, third } = route.text;
  const toSavepoint = SAVEPOINTS.has(verb) || (verb === 'ROLLBACK' && (second === 'TO' || third === 'TO'));
  if (toSavepoint) return options.transaction === undefined;
  return CONTROL.has(verb) || (verb === 'PREPARE' && second === 'TRANSACTION');
}

const isText = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text);

const bounds = (options: UserRunOptions): { rowsMax: number; bytesMax: number } => ({
  rowsMax: Math.min(options.rowsMax ?? LIMITS.resultRowsMax, LIMITS.resultRowsMax),
  bytesMax: Math.min(options.bytesMax ?? LIMITS.resultBytesMax, LIMITS.resultBytesMax),
});

/** On the lane PostgreSQL's own timeout ends a statement, so a timer is set only when the caller wants less. */
const waiting = (
  options: UserRunOptions,
): { signal: AbortSignal | undefined; timeoutMs: number | undefined } => ({
  signal: options.signal,
  timeoutMs: options.timeoutMs,
});

async function runInTransaction(
  runner: UserRunner,
  route: Route,
  parameters: readonly Parameter[],
  options: UserRunOptions,
): Promise<ResultSet> {
  const { transaction } = options;
  if (transaction === undefined) throw new FacetError('NO_ACTIVE_TRANSACTION', 'No transaction was given');
  const scope = runner.scopeOf(transaction);
  const within = interruptOptions(options);
  return scope.run(async () => {
    const startedMs = monotonicMs();
    noteRisk(runner, scope, route);
    const { outcome } = await execute(
      scope.session,
      { text: route.sql, parameters, named: route.named, ...bounds(options), overflow: 'discard' },
      within,
      (interrupt) => runner.transactions.track(scope, interrupt),
    );
    runner.transactions.track(scope, undefined);
    const ok = !(outcome instanceof FacetError);
    runner.note(USER_STATEMENT, startedMs, ok);
    if (!ok) throw outcome;
    if (countsRows(outcome.command)) scope.ledger.rowsAffected += outcome.affected;
    noteSavepoint(scope, outcome.command, route.sql);
    // Later statements of this transaction see the change, those of others once it is committed.
    const change = schemaChangeOf(runner, route);
    if (change !== undefined) runner.schemaChanged(change);
    return outcome;
  });
}

const PLAIN_OBJECTS = new Set(['TABLE', 'INDEX', 'UNIQUE', 'SEQUENCE']);

/** Tables and indexes without calls of unknown functions bring no code into the database; the rest might. */
export function schemaChangeOf(runner: UserRunner, route: Route): SchemaChange | undefined {
  if (!route.changesSchema) return runner.router.mayRunDdl(route) ? 'code' : undefined;
  return PLAIN_OBJECTS.has(route.text.second) && runner.router.leavesNothing(route) ? 'tables' : 'code';
}

/** Remembers what a statement may do to the session and the schema, before it runs. */
export function noteRisk(runner: UserRunner, scope: Scope, route: Route): void {
  if (!runner.router.leavesNothing(route)) scope.ledger.dirty = true;
  const change = schemaChangeOf(runner, route);
  if (scope.ledger.schemaChange !== 'code') scope.ledger.schemaChange = change ?? scope.ledger.schemaChange;
}

async function runInPool(
  runner: UserRunner,
  route: Route,
  parameters: readonly Parameter[],
  options: UserRunOptions,
  startedMs: number = monotonicMs(),
): Promise<ResultSet> {
  const within = interruptOptions(options);
  const readOnly = options.readOnly === true;
  const request: PortalRequest = {
    text: route.sql,
    parameters,
    named: route.named,
    ...bounds(options),
    overflow: readOnly || !mustUndo(runner, route) ? 'abandon' : 'undo',
  };
  let runMs = 0;
  const { outcome } = await executeInPool(
    runner.pool,
    within,
    () => !runner.router.leavesNothing(route),
    (session) => {
      runMs = monotonicMs();
      const begin = options.builtInsOnly === true ? BEGIN_WITH_BUILT_INS : BEGIN_READ_ONLY;
      return readOnly ? executeReadOnly(session, request, within, begin) : execute(session, request, within);
    },
  );
  const ok = !(outcome instanceof FacetError);
  runner.note(USER_STATEMENT, startedMs, ok);
  if (!ok) throw outcome;
  const change = schemaChangeOf(runner, route);
  if (change !== undefined) runner.schemaChanged(change);
  if (route.reads) runner.router.noteRun(route, monotonicMs() - runMs, outcome.rows.length);
  return outcome;
}

/**
 * A result that is too large must not leave its writes behind. Statements that return rows and may write hold back
 * their commit until the rows are here, at the price of one more round trip.
 */
export function mustUndo(runner: UserRunner, route: Route): boolean {
  const { text } = route;
  if (route.reads) return !runner.router.provenRead(route);
  return (
    text.returning ||
    text.dataModifyingWith ||
    text.verb === 'EXECUTE' ||
    text.verb === 'FETCH' ||
    text.locking
  );
}

const BEGIN_READ_ONLY = 'BEGIN READ ONLY';
const BEGIN_WITH_BUILT_INS = `${BEGIN_READ_ONLY}; SET LOCAL search_path = pg_catalog`;

/** BEGIN, statement and ROLLBACK leave in one chunk: one round trip. What slipped past every check is undone. */
async function executeReadOnly(
  session: Session,
  request: PortalRequest,
  within: InterruptOptions,
  begin: string,
): Promise<Execution> {
  const begun = command(session, begin);
  begun.catch(() => {});
  const running = execute(session, request, within);
  const ended = command(session, 'ROLLBACK').catch((error: FacetError) => error);
  const execution = await running;
  const end = await ended;
  if (execution.stale && request.named && !session.closed) {
    return executeReadOnly(session, { ...request, named: false }, within, begin);
  }
  if (end instanceof FacetError && !(execution.outcome instanceof FacetError)) {
    return { ...execution, outcome: end };
  }
  return execution;
}
