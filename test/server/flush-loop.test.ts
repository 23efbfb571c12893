/** The option flush-interval: graphs that changed are flushed by themselves, once for each change. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';

it('flushes what changed', async () => {
  const flags = { store: 'memory://flush-loop', 'flush-interval': '20ms' };
  const server = await startTestServer({ flags });
  try {
    const versionOf = async (): Promise<number> => (await server.get('/v0/health')).json.manifest_version;
    expect((await server.post('/v0/cypher', { query: 'CREATE (:A)' })).status).toBe(200);
    // A claim, a write and a flush.
    while ((await versionOf()) < 3) await sleep(10);
    await sleep(100);
    expect(await versionOf()).toBe(3);
  } finally {
    await server.stop();
  }
});
