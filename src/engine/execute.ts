/** Runs one statement on a session that the caller holds, cancellable, and says how it went. */
import { FacetError } from '../base/index.ts';
import type { ResultSet } from './contract.ts';
import { Interrupt, type InterruptOptions } from './interrupt.ts';
import { cancelled } from './pg-errors.ts';
import { Portal, type PortalRequest } from './portal.ts';
import type { Session } from './session.ts';

export interface Execution {
  readonly outcome: ResultSet | FacetError;
  /** A cancel request was sent but the statement had ended by itself. */
  readonly strayCancel: boolean;
  /** The prepared form was outdated and nothing was done: worth one more try without a name. */
  readonly stale: boolean;
}

/**
 * Resolves when PostgreSQL is ready for the next statement and no cancel request is on its way any more.
 * `onStart` gets the means to cancel it for another reason.
 */
export async function execute(
  session: Session,
  request: PortalRequest,
  options: InterruptOptions,
  onStart?: (interrupt: Interrupt) => void,
): Promise<Execution> {
  if (options.signal?.aborted) return { outcome: cancelled('abort'), strayCancel: false, stale: false };
  let settle: (outcome: ResultSet | FacetError) => void = () => {};
  const settled = new Promise<ResultSet | FacetError>((resolve) => {
    settle = resolve;
  });
  const portal = new Portal(request, settle);
  session.start(portal);
  const interrupt = new Interrupt(session, portal, options);
  onStart?.(interrupt);
  const outcome = await settled;
  const cancelRequest = interrupt.finish();
  if (cancelRequest === undefined) return { outcome, strayCancel: false, stale: portal.stale };
  await cancelRequest;
  const hit = outcome instanceof FacetError && outcome.sqlState === '57014';
  return { outcome, strayCancel: !hit, stale: portal.stale };
}

const COUNTED = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY']);

/** Commands whose count is rows changed, not rows returned. */
export const countsRows = (tag: string): boolean => COUNTED.has(tag);
