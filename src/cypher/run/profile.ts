/**
 * What the steps of a query have done, for PROFILE: how many rows each handed on, and how long it took without what it
 * waited for. Queries that are not profiled have none and pay nothing.
 */
import { monotonicMs } from '../../base/index.ts';
import type { Matched } from './graph-session.ts';
import type { MatchPlan } from './plan/match-plan.ts';
import type { Row } from './row.ts';

type Batches = AsyncIterable<readonly Row[]>;

export interface StepProfile {
  readonly rows: number;
  /** Steps inside of it, those of a subquery for instance, included. */
  readonly durationMs: number;
}

export class Profile {
  /** By the clause, or by the plan of a search. */
  readonly #steps = new Map<object, StepProfile>();

  /** Undefined for a step that was never reached. */
  of(source: object): StepProfile | undefined {
    return this.#steps.get(source);
  }

  /** The rows of `step` over `input`, measured. */
  async *stage(source: object, input: Batches, step: (input: Batches) => Batches): Batches {
    let waitedMs = 0;
    const watched = timed(input, (ms) => {
      waitedMs += ms;
    });
    let rows = 0;
    let tookMs = 0;
    try {
      for await (const batch of timed(step(watched), (ms) => {
        tookMs += ms;
      })) {
        rows += batch.length;
        yield batch;
      }
    } finally {
      this.#add(source, rows, tookMs - waitedMs);
    }
  }

  /** The matches of one search, measured. */
  async *search(
    plan: MatchPlan,
    found: AsyncIterable<readonly Matched[]>,
  ): AsyncIterable<readonly Matched[]> {
    let rows = 0;
    let tookMs = 0;
    try {
      for await (const matches of timed(found, (ms) => {
        tookMs += ms;
      })) {
        rows += matches.length;
        yield matches;
      }
    } finally {
      this.#add(plan, rows, tookMs);
    }
  }

  #add(source: object, rows: number, durationMs: number): void {
    const before = this.#steps.get(source) ?? { rows: 0, durationMs: 0 };
    this.#steps.set(source, { rows: before.rows + rows, durationMs: before.durationMs + durationMs });
  }
}

/** Tells how long each item was waited for. */
async function* timed<Item extends readonly (Row | Matched)[]>(
  items: AsyncIterable<Item>,
  waited: (ms: number) => void,
): AsyncIterable<Item> {
  let fromMs = monotonicMs();
  for await (const item of items) {
    waited(monotonicMs() - fromMs);
    yield item;
    fromMs = monotonicMs();
  }
  waited(monotonicMs() - fromMs);
}
