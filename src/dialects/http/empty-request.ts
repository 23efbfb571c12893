/**
 * Requests without a body are still streams to Node: it empties, ends and destroys each of them, which takes as long as
 * finding its route and passing the gate. Nobody here reads such a stream. Versions of Node from 24 on have the option
 * `optimizeEmptyRequests`, which does what is done here.
 */
import type { IncomingMessage } from 'node:http';

/** The parts of Node's stream that say that it is over and done. */
interface StreamState {
  ended: boolean;
  endEmitted: boolean;
  destroyed: boolean;
  closed: boolean;
  closeEmitted: boolean;
}

/** To be called in the turn in which the request came. From then on it emits nothing. */
export function takeAsEmpty(request: IncomingMessage): void {
  const { headers } = request;
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return;
  const inside = request as unknown as { _dumped?: boolean; _readableState?: StreamState };
  const state = inside._readableState;
  if (inside._dumped !== false || state === undefined) return;
  inside._dumped = true;
  state.ended = true;
  state.endEmitted = true;
  state.destroyed = true;
  state.closed = true;
  state.closeEmitted = true;
}
