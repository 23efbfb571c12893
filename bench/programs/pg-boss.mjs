// A peer of the queue scenarios: pg-boss, from peers/, with consumers that fetch one job each time.
import { createRequire } from 'node:module';
import { answer } from './answer.mjs';

const PgBoss = createRequire(new URL('../peers/package.json', import.meta.url))('pg-boss');

const NAME = 'bench';
const BULK = 500;
let boss;

answer({
  async open({ uri }) {
    boss = new PgBoss({ connectionString: uri, max: 16, supervise: false, schedule: false });
    await boss.start();
    await boss.createQueue(NAME);
  },

  async fill({ count }) {
    const startedAt = performance.now();
    for (let at = 0; at < count; at += BULK) {
      const size = Math.min(BULK, count - at);
      await boss.insert(Array.from({ length: size }, (_, n) => ({ name: NAME, data: { n: at + n } })));
    }
    return { rate: (count * 1000) / (performance.now() - startedAt) };
  },

  async drain({ count, consumers }) {
    let done = 0;
    const startedAt = performance.now();
    const consumer = async () => {
      while (done < count) {
        const [job] = await boss.fetch(NAME, { batchSize: 1 });
        if (job === undefined) continue;
        await boss.complete(NAME, job.id);
        done++;
      }
    };
    await Promise.all(Array.from({ length: consumers }, consumer));
    return { rate: (count * 1000) / (performance.now() - startedAt) };
  },
});
