/**
 * The calls that are under way: how many there may be, what ends them, and who waits for them when the server stops.
 * Each has an abort signal of its own, for over HTTP/2 a client that gives up a call keeps its connection.
 */
import { ChurnSet, FacetError, LIMITS, monotonicMs, nowMs } from '../../base/index.ts';

export interface CallUnderWay {
  readonly signal: AbortSignal;
  /** The client is gone, or has had enough; nothing once the call has ended. */
  abort(): void;
  /** The call has ended: nothing aborts it any more. Idempotent. */
  end(): void;
  /** Its answer has gone out, or nobody takes it; idempotent. */
  close(): void;
}

export class CallsUnderWay {
  readonly #open = new ChurnSet<AbortController>();
  /** Of those that end by themselves, also ones whose answer has not gone out. */
  #finite = 0;
  #idle: (() => void)[] = [];

  get count(): number {
    return this.#open.size;
  }

  /** @throws UNAVAILABLE when there are too many */
  begin(endless: boolean): CallUnderWay {
    if (this.#open.size >= LIMITS.grpcCallsMax) {
      throw new FacetError(
        'UNAVAILABLE',
        `More than ${LIMITS.grpcCallsMax} calls are under way (grpcCallsMax)`,
        { retryAfterSeconds: 1 },
      );
    }
    const controller = new AbortController();
    this.#open.add(controller);
    if (!endless) this.#finite++;
    let isOpen = true;
    let isClosed = false;
    return {
      signal: controller.signal,
      // @grpc/grpc-js says of every call at its end that it was cancelled.
      abort: () => {
        if (isOpen) controller.abort();
      },
      end: () => {
        isOpen = false;
        this.#open.delete(controller);
      },
      close: () => {
        if (isClosed || endless) return;
        isClosed = true;
        this.#finite--;
        if (this.#finite === 0) for (const told of this.#idle.splice(0)) told();
      },
    };
  }

  /** Resolves once no call is under way that ends by itself, and the answers of all have gone out. */
  idle(): Promise<void> {
    return this.#finite === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#idle.push(resolve);
        });
  }

  /** Cancels all of them. */
  abort(): void {
    for (const controller of [...this.#open]) controller.abort();
  }
}

/** Until a deadline as @grpc/grpc-js gives it, in Unix milliseconds; undefined when there is none. */
export function untilDeadline(deadline: Date | number): number | undefined {
  const atMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  return Number.isFinite(atMs) ? atMs - nowMs() : undefined;
}

/**
 * For `GrpcCall.timeLeftMs`: at least 1 ms once the call has begun, for nobody asks for less. A timeout of 0 is no timeout
 * in the grammars of gRPC and Connect, which want a positive number; their other servers, too, take it as one that has passed.
 * @throws QUERY_TIMEOUT when the deadline has passed: nothing of the call may run
 */
export function timeLeft(leftMs: number | undefined): () => number | undefined {
  if (leftMs === undefined) return () => undefined;
  if (leftMs <= 0) throw new FacetError('QUERY_TIMEOUT', 'The deadline of the call passed before it began');
  const endsMs = monotonicMs() + leftMs;
  return () => Math.max(1, Math.ceil(endsMs - monotonicMs()));
}
