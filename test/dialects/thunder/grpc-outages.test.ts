/** What watchers are told when PostgreSQL goes away and comes back, and when a replica connects and leaves. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { expect, it } from 'vitest';
import { grpcClient } from '../../support/grpc.ts';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer } from '../../support/server.ts';
import { superuserTarget } from '../../support/test-store.ts';

/** PostgreSQL starts again within seconds; a loaded machine takes longer. */
const BACK_MS_MAX = 30_000;
const LISTEN = { 'grpc-listen': '127.0.0.1:0' };

it('health and cluster say that PostgreSQL is away, and that it is back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'facet-outage-'));
  const store = pathToFileURL(join(directory, 'data')).href;
  const server = await startTestServer({ flags: { ...LISTEN, store } });
  const client = await grpcClient(server.running.grpcAddress ?? '');
  const states: string[] = [];
  const events: string[] = [];
  try {
    const health = client.open('grpc.health.v1.Health/Watch', { service: 'thunder.ThunderQuery' });
    health.on('data', ({ status }: Leaves) => states.push(status));
    health.on('error', () => {});
    const cluster = client.open('thunder.Cluster/WatchEvents', { event_types: ['health_change'] });
    cluster.on('data', ({ metadata }: Leaves) => events.push(metadata.status));
    cluster.on('error', () => {});
    await new Promise<void>((resolve) => cluster.once('metadata', () => resolve()));
    await expect.poll(() => states, { timeout: BACK_MS_MAX }).toEqual(['SERVING']);

    const timeout = BACK_MS_MAX;
    // The first deaths are over before anybody looks; the pauses before the next starts grow.
    let killed: number | undefined;
    for (let deaths = 0; deaths < 3; deaths++) {
      await expect.poll(() => server.store.facts.postmasterPid, { timeout }).not.toBe(killed);
      killed = server.store.facts.postmasterPid;
      process.kill(killed ?? 0, 'SIGKILL');
    }
    await expect.poll(() => states, { timeout }).toContain('NOT_SERVING');
    await expect.poll(() => states.at(-1), { timeout }).toBe('SERVING');
    await expect.poll(() => events.at(-1) ?? 'healthy', { timeout }).toBe('healthy');
    const answer = await client.call('thunder.ThunderQuery/Execute', { sql: 'SELECT 1' });
    expect(answer.row_count).toBe('1');
    health.cancel();
    cluster.cancel();
  } finally {
    client.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

it('a replica that connects has joined, and has left when it is gone', async () => {
  const server = await startTestServer({ flags: LISTEN });
  const client = await grpcClient(server.running.grpcAddress ?? '');
  const events: string[] = [];
  try {
    const stream = client.open('thunder.Cluster/WatchEvents', { event_types: ['node_join', 'node_leave'] });
    stream.on('data', ({ event_type }: Leaves) => events.push(event_type));
    stream.on('error', () => {});
    await new Promise<void>((resolve) => stream.once('metadata', () => resolve()));

    const [{ host, port }] = superuserTarget().hosts;
    const settings = { host, port, user: 'postgres', application_name: 'a-replica', replication: 'true' };
    const replica = new pg.Client(settings as pg.ClientConfig);
    await replica.connect();
    await expect.poll(() => events, { timeout: BACK_MS_MAX }).toEqual(['node_join']);
    const { nodes } = await client.call('thunder.Cluster/GetNodes');
    expect(nodes).toMatchObject([{ role: 'leader' }, { role: 'follower' }]);
    await replica.end();
    await expect.poll(() => events, { timeout: BACK_MS_MAX }).toEqual(['node_join', 'node_leave']);
    stream.cancel();
  } finally {
    client.close();
    await server.stop();
  }
});
