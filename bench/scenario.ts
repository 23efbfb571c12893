/** What a scenario is: a question, two sides that answer it by turns, and how their answers are compared. */
import type { BenchPostgres } from './postgres.ts';

/** One measured round of one side. More numbers may be reported beside the one that is compared. */
export interface Round {
  /** What the ratio is made of; more is better. */
  readonly rate: number;
  readonly details?: Readonly<Record<string, number>>;
}

export interface Side {
  readonly name: string;
  /** Runs for about this long and tells how it went. Called by turns with the other side, never at once. */
  readonly round: (ms: number) => Promise<Round>;
}

/** Sizes of a run. A smoke run proves that the programs work; its numbers mean nothing. */
export interface Size {
  readonly smoke: boolean;
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** How long a scenario that is about time goes on; see `--seconds`. */
  readonly soakSeconds: number;
}

export interface Prepared {
  readonly ours: Side;
  /** Absent: ours is compared with a limit, which is `target` in the unit of `rate`. */
  readonly peer?: Side;
  /** Numbers that are known only at the end, such as the peak of memory. */
  readonly finish?: () => Promise<Readonly<Record<string, number>>>;
}

export interface Scenario {
  readonly name: string;
  /** One sentence: what is measured against what. */
  readonly question: string;
  readonly unit: string;
  /** With a peer: the least ratio, ours to peer. Without: the most that `rate` may be, as it is a time. */
  readonly target: number;
  /** `target` is the least that our own `rate` may be, whether or not a peer stands beside it. */
  readonly rateAtLeast?: true;
  /** One round without a warm-up: it decides by itself how long it takes. */
  readonly once?: true;
  /** Runs only when it is named. */
  readonly onlyNamed?: true;
  /** Further bounds, by the name of a detail or of a number from `finish`: at most this. */
  readonly bounds?: Readonly<Record<string, number>>;
  /** Why it cannot run here; undefined if it can. */
  readonly leftOut?: () => string | undefined;
  readonly prepare: (surroundings: Surroundings) => Promise<Prepared>;
}

export interface Surroundings {
  readonly size: Size;
  /** The PostgreSQL that both sides use; started when it is first asked for. */
  readonly postgres: () => Promise<BenchPostgres>;
  /** Runs at the end of the scenario, last added first. */
  readonly defer: (cleanup: () => Promise<void>) => void;
  /** A directory that is deleted at the end of the run. */
  readonly scratch: string;
}
