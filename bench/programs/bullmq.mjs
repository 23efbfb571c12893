// A peer of the queue scenarios: BullMQ, from peers/.
import { createRequire } from 'node:module';
import { answer } from './answer.mjs';

const { Queue, Worker } = createRequire(new URL('../peers/package.json', import.meta.url))('bullmq');

const NAME = 'bench';
const BULK = 500;
const OPTIONS = { removeOnComplete: true, removeOnFail: true };
let connection;
let queue;

answer({
  async open({ port }) {
    connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    queue = new Queue(NAME, { connection });
    await queue.waitUntilReady();
  },

  async fill({ count }) {
    const startedAt = performance.now();
    for (let at = 0; at < count; at += BULK) {
      const size = Math.min(BULK, count - at);
      await queue.addBulk(
        Array.from({ length: size }, (_, n) => ({ name: 'job', data: { n: at + n }, opts: OPTIONS })),
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
    const worker = new Worker(NAME, async () => null, { connection, concurrency: consumers });
    worker.on('completed', () => {
      if (++done === count) finished(performance.now());
    });
    const endedAt = await all;
    await worker.close();
    return { rate: (count * 1000) / (endedAt - startedAt) };
  },
});
