/**
 * Listening to abort signals that many things listen to at once: a connection has one signal for all that is under way on
 * it. However many listen, the signal has one listener: each further one would cost a walk over those before it, and a
 * warning of Node.js from the eleventh on.
 */

import { ChurnSet } from './churn.ts';

interface Fan {
  readonly listeners: ChurnSet<() => void>;
  readonly tell: () => void;
}

const FANS = new WeakMap<AbortSignal, Fan>();

/** Calls `listener` once when `signal` is aborted; never when it is aborted already. It must not throw. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): void {
  if (signal === undefined || signal.aborted) return;
  let fan = FANS.get(signal);
  if (fan === undefined) {
    fan = fanOut();
    FANS.set(signal, fan);
  }
  // Only while somebody listens: Node.js keeps combined signals alive as long as they have a listener.
  if (fan.listeners.size === 0) signal.addEventListener('abort', fan.tell);
  fan.listeners.add(listener);
}

/** Takes back `onAbort`. */
export function offAbort(signal: AbortSignal | undefined, listener: () => void): void {
  const fan = signal === undefined ? undefined : FANS.get(signal);
  if (signal === undefined || fan === undefined) return;
  if (fan.listeners.delete(listener) && fan.listeners.size === 0) {
    signal.removeEventListener('abort', fan.tell);
  }
}

function fanOut(): Fan {
  const listeners = new ChurnSet<() => void>();
  const tell = (): void => {
    // One that another of them takes back meanwhile is not called; each leaves before it is.
    for (const listener of listeners) {
      listeners.delete(listener);
      listener();
    }
  };
  return { listeners, tell };
}
