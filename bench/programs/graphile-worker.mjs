// A peer of the queue scenarios: graphile-worker with its local queue, from peers/. Completed jobs are written together,
// as its guide to performance says.
import { createRequire } from 'node:module';
import { answer } from './answer.mjs';

const require = createRequire(new URL('../peers/package.json', import.meta.url));
const { Logger, makeWorkerUtils, run } = require('graphile-worker');

const BULK = 500;
const SILENT = new Logger(() => () => {});
let connectionString;
let utils;

answer({
  async open({ uri }) {
    connectionString = uri;
    utils = await makeWorkerUtils({ connectionString, logger: SILENT });
    await utils.migrate();
  },

  async fill({ count }) {
    const startedAt = performance.now();
    for (let at = 0; at < count; at += BULK) {
      const size = Math.min(BULK, count - at);
      await utils.addJobs(
        Array.from({ length: size }, (_, n) => ({ identifier: 'job', payload: { n: at + n } })),
      );
    }
    return { rate: (count * 1000) / (performance.now() - startedAt) };
  },

  async drain({ count, consumers }) {
    let done = 0;
    let finished;
    const all = new Promise((resolve) => {
      finished = resolve;
    });
    const startedAt = performance.now();
    const runner = await run({
      preset: {
        worker: {
          connectionString,
          concurrentJobs: consumers,
          maxPoolSize: 16,
          localQueue: { size: BULK },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
          pollInterval: 1000,
        },
      },
      logger: SILENT,
      noHandleSignals: true,
      taskList: {
        job: () => {
          if (++done === count) finished(performance.now());
        },
      },
    });
    await all;
    // Done when it is written down, not when the last one has run.
    await runner.stop();
    return { rate: (count * 1000) / (performance.now() - startedAt) };
  },
});
