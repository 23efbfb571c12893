/**
 * The calls that are under way: how many there may be, what ends them, and who waits for them when the server stops.
 * Each has an abort signal of its own, for over HTTP/2 a client that gives up a call keeps its connection.
 */
import { FacetError, LIMITS, monotonicMs, nowMs } from '../../base/index.ts';

export interface CallUnderWay {
  readonly signal: AbortSignal;
  /** The client is gone, or has had enough; nothing once the call has ended. */
  abort(): void;
  /** The call has ended; idempotent. */
  end(): void;
}

export class CallsUnderWay {
  readonly #open = new Map<AbortController, { readonly endless: boolean }>();
  /** Of those that end by themselves. */
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
    this.#open.set(controller, { endless });
    if (!endless) this.#finite++;
    return {
      signal: controller.signal,
      // @grpc/grpc-js says of every call at its end that it was cancelled.
      abort: () => {
        if (this.#open.has(controller)) controller.abort();
      },
      end: () => {
        if (!this.#open.delete(controller) || endless) return;
        this.#finite--;
        if (this.#finite === 0) for (const told of this.#idle.splice(0)) told();
      },
    };
  }

  /** Resolves once no call is under way that ends by itself. */
  idle(): Promise<void> {
    return this.#finite === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#idle.push(resolve);
        });
  }

  /** Cancels all of them. */
  abort(): void {
    for (const controller of [...this.#open.keys()]) controller.abort();
  }
}

/** A deadline as gRPC gives it, in Unix milliseconds, as time that is left; at least 1 ms, for nobody asks for less. */
export function timeLeft(deadline: Date | number): () => number | undefined {
  const atMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  if (!Number.isFinite(atMs)) return () => undefined;
  const endsMs = monotonicMs() + (atMs - nowMs());
  return () => Math.max(1, Math.ceil(endsMs - monotonicMs()));
}
