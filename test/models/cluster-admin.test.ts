/** What the server says about itself, on a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  adminHealth,
  adminLive,
  adminMetrics,
  adminReady,
  clusterNodes,
  clusterRebalance,
  clusterRegions,
  OPERATIONS,
} from '../../src/models/index.ts';
import { type Model, openEmbeddedModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openEmbeddedModel();
});
afterAll(() => model.stop());

test('one honest node', async () => {
  const { nodes, pagination } = await model.call(clusterNodes, {});
  expect(nodes).toEqual([
    {
      id: 'node-1',
      address: '127.0.0.1:8088',
      role: 'leader',
      region: 'local',
      status: 'healthy',
      raftTerm: 1,
      lastHeartbeat: expect.stringMatching(/Z$/),
      storageUsedBytes: expect.any(Number),
      storageTotalBytes: expect.any(Number),
    },
  ]);
  expect(nodes[0]?.storageUsedBytes).toBeGreaterThan(1_000_000);
  expect(nodes[0]?.storageTotalBytes).toBeGreaterThan(nodes[0]?.storageUsedBytes ?? 0);
  expect(pagination.total).toBe(1);
  expect((await model.call(clusterNodes, { region: 'elsewhere' })).nodes).toEqual([]);
  expect((await model.fault(clusterNodes, { cursor: 'x' })).code).toBe('INVALID_CURSOR');
});

test('its region', async () => {
  const { regions } = await model.call(clusterRegions, {});
  expect(regions).toEqual([
    {
      name: 'local',
      nodeCount: 1,
      leaderCount: 1,
      totalStorageBytes: expect.any(Number),
      usedStorageBytes: expect.any(Number),
      status: 'healthy',
    },
  ]);
});

test('there is nothing to move', async () => {
  expect(clusterRebalance.access).toBe('admin');
  for (const strategy of ['even_distribution', 'minimize_moves', 'region_aware']) {
    expect(await model.call(clusterRebalance, { strategy, maxConcurrentMoves: 4, dryRun: true })).toEqual({
      dryRun: true,
      moves: [],
      totalMoves: 0,
      estimatedTotalDurationSeconds: 0,
    });
  }
  expect((await model.call(clusterRebalance, {})).dryRun).toBe(false);
  expect(clusterRebalance.input.safeParse({ strategy: 'random' }).success).toBe(false);
  expect(clusterRebalance.input.safeParse({ maxConcurrentMoves: 0 }).success).toBe(false);
});

test('health, readiness, liveness, metrics', async () => {
  expect(await model.call(adminHealth, {})).toMatchObject({
    status: expect.stringMatching(/^(healthy|degraded)$/),
    clusterId: 'facet-test',
    nodeCount: 1,
    regionCount: 1,
    checks: { postgres: 'ok', connections: 'ok', accepting: 'ok' },
  });
  const ready = await model.call(adminReady, {});
  expect(ready).toMatchObject({ ready: true, raftState: 'leader', storageReady: true });
  expect(BigInt(ready.lastAppliedIndex ?? 0)).toBeGreaterThan(0n);
  expect(await model.call(adminLive, {})).toEqual({ alive: true });
  expect(await model.call(adminMetrics, {})).toEqual({ text: '# metrics' });
});

test('a server that stops is not ready', async () => {
  expect(await model.call(adminReady, {}, { accepting: false })).toMatchObject({
    ready: false,
    storageReady: true,
    reason: 'The server is stopping',
  });
  expect(await model.call(adminHealth, {}, { accepting: false })).toMatchObject({ status: 'degraded' });
});

test('without PostgreSQL the process lives, and says that it is not ready', async () => {
  const other = await openEmbeddedModel();
  await other.stop();
  expect(await other.call(adminLive, {})).toEqual({ alive: true });
  const ready = await other.call(adminReady, {});
  expect(ready).toMatchObject({ ready: false, storageReady: false });
  expect(ready.reason).not.toBe('');
  expect(await other.call(adminHealth, {})).toMatchObject({ status: 'unhealthy' });
});

test('what needs no credentials and what needs an administrator is a short list', () => {
  const names = (wanted: string): string[] =>
    OPERATIONS.filter(({ access }) => access === wanted).map(({ name }) => name);
  expect(names('public')).toEqual(['graph.status', 'admin.health', 'admin.live', 'admin.ready']);
  expect(names('admin')).toEqual([
    'journal.enable',
    'journal.disable',
    'journal.verify',
    'journal.export',
    'journal.prune',
    'snapshot.create',
    'snapshot.list',
    'snapshot.read',
    'kv.flushdb',
    'changes.replicate',
    'changes.list_slots',
    'changes.drop_slot',
    'cluster.rebalance',
    'cluster.propose',
    'replication.promote',
    'replication.resync',
    'admin.config',
    'admin.shutdown',
    'vault.audit',
    'vault.reseal',
    'checkpoint.delete',
    'checkpoint.rollback',
  ]);
});

test('operations have names of their own, a noun and a verb', () => {
  const names = OPERATIONS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z]+(_[a-z]+)*\.[a-z0-9]+(_[a-z0-9]+)*$/.test(name))).toEqual([]);
});
