/**
 * The commit of a transaction: what participants have to do, COMMIT, the wait for the disk, and what became of it all.
 *
 * What is sent, in this order and in one chunk where participants allow it: deferred constraints are looked at (before
 * the locks of participants are taken, and not under them), synchronous_commit is put off if the flush is shared, the
 * statements of the participants, COMMIT, the question for the position. When one of them fails, those behind it do as
 * well, and PostgreSQL answers COMMIT with ROLLBACK. Then, if it is shared, the flush.
 */
import { asFacetError, FacetError } from '../base/index.ts';
import { command } from './command.ts';
import type { CommitFlush, FlushTurn } from './commit-flush.ts';
import type { Transaction } from './contract.ts';
import { deferFlush, flushLog, logPosition, type SyncLevel } from './log-position.ts';
import type { Assignment, Scope } from './scope.ts';
import type { Session } from './session.ts';

export type CommitOutcome =
  | { readonly kind: 'committed'; readonly position: string | undefined }
  /** Nothing of the transaction is left; PostgreSQL has been told to roll back what it had not. */
  | { readonly kind: 'rolled back'; readonly error: FacetError }
  /** The connection was lost after COMMIT was sent, or the log may not be on the disk. */
  | { readonly kind: 'unknown'; readonly error: FacetError };

export interface CommitRequest {
  readonly flush: CommitFlush;
  /** Tell a position at or behind the commit. */
  readonly position: boolean;
  /** Called with what happened after the commit and changes nothing about it. */
  readonly failedLate: (error: unknown) => void;
}

/** Ends the transaction on the scope's session, whose queue nothing else enters any more. Never rejects. */
export async function commitScope(scope: Scope, request: CommitRequest): Promise<CommitOutcome> {
  const { assignments } = scope;
  if (assignments === undefined) return commitPlain(scope, request);
  if (!assignments.some(({ participant }) => participant.sharesFlush === true)) {
    return commitWithWork(scope, assignments, request, undefined);
  }
  const turn = request.flush.enter();
  try {
    return await commitWithWork(scope, assignments, request, turn);
  } finally {
    turn.leave();
  }
}

async function commitPlain(scope: Scope, request: CommitRequest): Promise<CommitOutcome> {
  const { session } = scope;
  const committing = command(session, 'COMMIT');
  const position = request.position ? positionBehind(scope, request) : undefined;
  return outcomeOf(session, committing, undefined, position);
}

/**
 * Where the log stands, asked behind COMMIT. What was committed without waiting for the disk counts where the
 * transaction may have seen such commits, or have been one by a setting of its own.
 */
function positionBehind(scope: Scope, { flush }: CommitRequest): Promise<string> {
  const position = logPosition(scope.session, flush.busy || scope.ledger.dirty);
  position.catch(() => {});
  return position;
}

async function commitWithWork(
  scope: Scope,
  assignments: readonly Assignment[],
  request: CommitRequest,
  turn: FlushTurn | undefined,
): Promise<CommitOutcome> {
  const { session } = scope;
  const shares = turn?.shares === true;
  const checked = command(session, 'SET CONSTRAINTS ALL IMMEDIATE');
  const deferred = shares ? deferFlush(session) : undefined;
  const handle = scope.last();
  const work = new Work([checked, deferred]);
  try {
    for (const { participant, items } of assignments) {
      work.add(finish(handle, participant, items));
      // What it sends leaves at the end of this turn of the event loop; what it rejects with before that is here by then.
      await (participant.ahead === true ? settledMicrotasks() : work.ended());
      if (work.error !== undefined) break;
    }
    if (work.error !== undefined || session.closed) return await rolledBack(session, work);
    const committing = command(session, 'COMMIT');
    const position = request.position && !shares ? positionBehind(scope, request) : undefined;
    const outcome = await outcomeOf(session, committing, work, position);
    if (outcome.kind === 'committed' && work.error !== undefined) request.failedLate(work.error);
    if (outcome.kind !== 'committed' || turn === undefined || !shares) return outcome;
    return await flushed(session, turn, (await deferred) ?? 'on', request.position);
  } finally {
    await handle.settle();
  }
}

/** What has to succeed before the commit; the first failure, in the order of what was sent, is the reason. */
class Work {
  readonly #steps: Promise<unknown>[] = [];
  readonly #errors = new Map<number, FacetError>();

  constructor(steps: readonly (Promise<unknown> | undefined)[]) {
    for (const step of steps) if (step !== undefined) this.add(step);
  }

  add(step: Promise<unknown>): void {
    const place = this.#steps.length;
    this.#steps.push(
      step.catch((thrown: unknown) => {
        this.#errors.set(place, asFacetError(thrown));
      }),
    );
  }

  async ended(): Promise<void> {
    await Promise.all(this.#steps);
  }

  get error(): FacetError | undefined {
    const first = Math.min(...this.#errors.keys());
    return this.#errors.get(first);
  }
}

async function finish(
  handle: Transaction,
  participant: Assignment['participant'],
  items: readonly unknown[],
): Promise<void> {
  await participant.finish(handle, items);
}

/** All that follows from what has happened so far has been done, and nothing was read from sockets since. */
async function settledMicrotasks(): Promise<void> {
  // From among the microtasks: there the next tick comes when none is left, elsewhere before the first.
  await Promise.resolve();
  await new Promise<void>((resolve) => process.nextTick(resolve));
}

async function rolledBack(session: Session, work: Work): Promise<CommitOutcome> {
  await command(session, 'ROLLBACK').catch(() => undefined);
  await work.ended();
  const error = work.error ?? new FacetError('UNAVAILABLE', 'The connection was lost before the commit');
  return { kind: 'rolled back', error };
}

async function outcomeOf(
  session: Session,
  committing: Promise<readonly string[]>,
  work: Work | undefined,
  position: Promise<string> | undefined,
): Promise<CommitOutcome> {
  let tags: readonly string[];
  try {
    tags = await committing;
  } catch (thrown) {
    await work?.ended();
    const error = asFacetError(thrown);
    return session.closed ? unknown(error) : { kind: 'rolled back', error: work?.error ?? error };
  }
  await work?.ended();
  if (tags.at(-1) !== 'COMMIT') return { kind: 'rolled back', error: work?.error ?? aborted() };
  // Without an answer it is committed all the same.
  return { kind: 'committed', position: await position?.catch(() => undefined) };
}

/**
 * When the shared flush fails, this session does it by itself: it has been open since before the commit, so if it still
 * is, PostgreSQL has not crashed and the commit is in its memory.
 */
async function flushed(
  session: Session,
  turn: FlushTurn,
  level: SyncLevel,
  tellsPosition: boolean,
): Promise<CommitOutcome> {
  try {
    if (level === 'off' && !tellsPosition) return { kind: 'committed', position: undefined };
    const position = await turn
      .flushed(level, tellsPosition)
      .catch(() => flushLog(session, level, tellsPosition, true));
    return { kind: 'committed', position };
  } catch (thrown) {
    return unknown(asFacetError(thrown));
  }
}

const aborted = (): FacetError =>
  new FacetError('TRANSACTION_ABORTED', 'The transaction was rolled back, because a statement in it failed');

const unknown = (cause: FacetError): CommitOutcome => ({
  kind: 'unknown',
  error: new FacetError(
    'UNAVAILABLE',
    'The connection was lost during the commit; whether the transaction was committed is not known',
    { cause },
  ),
});
