/**
 * The pipelined lane: one session on which many callers' single statements are under way at once, each in its own
 * implicit transaction. Its round trips overlap and its system calls are shared, which is what makes it fast; it is
 * one serial session all the same, so nothing slow and nothing that changes the session may go over it.
 */
import { FacetError, LIMITS, offAbort, onAbort } from '../base/index.ts';
import type { OwnParameter, ResultSet } from './contract.ts';
import type { Gate } from './gate.ts';
import { cancelled, connectionLost } from './pg-errors.ts';
import { Portal } from './portal.ts';
import type { Session } from './session.ts';

export interface LaneRun {
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** Prepare under a name, for texts that come again. */
  readonly named: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export class Lane {
  readonly #open: () => Promise<Session>;
  readonly #gate: Gate;
  #session: Session | undefined = undefined;
  #opening: Promise<Session> | undefined = undefined;
  /** Callers that wait for the connection. */
  #waiting = 0;
  #stopped: FacetError | undefined = undefined;

  constructor(open: () => Promise<Session>, gate: Gate) {
    this.#open = open;
    this.#gate = gate;
  }

  get inFlight(): number {
    return this.#waiting + (this.#session?.underWay ?? 0);
  }

  /**
   * Runs one statement and calls `settled` once. An abort or the timeout settles at once and leaves the statement to end
   * by itself: it is short, and a cancel request could hit another caller's. Errors: UNAVAILABLE, TOO_MANY_CONNECTIONS
   * when LIMITS.laneQueueMax statements are in flight, and the statement's own.
   */
  run(
    text: string,
    parameters: readonly OwnParameter[],
    options: LaneRun,
    settled: (outcome: ResultSet | FacetError) => void,
  ): void {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) {
      settled(refusal);
      return;
    }
    const settle =
      options.signal === undefined && options.timeoutMs === undefined
        ? settled
        : interruptible(settled, options);
    const { rowsMax, bytesMax, named } = options;
    const portal = new Portal({ text, parameters, named, rowsMax, bytesMax, overflow: 'discard' }, settle);
    const session = this.#session;
    if (session !== undefined && !session.closed) session.start(portal);
    else this.#startLater(portal);
  }

  async stop(reason: FacetError): Promise<void> {
    this.#stopped = reason;
    const session = await this.#opening?.catch(() => undefined);
    await (session ?? this.#session)?.close();
  }

  #refusal(options: LaneRun): FacetError | undefined {
    if (this.#stopped !== undefined) return this.#stopped;
    if (!this.#gate.isOpen) return this.#gate.refusal();
    if (options.signal?.aborted) return cancelled('abort');
    if (this.inFlight < LIMITS.laneQueueMax) return undefined;
    return new FacetError(
      'TOO_MANY_CONNECTIONS',
      `More than ${LIMITS.laneQueueMax} statements are in flight on one connection (laneQueueMax)`,
      { retryAfterSeconds: 1 },
    );
  }

  #startLater(portal: Portal): void {
    this.#waiting++;
    this.#connected().then(
      (session) => {
        this.#waiting--;
        session.start(portal);
      },
      (error: Error) => {
        this.#waiting--;
        portal.onLost(error);
      },
    );
  }

  #connected(): Promise<Session> {
    this.#opening ??= this.#open()
      .then((session) => {
        this.#session = session;
        if (this.#stopped === undefined) return session;
        void session.close();
        throw connectionLost();
      })
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }
}

/** `settle` that an abort or a timeout can come before. */
function interruptible(
  settle: (outcome: ResultSet | FacetError) => void,
  options: LaneRun,
): (outcome: ResultSet | FacetError) => void {
  const { signal, timeoutMs } = options;
  let settled = false;
  const once = (outcome: ResultSet | FacetError): void => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    offAbort(signal, aborted);
    settle(outcome);
  };
  const aborted = (): void => once(cancelled('abort'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => once(cancelled('timeout')), timeoutMs);
  onAbort(signal, aborted);
  return once;
}
