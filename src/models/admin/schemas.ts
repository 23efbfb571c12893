/** Shapes of the admin operations. Names follow the ThunderDB API reference, section Health & Operations Endpoints. */
import { z } from 'zod';

export const noInput = z.strictObject({});
export type NoInput = z.infer<typeof noInput>;

export const healthResult = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  clusterId: z.string(),
  uptimeSeconds: z.int(),
  nodeCount: z.int(),
  regionCount: z.int(),
  checks: z.record(z.string(), z.string()).describe('What was looked at: `ok`, or what is wrong'),
});
export type HealthResult = z.infer<typeof healthResult>;

export const liveResult = z.object({ alive: z.literal(true) });
export type LiveResult = z.infer<typeof liveResult>;

export const readyResult = z.object({
  ready: z.boolean(),
  raftState: z.enum(['leader', 'follower', 'unknown']),
  storageReady: z.boolean(),
  lastAppliedIndex: z
    .string()
    .regex(/^\d+$/)
    .optional()
    .describe('Position in the write-ahead log in bytes, as decimal digits: it may exceed 2^53'),
  reason: z.string().optional().describe('Why not, when `ready` is false'),
});
export type ReadyResult = z.infer<typeof readyResult>;

export const metricsResult = z.object({ text: z.string().describe('Prometheus text exposition') });
export type MetricsResult = z.infer<typeof metricsResult>;

export const configResult = z.object({
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .describe('By name; secrets are left out'),
});
export type ConfigResult = z.infer<typeof configResult>;

export const shutdownResult = z.object({ stopping: z.literal(true) });
export type ShutdownResult = z.infer<typeof shutdownResult>;
