/** Plans of queries that were asked of late, and how quick those were. */
import { LIMITS } from '../../base/index.ts';
import type { PreparedCommand, PreparedQuery } from '../../cypher/index.ts';
import type { QueryKind } from './plan-node.ts';

/** Nobody on the lane notices a neighbour that takes this long. */
const QUICK_MS = 20;
/** One quick run may be luck. */
const QUICK_RUNS = 2;

/** How long a query has taken of late. */
export class Pace {
  #quickRuns = 0;

  isQuick(): boolean {
    return this.#quickRuns >= QUICK_RUNS;
  }

  note(durationMs: number): void {
    this.#quickRuns =
      durationMs < QUICK_MS || (this.isQuick() && durationMs < LIMITS.laneStatementMsMax / 2)
        ? this.#quickRuns + 1
        : 0;
  }
}

export interface Plan {
  readonly text: string;
  readonly query: PreparedQuery | PreparedCommand;
  readonly pace: Pace;
  /** Of its results as streams, where a large one is not quick, however fast it is. */
  readonly streamPace: Pace;
  readonly kind: QueryKind;
}

/** A command has nothing that is worth its being kept for, and takes next to nothing. */
const COMMAND_BYTES = 1_000;

const bytesOf = ({ query }: Plan): number => (query.kind === 'query' ? query.bytes : COMMAND_BYTES);

/**
 * By text. What was asked for last goes last: LIMITS.cypherPlansMax and cypherPlansBytesMax bound it, and a burst of
 * texts that nobody sends again does not push out those that come all the time.
 */
export class PlanCache {
  readonly #plans = new Map<string, Plan>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#plans.size;
  }

  get(text: string): Plan | undefined {
    const plan = this.#plans.get(text);
    // Moving it costs as much as looking it up, and only matters when others are about to go.
    if (plan !== undefined && this.#isCrowded()) {
      this.#plans.delete(text);
      this.#plans.set(text, plan);
    }
    return plan;
  }

  /** Unless it is longer than what is seldom sent twice. */
  keep(text: string, plan: Plan): void {
    const bytes = bytesOf(plan);
    if (text.length > LIMITS.cypherPlanCharactersMax || bytes > LIMITS.cypherPlansBytesMax / 8) return;
    for (const [oldest, old] of this.#plans) {
      if (this.#plans.size < LIMITS.cypherPlansMax && this.#bytes + bytes <= LIMITS.cypherPlansBytesMax)
        break;
      this.#plans.delete(oldest);
      this.#bytes -= bytesOf(old);
    }
    this.#plans.set(text, plan);
    this.#bytes += bytes;
  }

  #isCrowded(): boolean {
    return this.#plans.size > LIMITS.cypherPlansMax / 2 || this.#bytes > LIMITS.cypherPlansBytesMax / 2;
  }
}
