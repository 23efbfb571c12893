/**
 * Rows of one statement of Facet itself in a transaction, fetched in steps as they are taken. Unlike a client's stream it
 * holds the session only while a step is under way: other statements, and other cursors, run between two steps.
 */
import { FacetError, LIMITS, monotonicMs } from '../base/index.ts';
import type { Cell, OwnParameter, RunOptions, Statement } from './contract.ts';
import { CloseCursor, CursorStep, type Step, type StepRequest } from './cursor-step.ts';
import { Interrupt, interruptOptions } from './interrupt.ts';
import { cancelled } from './pg-errors.ts';
import type { Scope } from './scope.ts';
import type { Transactions } from './transactions.ts';

/** A step is sized so that it brings about this much, however wide the rows are. */
const STEP_BYTES = 512 * 1024;
const FIRST_STEP_ROWS = 64;

let made = 0;

interface CursorHome {
  /** Hears of what runs, so that others can cancel it. */
  readonly transactions: Pick<Transactions, 'track' | 'untrack'>;
  note(statement: string, startedMs: number, ok: boolean): void;
}

/** @param options `timeoutMs` is asked for at each step, and bounds that */
export async function* walkCursor(
  home: CursorHome,
  scope: Scope,
  statement: Statement,
  parameters: readonly OwnParameter[],
  options: RunOptions,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  const portal = `facet_cursor_${++made}`;
  let rowsMax = FIRST_STEP_ROWS;
  let opens: StepRequest['opens'] = { text: statement.text, parameters };
  let isOpen = false;
  try {
    for (;;) {
      const request = { portal, rowsMax, opens };
      const { rows, bytes, isLast } = await scope.run(() =>
        fetched(home, scope, request, options, statement.name),
      );
      isOpen = true;
      opens = undefined;
      if (rows.length > 0) yield rows;
      if (isLast) return;
      const bytesPerRow = Math.max(1, bytes / Math.max(1, rows.length));
      rowsMax = Math.min(LIMITS.streamRowsPerFetch, Math.max(1, Math.floor(STEP_BYTES / bytesPerRow)));
    }
  } finally {
    // Of a transaction that has ended nothing is left to close.
    if (isOpen && !scope.closed) {
      scope.runAhead(() => closed(scope, portal)).catch(() => {});
    }
  }
}

async function fetched(
  home: CursorHome,
  scope: Scope,
  request: StepRequest,
  options: RunOptions,
  name: string,
): Promise<Step> {
  if (options.signal?.aborted) throw cancelled('abort');
  let settle: (outcome: Step | FacetError) => void = () => {};
  const settled = new Promise<Step | FacetError>((resolve) => {
    settle = resolve;
  });
  const step = new CursorStep(request, (outcome) => settle(outcome));
  const startedMs = monotonicMs();
  scope.session.start(step);
  const interrupt = new Interrupt(scope.session, step, interruptOptions(options));
  home.transactions.track(scope, interrupt);
  const outcome = await settled;
  const cancelRequest = interrupt.finish();
  if (cancelRequest !== undefined) await cancelRequest;
  home.transactions.untrack(scope, interrupt);
  home.note(name, startedMs, !(outcome instanceof FacetError));
  if (outcome instanceof FacetError) throw outcome;
  return outcome;
}

const closed = ({ session }: Scope, portal: string): Promise<void> =>
  new Promise((resolve) => {
    session.start(new CloseCursor(portal, resolve));
  });
