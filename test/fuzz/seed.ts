/**
 * How long and from which seed the fuzzers run. `FACET_FUZZ_RUNS` makes them longer (the default fits into
 * `npm test`), `FACET_FUZZ_SEED` repeats a run; a failure prints the seed and the smallest input that shows it.
 */
import fc from 'fast-check';

const RUNS_DEFAULT = 300;

export const RUNS = Number(process.env.FACET_FUZZ_RUNS ?? RUNS_DEFAULT);

/** For fuzzers of protocols, which are to run the same each time unless somebody says otherwise. */
export const SEED = Number(process.env.FACET_FUZZ_SEED ?? 1);

export function configureFuzz(): void {
  const seed = process.env.FACET_FUZZ_SEED;
  fc.configureGlobal({ numRuns: RUNS, ...(seed === undefined ? {} : { seed: Number(seed) }) });
}
