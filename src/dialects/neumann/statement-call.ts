/** What running a statement gets to work with, and what a family of statements gives to the services. */
import { LIMITS } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { Statement, StatementKind, StatementOf } from '../../nql/index.ts';
import type { Items, Result, ResultKind } from './result.ts';

export interface StatementCall {
  readonly dispatch: Dispatch;
  /** The gate has admitted it; several operations of one statement count as one command. */
  readonly session: Session;
  /** Milliseconds until the client's deadline; undefined when it set none. */
  timeLeftMs(): number | undefined;
}

/** How statements of one kind run. */
export interface Runner<S extends Statement = Statement> {
  /** The member of the response that `run` answers with: known before it runs, for what cannot be streamed is not begun. */
  readonly answers: (statement: S) => ResultKind;
  readonly run: (statement: S, call: StatementCall) => Promise<Result>;
  /** Without holding the whole result. Absent: what `run` answers is cut into items. */
  readonly stream?: (statement: S, call: StatementCall) => Promise<Items>;
}

/** How statements of these kinds run: what a family of statements exports. */
export type Runners<Kind extends StatementKind = StatementKind> = {
  readonly [Each in Kind]: Runner<StatementOf<Each>>;
};

/** `timeoutMs` for operations: the client's deadline where it comes before the server's own bound, else undefined. */
export function timeoutOf(call: StatementCall): number | undefined {
  const left = call.timeLeftMs();
  return left !== undefined && left < LIMITS.queryTimeoutMsDefault ? left : undefined;
}
