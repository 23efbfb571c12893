/** SIGTERM while Neumann clients stream and upload: what is nearly done ends well, the rest with UNAVAILABLE, within the bound. */
import { status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { BLOB, failureOf, HEALTH, QUERY } from '../dialects/neumann/service-client.ts';
import { type FacetServer, startFacet } from '../support/facet-process.ts';
import { type GrpcClient, grpcClient } from '../support/grpc.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(drain: string): Promise<{ server: FacetServer; client: GrpcClient }> {
  const server = await startFacet(['--neumann-bind-addr', '127.0.0.1:0', '--drain-ms', drain]);
  cleanups.push(() => server.stop());
  const address = /Neumann (127\.0\.0\.1:\d+)/.exec(server.log())?.[1] ?? '';
  const client = await grpcClient(address);
  cleanups.push(() => client.close());
  return { server, client };
}

const stopping = (server: FacetServer) =>
  expect.poll(() => server.log(), { timeout: 10_000 }).toContain('stopping: received SIGTERM');

/** Half a second for each row, of which none waits for another. */
const slowly = (rows: number) => ({
  query: `SELECT n, pg_sleep(0.5) FROM generate_series(1, ${rows}) n`,
});

test('a stream and an upload that end within the time are answered', async () => {
  const { server, client } = await started('20s');
  const stream = client.collect(`${QUERY}/ExecuteStream`, slowly(4));
  const { stream: sending, answer } = client.openSend(`${BLOB}/Upload`);
  sending.write({ metadata: { filename: 'late' } });
  sending.write({ chunk: Buffer.alloc(1_000) });
  await new Promise((resolve) => setTimeout(resolve, 500));

  server.kill('SIGTERM');
  await stopping(server);
  expect(await client.call(HEALTH)).toEqual({ status: 'NOT_SERVING' });
  expect(await failureOf(client.call(`${QUERY}/Execute`, { query: 'SELECT 1' }))).toEqual([
    status.UNAVAILABLE,
    expect.stringContaining('stopping'),
  ]);
  sending.write({ chunk: Buffer.alloc(1_000) });
  sending.end();
  expect((await answer).size).toBe('2000');
  const chunks = await stream;
  expect([chunks.length, chunks.at(-1)?.is_final]).toEqual([5, true]);
  expect(await server.exited).toBe(0);
});

test('what is under way when the time is over ends with UNAVAILABLE', async () => {
  const { server, client } = await started('300ms');
  const endless = client.collect(`${QUERY}/ExecuteStream`, slowly(1_000));
  const query = client.call(`${QUERY}/Execute`, { query: 'SELECT pg_sleep(600)' });
  const { stream: sending, answer } = client.openSend(`${BLOB}/Upload`);
  sending.write({ metadata: { filename: 'endless' } });
  sending.write({ chunk: Buffer.alloc(1_000) });
  sending.on('error', () => {});
  const ends = Promise.all([failureOf(endless), failureOf(query), failureOf(answer)]);
  await new Promise((resolve) => setTimeout(resolve, 500));

  server.kill('SIGTERM');
  for (const [code] of await ends) expect(code).toBe(status.UNAVAILABLE);
  expect(await server.exited).toBe(0);
  expect(server.log()).toContain('requests were still under way and are cancelled');
  expect(server.log()).not.toContain('"level":"error"');
});
