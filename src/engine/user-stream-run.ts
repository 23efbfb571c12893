/** Gives a client's stream a session: its transaction's, or one of the pool in a transaction of its own. */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../base/index.ts';
import { command } from './command.ts';
import type { Parameter, RowStream, UserRunOptions } from './contract.ts';
import { countsRows } from './execute.ts';
import { interruptOptions } from './interrupt.ts';
import type { Route } from './routing.ts';
import { noteSavepoint } from './savepoints.ts';
import type { StreamPortal } from './stream-portal.ts';
import {
  mustUndo,
  noteRisk,
  refusalOf,
  schemaChangeOf,
  USER_STATEMENT,
  type UserRunner,
} from './user-run.ts';
import { UserStream } from './user-stream.ts';

export function startUserStream(
  runner: UserRunner,
  sql: string,
  parameters: readonly Parameter[],
  options: UserRunOptions,
): RowStream {
  const route = runner.router.route(sql);
  const readOnly = options.readOnly === true;
  const stream = new UserStream({
    sql,
    parameters,
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? LIMITS.queryTimeoutMsDefault,
    inTransaction: options.transaction !== undefined,
    undoWhenLeft: options.transaction === undefined && !readOnly && mustUndo(runner, route),
  });
  const refusal = refusalOf(route, parameters, options);
  if (refusal !== undefined) {
    stream.fail(refusal);
    return stream;
  }
  const startedMs = monotonicMs();
  const work =
    options.transaction === undefined
      ? streamFromPool(runner, route, stream, options)
      : streamInTransaction(runner, route, stream, options);
  work.then(
    () => runner.note(USER_STATEMENT, startedMs, true),
    (error: unknown) => {
      runner.note(USER_STATEMENT, startedMs, false);
      stream.fail(asFacetError(error));
    },
  );
  return stream;
}

async function streamInTransaction(
  runner: UserRunner,
  route: Route,
  stream: UserStream,
  options: UserRunOptions,
): Promise<void> {
  const { transaction } = options;
  if (transaction === undefined) throw new FacetError('NO_ACTIVE_TRANSACTION', 'No transaction was given');
  const scope = runner.scopeOf(transaction);
  await scope.run(() => {
    noteRisk(runner, scope, route);
    return stream.run({
      session: scope.session,
      track: (running) => runner.transactions.track(scope, running),
      before: () => {},
      after: async (portal: StreamPortal) => {
        if (countsRows(portal.command)) scope.ledger.rowsAffected += portal.affected;
        noteSavepoint(scope, portal.command, route.sql);
        const change = schemaChangeOf(runner, route);
        if (change !== undefined) runner.schemaChanged(change);
      },
    });
  });
}

async function streamFromPool(
  runner: UserRunner,
  route: Route,
  stream: UserStream,
  options: UserRunOptions,
): Promise<void> {
  const readOnly = options.readOnly === true;
  const session = await runner.pool.acquire({ use: 'stream', ...interruptOptions(options) });
  try {
    await stream.run({
      session,
      track: () => {},
      before: () => {
        if (readOnly) command(session, 'BEGIN READ ONLY').catch(() => {});
      },
      after: async () => {
        if (readOnly && !session.closed) await command(session, 'ROLLBACK');
        const change = schemaChangeOf(runner, route);
        if (change !== undefined) runner.schemaChanged(change);
      },
    });
  } finally {
    runner.pool.release(session, 'stream', !runner.router.leavesNothing(route));
  }
}
