/** Test projects, one per stage of `npm test`: each is a part of the tree with its own patience and parallelism. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongFilesFirst } from './test/support/long-files-first.ts';

interface Project {
  readonly name: string;
  readonly include: readonly string[];
  /**
   * Files of one worker share the modules that they import, which takes longer than many a test. Not for files that
   * change a module, or take their tests from another file.
   */
  readonly sharesModules: boolean;
  readonly testMsMax: number;
  /** Starts the PostgreSQL that all files of the project share, each in a database of its own. */
  readonly needsPostgres: boolean;
}

const project = (
  name: string,
  include: readonly string[],
  testMsMax: number,
  options: { sharesModules?: boolean; needsPostgres?: boolean } = {},
): Project => ({
  name,
  include,
  testMsMax,
  sharesModules: options.sharesModules ?? true,
  needsPostgres: options.needsPostgres ?? false,
});

const PROJECTS: readonly Project[] = [
  project('tidy', ['test/tidy/**/*.test.ts'], 20_000),
  project('unit', ['src/**/*.test.ts', 'test/tck/*.test.ts'], 10_000),
  project('language', ['test/language/**/*.test.ts'], 20_000, { needsPostgres: true }),
  project('tck', ['test/tck/kit/**/*.test.ts'], 60_000),
  project('engine', ['test/engine/**/*.test.ts'], 60_000, { needsPostgres: true, sharesModules: false }),
  project('models', ['test/models/**/*.test.ts'], 60_000, { needsPostgres: true }),
  project('dialects', ['test/dialects/**/*.test.ts'], 60_000, { needsPostgres: true }),
  project('server', ['test/server/**/*.test.ts'], 60_000, { needsPostgres: true }),
  project('process', ['test/process/**/*.test.ts'], 120_000),
  project('faults', ['test/faults/**/*.test.ts'], 600_000),
  project('fuzz', ['test/fuzz/**/*.test.ts'], 60_000, { needsPostgres: true }),
];

/**
 * graphql has one build for `import` of bundlers and one for Node.js, and refuses objects of the other. What runs in the
 * server is the one of Node.js, which packages of node_modules get here, too.
 */
const GRAPHQL = { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') };

const GLOBAL_SETUP = 'test/support/global-setup.ts';

export default defineConfig({
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    sequence: { sequencer: LongFilesFirst },
    // On two cores one is not left idle: much of the time is waiting for PostgreSQL.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: PROJECTS.map(({ name, include, sharesModules, testMsMax, needsPostgres }) => ({
      resolve: { alias: [GRAPHQL] },
      test: {
        name,
        include: [...include],
        pool: 'forks' as const,
        isolate: !sharesModules,
        testTimeout: testMsMax,
        hookTimeout: 60_000,
        ...(needsPostgres && existsSync(GLOBAL_SETUP) ? { globalSetup: [GLOBAL_SETUP] } : {}),
      },
    })),
  },
});
