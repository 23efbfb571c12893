/** Shapes of the cluster operations. Names follow the ThunderDB API reference, section Cluster Management Endpoints. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import { feedSchema, type Sized } from '../feed.ts';
import { pageInput, pagination } from '../pagination.ts';

const status = z.enum(['healthy', 'suspect', 'down']);

export const node = z.object({
  id: z.string(),
  address: z.string().describe('host:port; empty for a replica that connects over a local socket'),
  role: z.enum(['leader', 'follower']),
  region: z.string(),
  status,
  raftTerm: z.int().describe("PostgreSQL's timeline: it rises with every promotion"),
  lastHeartbeat: z.string().nullable().describe('RFC 3339, UTC'),
  storageUsedBytes: z.int().describe('Sum of the database sizes'),
  storageTotalBytes: z
    .int()
    .describe('Size of the file system of the data directory; 0 when it is not local'),
});
export type Node = z.infer<typeof node>;

export const nodesInput = z.strictObject({ region: z.string().optional(), ...pageInput });
export type NodesInput = z.infer<typeof nodesInput>;
export const nodesResult = z.object({ nodes: z.array(node), pagination });
export type NodesResult = z.infer<typeof nodesResult>;

export const regionsInput = z.strictObject({});
export type RegionsInput = z.infer<typeof regionsInput>;
export const regionsResult = z.object({
  regions: z.array(
    z.object({
      name: z.string(),
      nodeCount: z.int(),
      leaderCount: z.int(),
      totalStorageBytes: z.int(),
      usedStorageBytes: z.int(),
      status,
    }),
  ),
});
export type RegionsResult = z.infer<typeof regionsResult>;

/** Any plan has fewer moves: a server holds one copy of everything. */
const MOVES_MAX = 1_000;

export const rebalanceInput = z.strictObject({
  strategy: z.enum(['even_distribution', 'minimize_moves', 'region_aware']).optional(),
  maxConcurrentMoves: z.int().min(1).max(MOVES_MAX).optional().describe('2 when absent'),
  dryRun: z.boolean().optional(),
});
export type RebalanceInput = z.infer<typeof rebalanceInput>;
export const rebalanceResult = z.object({
  dryRun: z.boolean(),
  moves: z
    .array(
      z.object({
        shard: z.string(),
        fromNode: z.string(),
        toNode: z.string(),
        estimatedSizeBytes: z.int(),
        estimatedDurationSeconds: z.int(),
      }),
    )
    .describe('Always empty: one PostgreSQL holds all the data, so there is nothing to move'),
  totalMoves: z.int(),
  estimatedTotalDurationSeconds: z.int(),
});
export type RebalanceResult = z.infer<typeof rebalanceResult>;

const logPosition = z.string().regex(/^\d+$/).describe('Bytes of the write-ahead log, as decimal digits');

export const noInput = z.strictObject({});
export const replicationResult = z.object({
  role: z.enum(['master', 'replica']),
  offset: logPosition,
  replicas: z.array(
    z.object({
      id: z.string(),
      status: z.string().describe("PostgreSQL's word: streaming, catchup and so on"),
      offset: logPosition,
      lagBytes: logPosition,
      lagMs: z.int(),
      connectedAt: z.string().describe('RFC 3339, UTC'),
    }),
  ),
});
export type ReplicationResult = z.infer<typeof replicationResult>;
export const promoteInput = z.strictObject({ force: z.boolean().optional() });
export type PromoteInput = z.infer<typeof promoteInput>;
export type ResyncInput = z.infer<typeof noInput>;

export const awaitPositionInput = z.strictObject({
  position: z
    .string()
    .describe(
      "A position in PostgreSQL's log, as a commit tells it: hexadecimal digits, a slash, and such again",
    ),
  timeoutMs: z
    .int()
    .min(0)
    .max(LIMITS.positionWaitMsMax)
    .optional()
    .describe(`${LIMITS.positionWaitMsDefault} when absent`),
});
export type AwaitPositionInput = z.infer<typeof awaitPositionInput>;
export const awaitPositionResult = z.object({
  position: z.string().describe('What was asked for: this server has it and all before it'),
});
export type AwaitPositionResult = z.infer<typeof awaitPositionResult>;

const nodeName = z.string().min(1);
export const proposeInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('add_node'),
    nodeId: nodeName,
    address: z.string().min(1),
    region: z.string().optional(),
    asLearner: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('remove_node'), nodeId: nodeName, force: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('transfer_leader'), targetNodeId: nodeName }),
]);
export type ProposeInput = z.infer<typeof proposeInput>;
export const proposeResult = z.object({
  accepted: z.literal(false).describe('One PostgreSQL takes writes: there is nothing to agree on'),
  proposalId: z.string().describe('Empty, for nothing was proposed to anybody'),
  message: z.string().describe('What to do instead'),
});
export type ProposeResult = z.infer<typeof proposeResult>;

/** Those of the ThunderDB API reference, and `health_change`. Nothing is ever rebalanced. */
export const CLUSTER_EVENTS = [
  'leader_change',
  'node_join',
  'node_leave',
  'rebalance',
  'health_change',
] as const;
export type ClusterEventType = (typeof CLUSTER_EVENTS)[number];
export const watchInput = z.strictObject({
  eventTypes: z
    .array(z.string())
    .optional()
    .describe(`Some of ${CLUSTER_EVENTS.join(', ')}; all when absent or empty`),
});
export type WatchInput = z.infer<typeof watchInput>;

export interface ClusterEvent extends Sized {
  readonly eventType: ClusterEventType;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly metadata: Readonly<Record<string, string>>;
}
export const watchResult = z.object({ feed: feedSchema<ClusterEvent>() });
export type WatchResult = z.infer<typeof watchResult>;
