/** The shape of a quota, months, ids, and which operations grow: without a database. */
import { describe, expect, it } from 'vitest';
import { PLANS, type Plan } from '../../base/index.ts';
import { grows } from './growth.ts';
import { monthOf } from './month.ts';
import { quotaOf } from './quota.ts';
import { quotaResult } from './schemas.ts';
import { userIdOf } from './user-id.ts';

const [free, , enterprise] = PLANS as readonly [Plan, Plan, Plan];
const RESET_AT_MS = Date.UTC(2025, 1, 1);

describe('a quota', () => {
  it('is that of the reference for the Free plan', () => {
    const used = {
      storageBytes: 52_428_800,
      operations: 45_000,
      operationsResetAtMs: RESET_AT_MS,
      connections: 3,
    };
    const quota = quotaOf(free, used, userIdOf('ann'));
    expect(quotaResult.parse(quota)).toEqual(quota);
    expect(quota).toMatchObject({
      plan: 'Free',
      quotas: {
        storage: { limit: 104_857_600, used: 52_428_800, available: 52_428_800, percentage: 50 },
        operations: {
          limit: 100_000,
          used: 45_000,
          available: 55_000,
          percentage: 45,
          resetsAt: '2025-02-01T00:00:00Z',
        },
        connections: { limit: 10, active: 3, available: 7, percentage: 30 },
      },
      restrictions: { maxTtlSeconds: 86_400, maxPayloadBytes: 1_048_576, maxBatchSize: 100 },
    });
  });

  it('has no limit of operations in the Enterprise plan', () => {
    const used = {
      storageBytes: 549_755_813_888,
      operations: 50_000_000,
      operationsResetAtMs: RESET_AT_MS,
      connections: 250,
    };
    expect(quotaOf(enterprise, used, userIdOf('ann')).quotas).toEqual({
      storage: {
        limit: 1_099_511_627_776,
        used: 549_755_813_888,
        available: 549_755_813_888,
        percentage: 50,
      },
      operations: { limit: null, used: 50_000_000, available: null, percentage: 0, resetsAt: null },
      connections: { limit: 1_000, active: 250, available: 750, percentage: 25 },
    });
  });

  it('shows one digit behind the point, and nothing beyond all of it', () => {
    const used = { storageBytes: 34_567, operations: 0, operationsResetAtMs: RESET_AT_MS, connections: 20 };
    const { storage, connections } = quotaOf({ ...free, storageBytesMax: 100_000 }, used, '').quotas;
    expect(storage.percentage).toBe(34.6);
    expect(connections).toMatchObject({ active: 20, available: 0, percentage: 100 });
  });
});

describe('a month', () => {
  it.each([
    [Date.UTC(2026, 0, 31, 23, 59, 59, 999), '2026-01-01', Date.UTC(2026, 1, 1)],
    [Date.UTC(2026, 1, 1), '2026-02-01', Date.UTC(2026, 2, 1)],
    [Date.UTC(2026, 11, 31, 12), '2026-12-01', Date.UTC(2027, 0, 1)],
    [Date.UTC(2028, 1, 29), '2028-02-01', Date.UTC(2028, 2, 1)],
  ])('%i', (nowMs, firstDay, endsAtMs) => {
    expect(monthOf(nowMs)).toEqual({ firstDay, endsAtMs });
  });
});

describe('an id', () => {
  it('is a UUID of version 5, the same for one name', () => {
    expect(userIdOf('ann')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(userIdOf('ann')).toBe(userIdOf('ann'));
    expect(userIdOf('bob')).not.toBe(userIdOf('ann'));
  });
});

describe('operations that grow', () => {
  it.each([
    ['kv.set', 'write', true],
    ['kv.del', 'write', false],
    ['kv.get', 'read', false],
    ['queue.publish', 'write', true],
    ['queue.ack', 'write', false],
    ['sql.create_table', 'write', true],
    ['sql.drop_table', 'write', false],
    ['sql.query', 'read', false],
  ] as const)('%s', (name, access, expected) => {
    expect(grows({ name, access })).toBe(expected);
  });
});
